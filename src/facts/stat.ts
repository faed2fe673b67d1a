import {onceForAlike} from '../base/once-for-alike.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {answers, lookByStat} from './look.ts';

/** What is at a path. */
export interface Stat {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits, octal, four digits. */
  readonly mode: string;
  readonly owner: number;
  readonly group: number;
}

const TYPES: Readonly<Record<string, Stat['type']>> = {'8': 'file', '4': 'directory', a: 'symlink'};

const STAT: FactKind<Stat> = {
  name: 'stat',
  summary: 'What is at a path, links not followed: `type`, `mode` (four octal digits), `owner`, `group`.',
  // `%f` is the raw mode in hex: the same in GNU, busybox and uutils, unlike `%F`.
  program: onceForAlike((paths) =>
    lookByStat(paths, sh`[ -e "$path" ] || [ -L "$path" ]`, sh`stat -c '%f %u %g'`),
  ),
  parse: (output, paths) => answers(output, paths.length, parseStat),
};

const FOLLOWED: FactKind<Stat> = {
  name: 'followed',
  summary: 'As `stat`, of what a path leads to: symbolic links are followed.',
  program: onceForAlike((paths) => lookByStat(paths, sh`[ -e "$path" ]`, sh`stat -L -c '%f %u %g'`)),
  parse: (output, paths) => answers(output, paths.length, parseStat),
};

/** Files are much alike: what was read last is mostly what is read next. */
let last: {readonly record: string; readonly stat: Stat} | undefined;

/** Reads `stat -c '%f %u %g'`. */
export function parseStat(record: string): Stat {
  if (last?.record !== record) last = {record, stat: readStat(record)};
  return last.stat;
}

function readStat(record: string): Stat {
  const [raw = '', owner, group] = record.split(' ');
  const mode = (Number.parseInt(raw, 16) & 0o7777).toString(8).padStart(4, '0');
  return {type: TYPES[raw.slice(0, -3)] ?? 'other', mode, owner: Number(owner), group: Number(group)};
}

/** What is at a path. Symbolic links are not followed. */
export const stat = (path: string): FactQuery<Stat> => ({kind: STAT, key: path, subject: `path:${path}`});

/** What a path leads to, as who writes to it will find it. Absent where a link leads nowhere. */
export const followed = (path: string): FactQuery<Stat> => ({
  kind: FOLLOWED,
  key: path,
  subject: `path:${path}`,
});
