import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** What others may know of a private key. */
export interface PrivateKey {
  /** SHA-256 over its public half (SPKI), hex: that of the certificates which belong to it. */
  readonly public_key_sha256: string;
}

const kind: FactKind<PrivateKey> = {
  name: 'private_key',
  summary:
    'A private key (PEM, not encrypted): `public_key_sha256`, by which its certificate is known. Needs openssl.',
  program: (paths) => sh`private_key() {
  if [ ! -e "$1" ]; then printf 'absent\\0'
  elif [ ! -f "$1" ] || [ ! -r "$1" ]; then printf 'hidden\\0'
  elif ! command -v openssl >/dev/null; then printf 'no openssl\\0'
  elif ! openssl pkey -in "$1" -passin pass: -noout >/dev/null 2>&1; then printf 'no key\\0'
  else
    digest=$(openssl pkey -in "$1" -passin pass: -pubout -outform DER 2>/dev/null | sha256sum)
    printf '=%s\\0' "\${digest%% *}"
  fi
}
${lines(paths.map((path) => sh`private_key ${path}`))}`,
  parse: oneEach(answerOf),
};

const REASONS: Readonly<Record<string, string>> = {
  hidden: 'no permission',
  'no openssl': 'the host has no openssl',
  'no key': 'there is no key in it that can be read',
};

function answerOf(record = ''): Answer<PrivateKey> {
  if (record.startsWith('=')) return known({public_key_sha256: record.slice(1)});
  return record === 'absent' ? ABSENT : unknown(REASONS[record] ?? 'no answer');
}

/** The private key in a file. It stays where it is. */
export const privateKey = (path: string): FactQuery<PrivateKey> => ({
  kind,
  key: path,
  subject: `path:${path}`,
});
