import {X509Certificate} from 'node:crypto';
import {isIPv6} from 'node:net';
import {sha256Hex} from '../base/sha256-hex.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** What others may know of a certificate. */
export interface Certificate {
  /** SHA-256 over its public key (SPKI), hex: what pins an authority. */
  readonly public_key_sha256: string;
  /** Names and addresses that it is for. */
  readonly names: readonly string[];
  /** UTC, `2027-01-31T00:00:00.000Z`. */
  readonly not_after: string;
  /** The certificate itself, without what stands around it. */
  readonly pem: string;
}

/** A certificate is far smaller; what is larger is none. */
const LIMIT = 64 * 1024;

const kind: FactKind<Certificate> = {
  name: 'certificate',
  summary:
    'The first certificate of a PEM file: `public_key_sha256`, `names`, `not_after`, `pem`. Private keys stay where they are.',
  // Only what stands between the marks leaves the host: the file may hold a private key as well.
  program: (paths) => sh`certificate() {
  if [ ! -e "$1" ]; then printf 'absent\\0'
  elif [ ! -f "$1" ] || [ ! -r "$1" ]; then printf 'hidden\\0'
  else
    printf '='
    sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' <"$1" | head -c ${LIMIT}
    printf '\\0'
  fi
}
${lines(paths.map((path) => sh`certificate ${path}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record = ''): Answer<Certificate> {
  if (record === 'absent') return ABSENT;
  if (!record.startsWith('=')) return unknown('no permission');
  const [pem] = /^-----BEGIN.*?^-----END CERTIFICATE-----$/ms.exec(record.slice(1)) ?? [];
  return pem === undefined ? unknown('there is no certificate in it') : read(pem);
}

function read(pem: string): Answer<Certificate> {
  try {
    const certificate = new X509Certificate(pem);
    const key = certificate.publicKey.export({type: 'spki', format: 'der'});
    return known({
      public_key_sha256: sha256Hex(key),
      names: namesIn(certificate.subjectAltName ?? ''),
      not_after: new Date(certificate.validTo).toISOString(),
      pem: `${pem}\n`,
    });
  } catch {
    return unknown('its certificate cannot be read');
  }
}

/** `DNS:localhost, IP Address:127.0.0.1`, as Node writes it. */
export const namesIn = (text: string): readonly string[] =>
  text.split(', ').flatMap((name) => {
    const [, found] = /^(?:DNS|IP Address):(.+)$/.exec(name) ?? [];
    return found === undefined ? [] : oneWay(found);
  });

/** An address of version 6 can be written in many ways; names have no case. */
export const oneWay = (name: string): string =>
  isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();

/** The first certificate in a file. */
export const certificate = (path: string): FactQuery<Certificate> => ({
  kind,
  key: path,
  subject: `path:${path}`,
});
