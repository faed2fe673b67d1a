import {type Answer, known, unknown} from '../model/answer.ts';
import {ANYTHING, type FactKind, type FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** How a command of the user ended that only looks. */
export interface Printed {
  readonly exit_code: number;
  /** Without line feeds at the end. */
  readonly stdout: string;
}

// Nobody knows what a command looks at: any change before it may alter what it says.
const PROBE: FactKind<number> = {
  name: 'probe',
  summary: 'The exit code of a shell text that only looks.',
  // `eval` in a subshell: what one text sets, leaves or misspells is no matter to the next.
  program: (texts) => sh`probe() { (eval "$1") </dev/null >/dev/null 2>&1; printf '%s\\0' "$?"; }
${lines(texts.map((text) => sh`probe ${text}`))}`,
  parse: (output, texts) => {
    const records = recordsOf(output);
    return texts.map((_, index) => (records[index] ? known(Number(records[index])) : SILENT));
  },
};

const OUTPUT: FactKind<Printed> = {
  name: 'output',
  summary: 'What a shell text that only looks prints: `exit_code`, and `stdout` up to 64 KiB of text.',
  // What is printed beyond the limit is still read, else the command would die of a broken pipe.
  program: (texts) => sh`print() {
  code=$({
    { (eval "$1") </dev/null 2>/dev/null 3>&- 4>&-; echo "$?" >&4; } |
      { head -c 65536 | base64 | tr -d '\\n' >&3; cat >/dev/null; }
  } 4>&1)
  printf '\\0%s\\0' "$code"
}
{
${lines(texts.map((text) => sh`print ${text}`))}
} 3>&1`,
  parse: (output, texts) => {
    const records = recordsOf(output);
    return texts.map((_, index) => printed(records[2 * index], records[2 * index + 1]));
  },
};

const SILENT = unknown('the command gave no answer');

function printed(encoded: string | undefined, code: string | undefined): Answer<Printed> {
  if (encoded === undefined || !code) return SILENT;
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(Buffer.from(encoded, 'base64'));
    return known({exit_code: Number(code), stdout: text.replace(/\n+$/, '')});
  } catch {
    return unknown('the command printed what is not text');
  }
}

/** The exit code of a shell text. It must only look: it is run whenever facts are asked. */
export const probe = (text: string): FactQuery<number> => ({kind: PROBE, key: text, subject: ANYTHING});

/** What a shell text prints. It must only look. */
export const output = (text: string): FactQuery<Printed> => ({
  kind: OUTPUT,
  key: text,
  subject: ANYTHING,
});
