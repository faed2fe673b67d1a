import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

const kind: FactKind<'near' | 'far'> = {
  name: 'certificate_end',
  summary:
    'Whether a certificate ends within so many seconds by the clock of the host: `near`, else `far`. Key: `SECONDS PATH`. Needs openssl.',
  program: (keys) => sh`certificate_end() {
  if [ ! -e "$2" ]; then printf 'absent\\0'
  elif ! command -v openssl >/dev/null; then printf 'no openssl\\0'
  elif ! openssl x509 -in "$2" -noout >/dev/null 2>&1; then printf 'no certificate\\0'
  elif openssl x509 -in "$2" -noout -checkend "$1" >/dev/null 2>&1; then printf 'far\\0'
  else printf 'near\\0'
  fi
}
${lines(keys.map((key) => sh`certificate_end ${secondsOf(key)} ${pathOf(key)}`))}`,
  parse: oneEach(answerOf),
};

const secondsOf = (key: string): string => key.slice(0, key.indexOf(' '));
const pathOf = (key: string): string => key.slice(key.indexOf(' ') + 1);

const REASONS: Readonly<Record<string, string>> = {
  'no openssl': 'the host has no openssl',
  'no certificate': 'there is no certificate in it that can be read',
};

function answerOf(record = ''): Answer<'near' | 'far'> {
  if (record === 'near' || record === 'far') return known(record);
  return record === 'absent' ? ABSENT : unknown(REASONS[record] ?? 'no answer');
}

/** `SECONDS PATH`, as a check writes it. */
export const certificateEndOf = (key: string): FactQuery<'near' | 'far'> => ({
  kind,
  key,
  subject: `path:${pathOf(key)}`,
});

/** Whether the certificate at a path ends within so many seconds. */
export const certificateEnd = (path: string, seconds: number): FactQuery<'near' | 'far'> =>
  certificateEndOf(`${seconds} ${path}`);
