import {isJsonObject, type Json, type JsonObject, jsonAt} from '../../base/json.ts';
import type {ChangeDetail} from '../../model/change.ts';

/** Where two objects differ, for people: one line for each value. */
export function differences(
  before: Json | undefined,
  after: Json | undefined,
  at = '',
): readonly ChangeDetail[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name], after[name], joined(at, name)));
  }
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, at);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{attribute: at, before: shown(before), after: shown(after)}];
}

/** Items with names are compared by name: one that comes in between is not a change of all behind it. */
function listDifferences(
  before: readonly Json[],
  after: readonly Json[],
  at: string,
): readonly ChangeDetail[] {
  const [old, wanted] = [byName(before), byName(after)];
  if (!old || !wanted) {
    const length = Math.max(before.length, after.length);
    return Array.from({length}, (_, index) =>
      differences(before[index], after[index], `${at}[${index}]`),
    ).flat();
  }
  const names = [...new Set([...old.keys(), ...wanted.keys()])];
  const found = names.flatMap((name) => differences(old.get(name), wanted.get(name), `${at}[${name}]`));
  if (found.length > 0 || [...old.keys()].join('\0') === [...wanted.keys()].join('\0')) return found;
  return [{attribute: at, before: [...old.keys()].join(', '), after: [...wanted.keys()].join(', ')}];
}

function byName(items: readonly Json[]): ReadonlyMap<string, Json> | undefined {
  const named = items.flatMap((item): readonly [string, Json][] => {
    const name = jsonAt(item, 'name');
    return typeof name === 'string' ? [[name, item]] : [];
  });
  const map = new Map(named);
  return items.length > 0 && map.size === items.length ? map : undefined;
}

const joined = (at: string, name: string): string => {
  const step = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
  return at === '' ? step : `${at}.${step}`;
};

const shown = (value: Json | undefined): string | undefined =>
  value === undefined || typeof value === 'string' ? value : JSON.stringify(value);

/**
 * What must change so that fields of maps are as declared, where the server need not be asked: nothing here has
 * defaults or other spellings. What we applied once and is no longer declared goes.
 */
export function declaredDifferences(
  declared: JsonObject,
  live: JsonObject,
  owned: JsonObject,
): readonly ChangeDetail[] {
  const wanted = leavesOf(declared);
  const ours = ownedLeaves(owned);
  const changed = [...wanted.values()].flatMap(({path, value}): readonly ChangeDetail[] => {
    const found = jsonAt(live, ...path);
    const isOurs = ours.has(path.join('\0'));
    if (JSON.stringify(found) === JSON.stringify(value) && isOurs) return [];
    return [{attribute: path.reduce(joined, ''), before: shown(found), after: shown(value)}];
  });
  const dropped = [...ours].filter(([id]) => !wanted.has(id));
  const gone = dropped.flatMap(([, path]): readonly ChangeDetail[] => {
    const found = jsonAt(live, ...path);
    return [{attribute: path.reduce(joined, ''), before: shown(found), after: undefined}];
  });
  return [...changed, ...gone];
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: Json;
}

const NAMES = ['apiVersion', 'kind', 'name', 'namespace'];

function leavesOf(value: JsonObject): ReadonlyMap<string, Leaf> {
  const visit = (each: Json, path: readonly string[]): readonly Leaf[] =>
    isJsonObject(each)
      ? Object.entries(each).flatMap(([name, item]) => visit(item, [...path, name]))
      : isName(path)
        ? []
        : [{path, value: each}];
  return new Map(visit(value, []).map((leaf) => [leaf.path.join('\0'), leaf]));
}

const isName = (path: readonly string[]): boolean =>
  path.length === 1
    ? NAMES.includes(path[0] ?? '')
    : path.length === 2 && path[0] === 'metadata' && NAMES.includes(path[1] ?? '');

/** `f:metadata`, `f:labels`, `f:app` as paths. */
function ownedLeaves(owned: JsonObject): ReadonlyMap<string, readonly string[]> {
  const visit = (fields: JsonObject, path: readonly string[]): readonly (readonly string[])[] => {
    const below = Object.entries(fields).filter(([name]) => name.startsWith('f:'));
    if (below.length === 0) return path.length === 0 ? [] : [path];
    return below.flatMap(([name, more]) => visit(isJsonObject(more) ? more : {}, [...path, name.slice(2)]));
  };
  return new Map(visit(owned, []).map((path) => [path.join('\0'), path]));
}
