import {modeAfter} from '../../base/file-mode.ts';
import {groupedBy} from '../../base/grouped.ts';
import type {Script} from '../../base/script.ts';
import {followed, type Stat} from '../../facts/stat.ts';
import {listing, type TreeEntry, tree} from '../../facts/tree.ts';
import {unknown} from '../../model/answer.ts';
import {type ChangeDetail, NOTHING, type Verdict} from '../../model/change.ts';
import {type Fact, type FactQuery, type Facts, fact, type Subject} from '../../model/fact.ts';
import {sh} from '../../shell/sh.ts';
import {
  accountsOf,
  attributeDetails,
  attributeSteps,
  chmodWord,
  statWith,
  type WantedAttributes,
  wantedOf,
} from '../attributes.ts';
import {directoryFacts, downTo, making, missingOf} from '../directories.ts';
import {firstUnknown, seen} from '../seen.ts';
import {type FileSpec, type FileState, inTheWay} from './spec.ts';

/** A directory, and those above it that are missing. */
export const directory: FileState = {
  facts: (spec) => [...placesOf(spec), ...accountsOf(spec)],

  diff(spec, facts) {
    const closed = firstUnknown(facts, placesOf(spec));
    if (closed) return closed;
    const found = seen(facts, followed(spec.path));
    if (found === undefined || found.type !== 'directory') return creation(spec, found, facts);
    const bits = Number.parseInt(found.mode, 8);
    const wanted = wantedOf(spec, facts, {bits, isDirectory: true});
    return 'reason' in wanted ? wanted : update(spec, found, wanted, facts);
  },

  mayTouch: ({path, recurse, exclusive, force}) =>
    recurse || exclusive || force
      ? [`tree:${path}`, ...downTo(path).map((each): Subject => `path:${each}`)]
      : downTo(path).map((each): Subject => `path:${each}`),
};

function placesOf({path, recurse, exclusive}: FileSpec): readonly FactQuery[] {
  return [...directoryFacts(path), ...(recurse ? [tree(path)] : []), ...(exclusive ? [listing(path)] : [])];
}

/** What is made belongs to root unless the task says otherwise. */
function creation(spec: FileSpec, found: Stat | undefined, facts: Facts): Verdict {
  const {path, force} = spec;
  if (found && !force) return unknown(inTheWay(found.type, path));
  const above = missingOf(downTo(path).slice(0, -1), facts);
  if ('reason' in above) return above;
  const attributes = {owner: 'root', group: 'root', mode: '0755', ...spec};
  const wanted = wantedOf(attributes, facts, {bits: 0o755, isDirectory: true});
  if ('reason' in wanted) return wanted;
  const made = making([...above, path], wanted, attributes);
  return {
    action: 'create',
    details: attributeDetails(undefined, wanted, attributes),
    impact: 'none',
    ...made,
    steps: [...(found ? [sh`rm -f -- ${path}`] : []), ...made.steps],
    proof: 'exit-code',
  };
}

function update(spec: FileSpec, found: Stat, wanted: WantedAttributes, facts: Facts): Verdict {
  const {path} = spec;
  const own = attributeDetails(found, wanted, spec);
  const entries = spec.recurse ? (seen(facts, tree(path)) ?? []) : [];
  const wrong = entries.filter((entry) => isWrong(spec, wanted, entry));
  const surplus = spec.exclusive
    ? (seen(facts, listing(path)) ?? []).filter((name) => !spec.keep.includes(name))
    : [];
  const details = [...own, ...belowDetails(wrong, entries), ...surplus.map(removed)];
  if (details.length === 0) return NOTHING;
  const after = statWith('directory', found, wanted);
  return {
    action: 'update',
    details,
    impact: 'none',
    steps: [
      ...(surplus.length > 0 ? [sh`rm -rf -- ${surplus.map((name) => `${path}/${name}`)}`] : []),
      ...attributeSteps([path], found, wanted, spec),
      ...wrongSteps(spec, wanted, wrong),
    ],
    touches: [
      wrong.length > 0 ? `tree:${path}` : `path:${path}`,
      ...surplus.map((name) => `tree:${path}/${name}` as const),
    ],
    predicts: [
      ...(after ? [fact(followed(path), after)] : []),
      ...(spec.exclusive && wrong.length === 0 ? [keptFact(spec, facts)] : []),
    ],
    proof: 'exit-code',
  };
}

const removed = (name: string): ChangeDetail => ({attribute: name, before: 'present', after: undefined});

const keptFact = ({path, keep}: FileSpec, facts: Facts): Fact =>
  fact(
    listing(path),
    (seen(facts, listing(path)) ?? []).filter((name) => keep.includes(name)),
  );

function belowDetails(wrong: readonly TreeEntry[], entries: readonly TreeEntry[]): readonly ChangeDetail[] {
  const [first] = wrong;
  if (!first) return [];
  const before = `${wrong.length} of ${entries.length} not as wanted: ${first.path}`;
  return [{attribute: 'all below', before: wrong.length > 1 ? `${before}, …` : before, after: 'as wanted'}];
}

const isWrong = (spec: FileSpec, wanted: WantedAttributes, entry: TreeEntry): boolean =>
  attributeDetails(entry, wantedBelow(spec, wanted, entry), spec).length > 0;

/** Links have no mode. */
function wantedBelow({mode}: FileSpec, wanted: WantedAttributes, entry: TreeEntry): WantedAttributes {
  if (mode === undefined || entry.type === 'symlink') return {...wanted, mode: undefined};
  const before = {bits: Number.parseInt(entry.mode, 8), isDirectory: entry.type === 'directory'};
  return {...wanted, mode: modeAfter(mode, before)};
}

/** Far below what a command line may hold, with the longest paths. */
const PATHS_A_STEP = 200;

/** Modes are computed here, since the `X` of busybox is not that of others. Links themselves are changed. */
function wrongSteps(
  spec: FileSpec,
  wanted: WantedAttributes,
  wrong: readonly TreeEntry[],
): readonly Script[] {
  const account = `${spec.owner ?? ''}${spec.group === undefined ? '' : `:${spec.group}`}`;
  const pathOf = ({path}: TreeEntry): string => `${spec.path}/${path}`;
  const byMode = groupedBy(wrong, (entry) => {
    const {mode} = wantedBelow(spec, wanted, entry);
    return mode === undefined ? undefined : chmodWord(mode, entry);
  });
  return [
    ...(account === '' ? [] : chunked(wrong.map(pathOf)).map((paths) => sh`chown -h ${account} -- ${paths}`)),
    ...[...byMode].flatMap(([mode, entries]) =>
      mode === undefined ? [] : chunked(entries.map(pathOf)).map((paths) => sh`chmod ${mode} -- ${paths}`),
    ),
  ];
}

const chunked = (paths: readonly string[]): readonly (readonly string[])[] =>
  Array.from({length: Math.ceil(paths.length / PATHS_A_STEP)}, (_, index) =>
    paths.slice(index * PATHS_A_STEP, (index + 1) * PATHS_A_STEP),
  );
