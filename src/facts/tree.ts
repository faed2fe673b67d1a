import type {Script} from '../base/script.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {recordsOf, untilEmpty} from './records.ts';
import {parseStat, type Stat} from './stat.ts';

/** One thing below a directory. */
export interface TreeEntry extends Stat {
  /** Below the directory, without a leading slash. */
  readonly path: string;
}

const TREE: FactKind<readonly TreeEntry[]> = {
  name: 'tree',
  summary: 'All that is below a directory, on its own file system: `path`, `type`, `mode`, `owner`, `group`.',
  program: (paths) => eachDirectory(paths, sh`-xdev`),
  parse: (output, paths) => read(output, paths, entriesOf),
};

const LISTING: FactKind<readonly string[]> = {
  name: 'listing',
  summary: 'The names of what is directly in a directory, sorted.',
  program: (paths) => eachDirectory(paths, sh`-maxdepth 1`),
  parse: (output, paths) => read(output, paths, (root, names) => names.map(below(root)).sort()),
};

/** For each directory a word, then names, then numbers. An empty record, which no name is, ends each part. */
const eachDirectory = (paths: readonly string[], depth: Script): Script => sh`below() {
  if [ ! -d "$1" ]; then
    # The nearest directory that is there tells whether the rest is missing or hidden.
    up=$1; until [ -e "\${up:-/}" ]; do up=\${up%/*}; done
    if [ "$up" = "$1" ] || [ -x "\${up:-/}" ]; then printf 'absent\\0\\0\\0'; else printf 'hidden\\0\\0\\0'; fi
  elif [ ! -r "$1" ] || [ ! -x "$1" ]; then printf 'hidden\\0\\0\\0'
  else
    printf 'there\\0'
    find "$1" -mindepth 1 ${depth} -print0; printf '\\0'
    find "$1" -mindepth 1 ${depth} -exec stat -c '%f %u %g' -- {} + | tr '\\n' '\\0'; printf '\\0'
  fi
}
${lines(paths.map((path) => sh`below ${path}`))}`;

function read<Value>(
  output: Uint8Array,
  paths: readonly string[],
  valueOf: (root: string, names: readonly string[], stats: readonly string[]) => Value,
): readonly Answer<Value>[] {
  const next = recordsOf(output).values();
  return paths.map((path) => {
    const word = next.next().value;
    const [names, stats] = [untilEmpty(next), untilEmpty(next)];
    if (word !== 'there') return word === 'absent' ? ABSENT : unknown('no permission');
    if (names.length !== stats.length) return unknown('the files changed while they were looked at');
    return known(valueOf(path, names, stats));
  });
}

const entriesOf = (root: string, names: readonly string[], stats: readonly string[]): readonly TreeEntry[] =>
  names.map((name, index) => ({path: below(root)(name), ...parseStat(stats[index] ?? '')}));

const below =
  (root: string) =>
  (path: string): string =>
    path.slice(root === '/' ? 1 : root.length + 1);

/** All that is below a directory. Absent where there is no directory. */
export const tree = (path: string): FactQuery<readonly TreeEntry[]> => ({
  kind: TREE,
  key: path,
  subject: `tree:${path}`,
});

/** The names directly in a directory, sorted. Absent where there is no directory. */
export const listing = (path: string): FactQuery<readonly string[]> => ({
  kind: LISTING,
  key: path,
  subject: `tree:${path}`,
});
