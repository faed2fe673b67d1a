import {parseDuration} from '../../base/duration.ts';
import {type PackageState, packageState} from '../../facts/package.ts';
import {ABSENT} from '../../model/answer.ts';
import type {ChangeDetail, PendingChange} from '../../model/change.ts';
import {type Fact, fact} from '../../model/fact.ts';
import type {HostProfile} from '../../model/profile.ts';
import {type Manager, programOf, type Transaction, type WantedPackage} from './manager.ts';

export interface PackageSpec {
  readonly name: string | readonly string[];
  readonly version?: string;
  readonly state: 'present' | 'absent' | 'latest';
  readonly hold?: boolean;
  readonly files: Readonly<Record<string, string>>;
  readonly cache_valid_time: number | string;
  readonly purge: boolean;
  readonly allow_downgrade: boolean;
  readonly install_recommends?: boolean;
  readonly use: 'auto' | Manager;
}

export type Move = 'install' | 'upgrade' | 'remove' | 'stay';

export interface Found {
  readonly wanted: WantedPackage;
  readonly state: PackageState | undefined;
  /** The newer version that the index offers. */
  readonly update: string | undefined;
  readonly move: Move;
}

export const REFRESHED: ChangeDetail = {attribute: 'package index', before: 'old', after: 'refreshed'};

export function wantedOf({name, version, files}: PackageSpec): readonly WantedPackage[] {
  return (typeof name === 'string' ? [name] : name).map((word) => {
    const [bare = word, written] = word.split('=');
    return {name: bare, version: written ?? version, file: files[bare]};
  });
}

export const maxAgeOf = ({cache_valid_time: age}: PackageSpec): number | undefined => parseDuration(age);

export function managerOf({use}: PackageSpec, profile: HostProfile): Manager | undefined {
  if (use !== 'auto') return use;
  return profile.package_manager === 'none' ? undefined : profile.package_manager;
}

export function moveOf(
  {state: goal, purge, hold}: PackageSpec,
  {version}: WantedPackage,
  state: PackageState | undefined,
  update: string | undefined,
): Move {
  const isInstalled = state?.status === 'installed';
  if (goal === 'absent') return isInstalled || (purge && state !== undefined) ? 'remove' : 'stay';
  if (!isInstalled) return 'install';
  if (version !== undefined && !state.versions.some((each) => isVersion(each, version))) return 'install';
  // A hold says that upgrades leave it alone; who wants both takes the hold away.
  return update !== undefined && !(state.held && hold !== false) ? 'upgrade' : 'stay';
}

/** `1.36.4`, `1.36.4-1.1` and `2:1.36.4-1.1` are all names of the last; `*` stands for any text. */
function isVersion(found: string, wanted: string): boolean {
  const pattern = wanted.split('*').map(escaped).join('.*');
  return new RegExp(`^(\\d+:)?${pattern}(-[^-]+)?$`).test(found);
}

export function detailsOf(
  {hold}: PackageSpec,
  {wanted, state, update, move}: Found,
): readonly ChangeDetail[] {
  const before = state?.status === 'installed' ? state.versions.join(', ') : undefined;
  const held = state?.held ?? false;
  const after = {
    install: wanted.version ?? 'installed',
    upgrade: update ?? 'newest',
    remove: undefined,
    stay: before,
  };
  return [
    ...(move === 'stay' ? [] : [{attribute: wanted.name, before, after: after[move]}]),
    ...(hold === undefined || hold === held || move === 'remove'
      ? []
      : [{attribute: `${wanted.name} held`, before: String(held), after: String(hold)}]),
  ];
}

export function changeOf(
  spec: PackageSpec,
  manager: Manager,
  found: readonly Found[],
  details: readonly ChangeDetail[],
): PendingChange {
  const isNew = ({move, state}: Found): boolean => move === 'install' && state?.status !== 'installed';
  const isInstall = found.every((each) => each.move === 'stay' || isNew(each)) && found.some(isNew);
  const isCurrent = found.some(({move, state}) => move !== 'stay' && state?.status === 'installed');
  const action = spec.state === 'absent' ? 'delete' : isInstall ? 'create' : 'update';
  const program = programOf(manager, transactionOf(spec, found, details.includes(REFRESHED)));
  return {
    action,
    details,
    // Maintainers' scripts restart the services of a package that they replace or remove.
    impact: isCurrent ? 'restart' : 'none',
    steps: [{step: 'detached', job: 'packages', program}],
    // A package may bring files, users and units, and its dependencies bring theirs.
    touches: 'everything',
    predicts: found.flatMap((each) => predicted(spec, manager, each)),
    proof: 'facts',
  };
}

function transactionOf(spec: PackageSpec, found: readonly Found[], stale: boolean): Transaction {
  const moving = (move: Move): readonly WantedPackage[] =>
    found.filter((each) => each.move === move).map(({wanted}) => wanted);
  const isHeld = ({state}: Found): boolean => state?.held ?? false;
  const willHold = (each: Found): boolean => each.move !== 'remove' && (spec.hold ?? isHeld(each));
  const freed = found.filter((each) => isHeld(each) && (each.move !== 'stay' || !willHold(each)));
  return {
    install: moving('install'),
    // A fresh index may offer newer versions than the old one did.
    upgrade: (stale
      ? found.filter(({move}) => move !== 'install').map(({wanted}) => wanted)
      : moving('upgrade')
    ).map(({name}) => name),
    remove: moving('remove').map(({name}) => name),
    unhold: freed.map(({wanted}) => wanted),
    hold: found
      .filter((each) => willHold(each) && (!isHeld(each) || freed.includes(each)))
      .map(({wanted}) => wanted),
    options: {
      maxAgeMs: maxAgeOf(spec) ?? 0,
      refresh: stale ? 'always' : 'when-needed',
      purge: spec.purge,
      allowDowngrade: spec.allow_downgrade,
      recommends: spec.install_recommends,
    },
  };
}

/** An exact version is certain with apt and apk, where it is the whole version; elsewhere the host will tell. */
function predicted(spec: PackageSpec, manager: Manager, {wanted, state, move}: Found): readonly Fact[] {
  const query = packageState(`${manager}/${wanted.name}`);
  const held = spec.hold ?? state?.held ?? false;
  if (move === 'stay') return state ? [fact(query, {...state, held})] : [{query, answer: ABSENT}];
  if (move === 'remove') return manager === 'apt' && !spec.purge ? [] : [{query, answer: ABSENT}];
  const {version} = wanted;
  const isExact = version !== undefined && !version.includes('*') && (manager === 'apt' || manager === 'apk');
  return isExact ? [fact(query, {status: 'installed', versions: [version], held})] : [];
}

const escaped = (text: string): string => text.replace(/[.+^$()[\]{}|\\?]/g, '\\$&');
