import type {Script} from '../base/script.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import {lines, sh} from '../shell/sh.ts';
import {recordsOf, untilEmpty} from './records.ts';

/** A command line may be 128 KiB a word and 2 MiB in all, where stacks are small less: far below both. */
const CHUNK_BYTES = 96 * 1024;
/** A shell copies its parameters each time one is added: small lists keep that cheap. */
const CHUNK_PATHS = 400;

/** Conditions on "$path" of `look` and `lookWith`. What is neither is absent or hidden. */
interface Conditions {
  readonly there: Script;
  /** Something else is there for certain. */
  readonly notThere: Script;
}

/**
 * Looks at many paths with one run of a tool: first a word for each path, then a value for each that is
 * `there`, each ended by NUL, and an empty record behind either. `tool` gets the paths as "$@" and prints a line
 * for each, without its name: names hold anything. A value is never empty. Mostly all of them are there: then
 * `quick`, a function's body, prints `inLines` or `inRecords`, or it fails, with nothing printed or with `spoilt`.
 */
export const look = (paths: readonly string[], there: Script, tool: Script, quick?: Script): Script =>
  lookWith(paths, {there, notThere: sh`false`}, sh`${tool} | tr '\\n' '\\0'`, quick);

/** All are there, and a tool prints a line for each. They leave in one piece: each packet costs the controller time. */
export const inLines = (tool: Script): Script =>
  sh`lines=$(${tool}) && printf 'all\\0\\0%s\\n\\0\\0' "$lines"`;

/** All are there, and a tool prints a record for each; what it printed counts for nothing if it fails. */
export const inRecords = (tool: Script): Script =>
  sh`printf 'each\\0\\0'; if ${tool}; then printf '\\0'; else printf 'spoilt\\0\\0'; false; fi`;

/** As `look`, with `stat`, which fails itself where a path is not there. */
export const lookByStat = (paths: readonly string[], there: Script, stat: Script): Script =>
  look(paths, there, sh`${stat} -- "$@"`, inLines(sh`${stat} -- "$@" 2>/dev/null`));

/** As `look`, with a tool that ends its values with NUL itself: for values that may hold a line feed. */
export function lookWith(
  paths: readonly string[],
  {there, notThere}: Conditions,
  tool: Script,
  quick?: Script,
): Script {
  return sh`hidden() {
  at=$1
  until [ -e "$at" ]; do
    # A link that leads nowhere hides nothing from root, who may follow all of them.
    [ ! -L "$at" ] || { [ "$(id -u)" != 0 ]; return; }
    at=\${at%/*}; at=\${at:-/}
  done
  [ -d "$at" ] && [ ! -x "$at" ]
}
quick() {
  ${quick ?? sh`false`}
}
look() {
  quick "$@" && return
  for path; do
    shift
    if ${there}; then printf 'there\\0'; set -- "$@" "$path"
    elif ${notThere}; then printf 'absent\\0'
    elif [ -f "$path" ] || hidden "$path"; then printf 'hidden\\0'
    else printf 'absent\\0'
    fi
  done
  printf '\\0'
  [ $# = 0 ] || ${tool}
  printf '\\0'
}
${lines(chunksOf(paths).map((chunk) => sh`look ${chunk}`))}`;
}

/** So many at a time fit into a command line. */
export function chunksOf(paths: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let room = 0;
  for (const path of paths) {
    room -= Buffer.byteLength(path) + 1;
    const last = chunks.at(-1);
    if (last && room >= 0 && last.length < CHUNK_PATHS) last.push(path);
    else {
      chunks.push([path]);
      room = CHUNK_BYTES;
    }
  }
  return chunks;
}

/** Reads what `look` printed, by index. */
export function answers<Value>(
  output: Uint8Array,
  count: number,
  read: (record: string) => Value,
): readonly Answer<Value>[] {
  const next = recordsOf(output).values();
  const all: Answer<Value>[] = [];
  for (let section = untilEmpty(next); section.length > 0; section = untilEmpty(next)) {
    const values = untilEmpty(next);
    if (values.at(-1) !== 'spoilt') all.push(...paired(section, values, read));
  }
  return all.length === count ? all : Array.from({length: count}, () => CHANGED);
}

export const CHANGED = unknown('the files changed while they were looked at');

function paired<Value>(
  words: readonly string[],
  values: readonly string[],
  read: (record: string) => Value,
): readonly Answer<Value>[] {
  if (words[0] === 'all')
    return (values[0] ?? '')
      .split('\n')
      .slice(0, -1)
      .map((line) => known(read(line)));
  if (words[0] === 'each') return values.map((value) => known(read(value)));
  if (values.length !== words.filter((word) => word === 'there').length) return words.map(() => CHANGED);
  const next = values.values();
  return words.map((word) => {
    if (word === 'there') return known(read(next.next().value ?? ''));
    return word === 'absent' ? ABSENT : unknown('no permission');
  });
}
