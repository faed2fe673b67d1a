import {modeAfter} from '../../base/file-mode.ts';
import type {Script} from '../../base/script.ts';
import {followed, stat, type Stat} from '../../facts/stat.ts';
import {listing, tree, type TreeEntry} from '../../facts/tree.ts';
import {unknown} from '../../model/answer.ts';
import {NOTHING, type ChangeDetail, type Verdict} from '../../model/change.ts';
import {fact, type Fact, type FactQuery, type Facts} from '../../model/fact.ts';
import {sh} from '../../shell/sh.ts';
import {
  accountsOf,
  attributeDetails,
  attributeSteps,
  statWith,
  wantedOf,
  type WantedAttributes,
} from '../attributes.ts';
import {firstUnknown, seen} from '../seen.ts';
import {ancestorsOf, inTheWay, type FileSpec, type FileState} from './spec.ts';

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
      ? [`tree:${path}`]
      : [path, ...ancestorsOf(path)].map((each) => `path:${each}` as const),
};

function placesOf({path, recurse, exclusive}: FileSpec): readonly FactQuery[] {
  return [
    ...[...ancestorsOf(path), path].map(followed),
    ...(recurse ? [tree(path)] : []),
    ...(exclusive ? [listing(path)] : []),
  ];
}

/** What is made belongs to root unless the task says otherwise. */
function creation(spec: FileSpec, found: Stat | undefined, facts: Facts): Verdict {
  const {path, force} = spec;
  if (found && !force) return unknown(inTheWay(found.type, path));
  const above = ancestorsOf(path);
  const blocking = above.find((each) => (seen(facts, followed(each))?.type ?? 'directory') !== 'directory');
  if (blocking !== undefined) return unknown(`${blocking} is not a directory`);
  const attributes = {owner: 'root', group: 'root', mode: '0755', ...spec};
  const wanted = wantedOf(attributes, facts, {bits: 0o755, isDirectory: true});
  if ('reason' in wanted) return wanted;
  const made = [...above.filter((each) => seen(facts, followed(each)) === undefined), path];
  return {
    action: 'create',
    details: attributeDetails(undefined, wanted, attributes),
    impact: 'none',
    steps: [
      ...(found ? [sh`rm -f -- ${path}`] : []),
      sh`mkdir -m ${wanted.mode ?? '0755'} -- ${made}`,
      ...attributeSteps(made, undefined, {...wanted, mode: undefined}, attributes),
    ],
    touches: made.map((each) => `path:${each}` as const),
    predicts: made.flatMap((each) => predictedAt(each, statWith('directory', undefined, wanted))),
    proof: 'exit-code',
  };
}

const predictedAt = (path: string, after: Stat | undefined): readonly Fact[] =>
  after ? [fact(followed(path), after), fact(stat(path), after)] : [];

function update(spec: FileSpec, found: Stat, wanted: WantedAttributes, facts: Facts): Verdict {
  const {path} = spec;
  const own = attributeDetails(found, wanted, spec);
  const below = spec.recurse ? belowDetails(spec, wanted, seen(facts, tree(path)) ?? []) : [];
  const surplus = spec.exclusive
    ? (seen(facts, listing(path)) ?? []).filter((name) => !spec.keep.includes(name))
    : [];
  const details = [...own, ...below, ...surplus.map(removed)];
  if (details.length === 0) return NOTHING;
  const after = statWith('directory', found, wanted);
  return {
    action: 'update',
    details,
    impact: 'none',
    steps: [
      ...(surplus.length > 0 ? [sh`rm -rf -- ${surplus.map((name) => `${path}/${name}`)}`] : []),
      ...(below.length > 0 ? recursiveSteps(spec) : attributeSteps([path], found, wanted, spec)),
    ],
    touches: [
      below.length > 0 ? `tree:${path}` : `path:${path}`,
      ...surplus.map((name) => `tree:${path}/${name}` as const),
    ],
    predicts: [
      ...(after ? [fact(followed(path), after)] : []),
      ...(spec.exclusive && below.length === 0 ? [keptFact(spec, facts)] : []),
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

/** How many things below are not as they should be; links have no mode. */
function belowDetails(
  spec: FileSpec,
  wanted: WantedAttributes,
  entries: readonly TreeEntry[],
): readonly ChangeDetail[] {
  const wrong = entries.filter(
    (entry) => attributeDetails(entry, wantedBelow(spec, wanted, entry), spec).length > 0,
  );
  if (wrong.length === 0) return [];
  const before = `${wrong.length} of ${entries.length} are not as wanted: ${wrong[0]?.path}`;
  return [{attribute: 'all below', before: wrong.length > 1 ? `${before}, …` : before, after: 'as wanted'}];
}

function wantedBelow({mode}: FileSpec, wanted: WantedAttributes, entry: TreeEntry): WantedAttributes {
  if (mode === undefined || entry.type === 'symlink') return {...wanted, mode: undefined};
  const before = {bits: Number.parseInt(entry.mode, 8), isDirectory: entry.type === 'directory'};
  return {...wanted, mode: modeAfter(mode, before)};
}

/** Links are not followed: neither tool walks through them, and `-h` changes the link itself. */
function recursiveSteps({path, owner = '', group, mode}: FileSpec): readonly Script[] {
  const account = `${owner}${group === undefined ? '' : `:${group}`}`;
  return [
    ...(account === '' ? [] : [sh`chown -R -h ${account} -- ${path}`]),
    ...(mode === undefined ? [] : [sh`chmod -R ${mode} -- ${path}`]),
  ];
}
