import {digest} from '../../facts/digest.ts';
import {type Unit, type UnitFile, unit, unitFile, unitName} from '../../facts/unit.ts';
import {stampPath, type UnitStart, unitStart} from '../../facts/unit-start.ts';
import {
  type ChangeDetail,
  type Impact,
  NOTHING,
  type NoChange,
  type PendingChange,
} from '../../model/change.ts';
import type {FactQuery, Facts, Subject} from '../../model/fact.ts';
import {seen} from '../seen.ts';
import {type Move, ORDER, stepsOf} from './steps.ts';

export interface SystemdUnitSpec {
  readonly name: string;
  readonly state?: 'started' | 'stopped';
  readonly enabled?: boolean;
  readonly masked?: boolean;
  readonly restart_on: readonly string[];
  readonly reload_on: readonly string[];
  readonly settle: {readonly steady: number | string; readonly timeout: number | string};
}

/** Where its own file is, if we wrote it: a change of it must be read by systemd before anything else. */
export const ownFile = (name: string): string => `/etc/systemd/system/${name}`;

const watchedBy = (spec: SystemdUnitSpec): readonly string[] => [
  ...new Set([ownFile(unitName(spec.name)), ...spec.restart_on, ...spec.reload_on]),
];

const startQuery = (spec: SystemdUnitSpec) => unitStart(unitName(spec.name), watchedBy(spec));

export function factsOf(spec: SystemdUnitSpec): readonly FactQuery[] {
  return [unit(spec.name), unitFile(spec.name), startQuery(spec), ...watchedBy(spec).map(digest)];
}

export interface Found {
  readonly active: string;
  readonly enabled: string;
  readonly isDefined: boolean;
  readonly isUp: boolean;
  readonly isStopped: boolean;
  readonly needsReload: boolean;
  /** What systemd tells is from before somebody changed its files: whether it is enabled may have changed too. */
  readonly isStale: boolean;
  /** Of the watched files, those that are, or will be, others than it was started with. */
  readonly changed: ReadonlySet<string>;
}

export function lookAt(spec: SystemdUnitSpec, facts: Facts): Found {
  const now = seen(facts, unit(spec.name));
  const file = seen(facts, unitFile(spec.name));
  const start = seen(facts, startQuery(spec));
  const digests = start?.digests ?? {};
  const isNow = (path: string): boolean =>
    (seen(facts, digest(path)) ?? 'absent') === (digests[path] ?? 'absent');
  const changed = new Set(watchedBy(spec).filter((path) => !isNow(path)));
  const active = now?.active ?? 'inactive';
  const own = ownFile(unitName(spec.name));
  return {
    active,
    enabled: file?.enabled ?? '',
    isDefined: file !== undefined && file.load !== 'not-found',
    isUp: ['active', 'reloading', 'refreshing'].includes(active) || hasPassed(file, start, now),
    isStopped: active === 'inactive' || active === 'failed',
    isStale: file?.needsReload === true,
    needsReload: file?.needsReload === true || (changed.has(own) && digests[own] !== 'changed'),
    changed,
  };
}

/** A oneshot that ended well since the host booted counts as up, although it is inactive. */
const hasPassed = (
  file: UnitFile | undefined,
  start: UnitStart | undefined,
  now: Unit | undefined,
): boolean =>
  file?.passing === true && start?.hasRun === true && now?.active === 'inactive' && now.result === 'success';

/** What cannot be enabled any further: no `[Install]` section, or one that only names others. */
const UNCHANGEABLE: ReadonlySet<string> = new Set(['static', 'indirect', 'generated', 'alias', 'transient']);
const ENABLED: ReadonlySet<string> = new Set(['enabled', 'enabled-runtime']);

export function movesOf(spec: SystemdUnitSpec, found: Found): readonly Move[] {
  const {enabled, isStale} = found;
  const isMasked = enabled === 'masked';
  const all: Readonly<Record<Move, boolean>> = {
    unmask: spec.masked === false && (isStale || isMasked || enabled === 'masked-runtime'),
    'daemon-reload': found.needsReload,
    enable: spec.enabled === true && (isStale || (enabled !== 'enabled' && !UNCHANGEABLE.has(enabled))),
    disable: spec.enabled === false && (isStale || ENABLED.has(enabled)),
    stop: spec.state === 'stopped' && !found.isStopped,
    mask: spec.masked === true && (isStale || !isMasked),
    ...running(spec, found),
  };
  return ORDER.filter((move) => all[move]);
}

function running(
  spec: SystemdUnitSpec,
  found: Found,
): Readonly<Record<'start' | 'restart' | 'reload', boolean>> {
  const isWanted = spec.state !== 'stopped' && found.isUp;
  const restart = isWanted && spec.restart_on.some((path) => found.changed.has(path));
  return {
    start: spec.state === 'started' && !found.isUp,
    restart,
    reload: isWanted && !restart && spec.reload_on.some((path) => found.changed.has(path)),
  };
}

export function nothing({name, enabled}: SystemdUnitSpec, found: Found): NoChange {
  if (enabled !== true || found.enabled !== 'static') return NOTHING;
  const message = `${unitName(name)} has no [Install] section, so it cannot be enabled.`;
  return {action: 'none', findings: [{severity: 'warning', message, hint: 'Leave "enabled" out.'}]};
}

export function changeOf(spec: SystemdUnitSpec, found: Found, moves: readonly Move[]): PendingChange {
  const name = unitName(spec.name);
  return {
    action: found.isDefined ? 'update' : 'create',
    details: detailsOf(spec, found, moves),
    impact: impactOf(moves),
    steps: stepsOf({name, watched: watchedBy(spec), moves, found}),
    touches: touchesOf(name),
    predicts: [],
    proof: 'facts',
  };
}

const impactOf = (moves: readonly Move[]): Impact => {
  if (moves.includes('restart') || moves.includes('stop')) return 'restart';
  return moves.includes('reload') ? 'reload' : 'none';
};

function detailsOf(spec: SystemdUnitSpec, found: Found, moves: readonly Move[]): readonly ChangeDetail[] {
  const because = (paths: readonly string[]): string =>
    paths.filter((path) => found.changed.has(path)).join(', ');
  const active = {attribute: 'active', before: found.active};
  const enabled = {attribute: 'enabled', before: found.enabled || undefined};
  const details: Readonly<Record<Move, ChangeDetail>> = {
    unmask: {...enabled, after: 'unmasked'},
    'daemon-reload': {attribute: 'definition', before: 'old', after: 'read again'},
    enable: {...enabled, after: 'enabled'},
    disable: {...enabled, after: 'disabled'},
    mask: {...enabled, after: 'masked'},
    stop: {...active, after: 'inactive'},
    start: {...active, after: 'active'},
    restart: {attribute: 'restart for', before: undefined, after: because(spec.restart_on)},
    reload: {attribute: 'reload for', before: undefined, after: because(spec.reload_on)},
  };
  return moves.map((move) => details[move]).filter(({before, after}) => before !== after);
}

/** Enabling leaves a link where almost all units want it. */
export const touchesOf = (name: string): readonly Subject[] => [
  `unit:${name}`,
  `path:${stampPath(name)}`,
  `path:${ownFile(name)}`,
  `path:/etc/systemd/system/multi-user.target.wants/${name}`,
];
