import {Secret} from '../base/secret.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** A key is far smaller. */
const LIMIT = 64 * 1024;

const kind: FactKind<Secret> = {
  name: 'secret_file',
  summary:
    'The text of a file that holds a secret, up to 64 KiB: one host gives it to others, and nobody is shown it.',
  program: (paths) => sh`secret_file() {
  if [ ! -e "$1" ]; then printf 'absent\\0'
  elif [ ! -f "$1" ] || [ ! -r "$1" ]; then printf 'hidden\\0'
  elif [ "$(wc -c <"$1")" -gt ${LIMIT} ]; then printf 'large\\0'
  else printf '='; base64 <"$1" | tr -d '\\n'; printf '\\0'
  fi
}
${lines(paths.map((path) => sh`secret_file ${path}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record = ''): Answer<Secret> {
  if (record.startsWith('=')) return known(new Secret(Buffer.from(record.slice(1), 'base64').toString()));
  if (record === 'absent') return ABSENT;
  return unknown(record === 'large' ? 'larger than 64 KiB' : 'no permission');
}

/** The text of a file, as a secret. Asked only of what others are to be given. */
export const secretFile = (path: string): FactQuery<Secret> => ({kind, key: path, subject: `path:${path}`});
