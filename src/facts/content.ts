import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {chunksOf} from './look.ts';
import {oneEach} from './records.ts';

/** In blocks of 512 bytes, as find counts: more than 64 KiB nobody reads in a diff. */
const MOST_BLOCKS = 128;

const kind: FactKind<string> = {
  name: 'content',
  summary: 'The text of a file, up to 64 KiB.',
  program: (paths) => sh`contents() {
  large=$(find -L "$@" -maxdepth 0 -type f -size +${MOST_BLOCKS} 2>/dev/null)
  for path; do
    if [ ! -f "$path" ]; then printf 'absent\\0'
    elif [ ! -r "$path" ]; then printf 'hidden\\0'
    else
      case "
$large
" in
        *"
$path
"*) printf 'large\\0' ;;
        *) printf '='; base64 <"$path"; printf '\\0' ;;
      esac
    fi
  done
}
{ ${lines(chunksOf(paths).map((chunk) => sh`contents ${chunk}`))}
} | tr -d '\\n'`,
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
