import type {Script} from '../base/script.ts';
import {Capped} from './capped.ts';
import {quote} from './sh.ts';

/** A step prints at most so much on each stream before its middle is left out. */
export const OUTPUT_CAP_BYTES = 1024 * 1024;

/** Ends the skipping. */
export const RESET = '_failed=\n';

/** The state that steps rely on, whatever the login set. */
export const PREAMBLE = `${RESET}LC_ALL=C; export LC_ALL; unset CDPATH ENV BASH_ENV GREP_OPTIONS; umask 022\n`;

/** Where a step runs, and what its failure does to those that were sent behind it. */
export interface Framing {
  readonly onFailure: 'skip-rest' | 'go-on';
  /**
   * `apart`: `cd`, `exit` and variables stay inside. `inside`: what the step opens, the shell keeps: only for
   * programs of our own that never exit.
   */
  readonly runs: 'apart' | 'inside';
}

/**
 * A step as text for a resident shell. `eval` keeps a syntax error from ending the shell. No stdin, so that no
 * child eats the steps behind; no lock descriptor, so that no daemon inherits it. The marks carry a nonce and
 * separate both outputs byte for byte; `echo` is the only printer that is built into every shell.
 */
export function frame(script: Script, {onFailure, runs}: Framing, nonce: string): string {
  const program = quote(`${script.wire}\n`);
  const run = runs === 'apart' ? `( eval ${program} ) </dev/null 9>&-` : `{ eval ${program}; } </dev/null`;
  const remember = onFailure === 'skip-rest' ? '; [ "$_code" = 0 ] || _failed=1' : '';
  return `_code=skipped; [ -n "$_failed" ] || { ${run}; _code=$?${remember}; }; echo "
${nonce} $_code"; echo "
${nonce} " >&2
`;
}

/** A step's part of one stream, and what the mark behind it says. */
export interface Framed {
  readonly body: Buffer;
  readonly truncated: boolean;
  readonly note: string;
}

/** Cuts one stream of a resident shell at its marks, in whatever pieces it arrives, in linear time. */
export class Unframer {
  readonly #mark: Buffer;
  /** The end of what arrived: too short to tell whether a mark begins there. */
  #rest: Buffer = Buffer.alloc(0);
  #body = new Capped(OUTPUT_CAP_BYTES);

  constructor(nonce: string) {
    this.#mark = Buffer.from(`\n${nonce} `);
  }

  push(chunk: Buffer): readonly Framed[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const parts: Framed[] = [];
    for (let part = this.#next(); part; part = this.#next()) parts.push(part);
    return parts;
  }

  /** What arrived behind the last mark: the last words of a shell that died. */
  leftover(): Buffer {
    this.#body.push(this.#rest);
    return this.#body.bytes();
  }

  #next(): Framed | undefined {
    const at = this.#rest.indexOf(this.#mark);
    if (at === -1) return this.#keepAllBut(this.#mark.length - 1);
    const noteAt = at + this.#mark.length;
    const end = this.#rest.indexOf(10, noteAt);
    if (end === -1) return this.#keepAllBut(this.#rest.length - at);
    this.#body.push(this.#rest.subarray(0, at));
    const part = {
      body: this.#body.bytes(),
      truncated: this.#body.truncated,
      note: this.#rest.toString('latin1', noteAt, end),
    };
    this.#rest = this.#rest.subarray(end + 1);
    this.#body = new Capped(OUTPUT_CAP_BYTES);
    return part;
  }

  #keepAllBut(count: number): undefined {
    const cut = Math.max(0, this.#rest.length - count);
    this.#body.push(this.#rest.subarray(0, cut));
    this.#rest = this.#rest.subarray(cut);
  }
}

/** Above 128 a signal, in every shell: ksh says 256 + n, yash 384 + n. */
export function normalizedExitCode(code: number): number {
  if (code > 384) return code - 384 + 128;
  return code > 256 ? code - 256 + 128 : code;
}
