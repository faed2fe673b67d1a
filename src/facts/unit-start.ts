import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {digestIn, digests, SEALS} from '../shell/seals.ts';
import {sh} from '../shell/sh.ts';
import {CHANGED} from './look.ts';
import {recordsOf} from './records.ts';
import {isPassing, propertiesOf} from './unit.ts';

/** What a unit was started with. */
export interface UnitStart {
  /**
   * For each path the SHA-256 of the file that the unit was started with, `absent` where there was none, or
   * `changed` where it is not that file any more and nobody knows what it was.
   */
  readonly digests: Readonly<Record<string, string>>;
  /** Whether it was started since the host booted, as far as we know: a oneshot may have ended long ago. */
  readonly hasRun: boolean;
}

/** Where a stamp lies: its first line is an InvocationID, each other one a digest and a path. Gone at a boot. */
export const stampPath = (unit: string): string => `/run/provision/units/${unit}`;

const kind: FactKind<UnitStart> = {
  name: 'unit_start',
  summary: 'The files that a systemd unit was started with. Key: the unit and the paths, a line each.',
  derived: true,
  program: (keys) => sh`started() {
  TZ=UTC LC_ALL=C systemctl show "$@" \\
    --property=ActiveState,InvocationID,ActiveEnterTimestamp,ExecMainStartTimestamp,Type,RemainAfterExit \\
    -- ${keys.map(unitIn)}
}
# Before version 248 systemd tells whole seconds.
started --timestamp=us 2>/dev/null || started || exit
printf '\\0'
${digests(SEALS)}
look() {
  [ ! -r "/run/provision/units/$1" ] || cat -- "/run/provision/units/$1"
  printf '\\0'; shift
  for path; do
    shift
    if [ -f "$path" ]; then echo there; set -- "$@" "$path"; else echo absent; fi
  done
  printf '\\0'
  [ $# = 0 ] || TZ=UTC stat -c %z -- "$@"
  printf '\\0'
  [ $# = 0 ] || TZ=UTC stat -L -c %z -- "$@"
  printf '\\0'
  [ $# = 0 ] || digests "$@"
  printf '\\0'
}
${keys.map((key) => sh`look ${key.split('\n')}`).reduce((all, each) => sh`${all}\n${each}`)}`,
  parse(output, keys) {
    const [shown = '', ...records] = recordsOf(output);
    const units = propertiesOf(shown);
    if (units.length !== keys.length || records.length !== RECORDS * keys.length) {
      return keys.map(() => unknown('systemctl answered for other units'));
    }
    return units.map((properties, index) => {
      const [stamp = '', ...told] = records.slice(RECORDS * index, RECORDS * (index + 1));
      const files = filesIn((keys[index] ?? '').split('\n').slice(1), told);
      return files ? startOf(properties, stampIn(stamp), files) : CHANGED;
    });
  },
};

/** Of each unit: the stamp, which files are there, and of those the times of link and file, and the digests. */
const RECORDS = 5;

interface Stamp {
  readonly invocation: string;
  readonly digests: ReadonlyMap<string, string>;
}

interface LookedAt {
  readonly path: string;
  /** Now. */
  readonly digest: string;
  /** When the inode last changed, seconds: archives bring old modification times, this one nobody can set. */
  readonly changedAt: number;
}

/** Seconds by which the clock that files are stamped with may be behind: one tick of a slow kernel, twice over. */
const COARSE = 0.02;

function startOf(
  properties: ReadonlyMap<string, string>,
  stamp: Stamp | undefined,
  files: readonly LookedAt[],
): Answer<UnitStart> {
  const of = (name: string): string => properties.get(name) ?? '';
  const passing = isPassing(of);
  const counts = passing || (of('ActiveState') !== 'inactive' && of('ActiveState') !== 'failed');
  // systemd forgets a oneshot that has ended, and its InvocationID with it; the stamp is of this boot.
  const isOurs = stamp?.invocation === of('InvocationID') || (passing && of('InvocationID') === '');
  const since = secondsOf(of('ActiveEnterTimestamp') || of('ExecMainStartTimestamp'));
  const digestOf = ({path, digest, changedAt}: LookedAt): string => {
    if (!counts) return digest;
    const stamped = stamp?.digests.get(path);
    if (isOurs && stamped !== undefined) return stamped;
    return since !== undefined && changedAt > since - COARSE ? 'changed' : digest;
  };
  const digests = Object.fromEntries(files.map((file) => [file.path, digestOf(file)]));
  return known({digests, hasRun: stamp !== undefined || since !== undefined});
}

function stampIn(text: string): Stamp | undefined {
  const [invocation = '', ...lines] = text.split('\n');
  if (text === '') return undefined;
  const digests = lines.flatMap((line): (readonly [string, string])[] => {
    const [digest = '', ...path] = line.split(' ');
    return digest === '' ? [] : [[path.join(' '), digest]];
  });
  return {invocation, digests: new Map(digests)};
}

/** A line for each path, then three lists with a line for each file that is there. */
function filesIn(paths: readonly string[], told: readonly string[]): readonly LookedAt[] | undefined {
  const [words = [], ...lists] = told.map((text) => text.split('\n').slice(0, -1));
  const found = words.filter((word) => word === 'there').length;
  if (lists.some(({length}) => length !== found)) return undefined;
  const [own, followed, digests] = lists.map((list) => list.values());
  const next = (list: Iterator<string> | undefined): string => list?.next().value ?? '';
  return paths.map((path, index) => {
    if (words[index] !== 'there') return {path, digest: 'absent', changedAt: 0};
    const changedAt = Math.max(secondsOf(next(own)) ?? 0, secondsOf(next(followed)) ?? 0);
    return {path, digest: digestIn(next(digests)), changedAt};
  });
}

/**
 * `Fri 2026-11-20 09:32:59.123456 UTC` of systemctl, `2026-11-20 09:32:59.123456789 +0000` of stat; by the wall clock, which the times of files follow too. Without a fraction it
 * is the begin of its second: what changed within it may be newer, and one restart too many is better than none.
 */
function secondsOf(text: string): number | undefined {
  const match = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?/.exec(text);
  return match ? Date.parse(`${match[1]}T${match[2]}Z`) / 1_000 + Number(match[3] ?? 0) : undefined;
}

const unitIn = (key: string): string => key.split('\n', 1)[0] ?? key;

/** The full name of a unit and the paths, a line each. */
export const unitStartOf = (key: string): FactQuery<UnitStart> => ({
  kind,
  key,
  subject: `unit:${unitIn(key)}`,
});

/** What a unit, by its full name, was started with. The paths hold no line feeds. */
export const unitStart = (name: string, paths: readonly string[]): FactQuery<UnitStart> =>
  unitStartOf([name, ...paths].join('\n'));
