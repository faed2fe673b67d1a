import type {Late, Resolved, Stage, Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';

const ORDER: readonly Stage[] = ['static', 'profile', 'output'];

/** The stage at which all of them are known. */
export function laterOf(stages: Iterable<Stage>): Stage {
  return ORDER[Math.max(0, ...[...stages].map((stage) => ORDER.indexOf(stage)))] ?? 'static';
}

/** A value that is known now. */
export function staged<Value>(value: Value): Staged<Value> {
  const resolved = {ok: true, value} as const;
  return {stage: 'static', reads: [], resolve: () => resolved};
}

/** For values that say that they are static: there is nothing late that they could ask for. */
export const NOTHING_LATE: Late = {
  get profile(): never {
    throw new Error('Internal error: a static value reads the profile');
  },
  outputsOf: () => {
    throw new Error('Internal error: a static value reads an output');
  },
  bracketOutputsOf: () => {
    throw new Error('Internal error: a static value reads an output of a bracket');
  },
};

/** A static value, which must be one. */
export const resolveNow = <Value>(value: Staged<Value>): Resolved<Value> => value.resolve(NOTHING_LATE);

/** `change` must be pure. It runs at once where the value is static, and may say what is wrong by `resolved`. */
export function mapStaged<From, To>(value: Staged<From>, change: (value: From) => To): Staged<To> {
  return thenStaged(value, (known) => ({ok: true, value: change(known)}));
}

/** As `mapStaged`, where the change may fail. */
export function thenStaged<From, To>(value: Staged<From>, change: (value: From) => Resolved<To>): Staged<To> {
  const resolve = (late: Late): Resolved<To> => {
    const known = value.resolve(late);
    return known.ok ? change(known.value) : known;
  };
  if (value.stage !== 'static') return {stage: value.stage, reads: value.reads, resolve};
  const now = resolve(NOTHING_LATE);
  return {stage: 'static', reads: [], resolve: () => now};
}

/** All of them, once all are known; the first that is wrong is what is wrong with all. */
export function allStaged<Value>(values: readonly Staged<Value>[]): Staged<readonly Value[]> {
  const late = values.filter(({stage}) => stage !== 'static');
  const resolve = (later: Late): Resolved<readonly Value[]> => resolveAll(values, later);
  if (late.length === 0) {
    const now = resolve(NOTHING_LATE);
    return {stage: 'static', reads: [], resolve: () => now};
  }
  return {
    stage: laterOf(late.map(({stage}) => stage)),
    reads: unionOf(late.map(({reads}) => reads)),
    resolve,
  };
}

function resolveAll<Value>(values: readonly Staged<Value>[], late: Late): Resolved<readonly Value[]> {
  const known: Value[] = [];
  for (const value of values) {
    const resolved = value.resolve(late);
    if (!resolved.ok) return resolved;
    known.push(resolved.value);
  }
  return {ok: true, value: known};
}

const unionOf = (reads: readonly (readonly TaskId[])[]): readonly TaskId[] => [...new Set(reads.flat())];
