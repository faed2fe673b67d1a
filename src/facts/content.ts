import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** More than that nobody reads in a diff. */
const LIMIT = 64 * 1024;

const kind: FactKind<string> = {
  name: 'content',
  summary: 'The text of a file, up to 64 KiB.',
  program: (paths) => sh`content() {
  if [ ! -f "$1" ]; then printf 'absent\\0'
  elif [ ! -r "$1" ]; then printf 'hidden\\0'
  elif [ "$(stat -L -c %s -- "$1")" -gt ${LIMIT} ]; then printf 'large\\0'
  else printf '='; base64 <"$1" | tr -d '\\n'; printf '\\0'
  fi
}
${lines(paths.map((path) => sh`content ${path}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record = ''): Answer<string> {
  if (record.startsWith('=')) return textOf(Buffer.from(record.slice(1), 'base64'));
  if (record === 'absent') return ABSENT;
  return unknown(record === 'large' ? 'larger than 64 KiB' : 'no permission');
}

function textOf(bytes: Uint8Array): Answer<string> {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    return text.includes('\0') ? unknown('not text') : known(text);
  } catch {
    return unknown('not text');
  }
}

/** The text of a file. Never asked of files that hold secrets. */
export const content = (path: string): FactQuery<string> => ({kind, key: path, subject: `path:${path}`});
