import {resolveNow} from '../expression/staged.ts';
import {isMap} from '../expression/values.ts';
import type {Staged} from '../model/graph.ts';
import type {Variable} from '../variables/variable.ts';
import type {World} from './world.ts';

/** A variable that names an entry of a table, as `x-key-of` in a role's schema.json says. */
export interface Lookup {
  readonly variable: Variable;
  readonly value: Staged<unknown>;
  /** The variable that is the table; what nobody has set has no entries to compare with. */
  readonly table: string;
  readonly entries: Staged<unknown> | undefined;
}

/** Whether the entry is there. Else it is told where the name was set, and not at all the places that look for it. */
export function isKnownEntry({variable, value, table, entries}: Lookup, world: World): boolean {
  const key = knownNow(value);
  const known = entries && knownNow(entries);
  if (typeof key !== 'string' || !isMap(known) || Object.hasOwn(known, key)) return true;
  const {range} = variable.node;
  world.reportOnce('E105', `entry ${range.source.file} ${range.from}`, {
    range,
    detail: `"${table}" has no "${key}".`,
    hint: `Among those that it has: ${newestOfEach(Object.keys(known)).join(', ')}. Another one can be added to it.`,
  });
  return false;
}

function knownNow(value: Staged<unknown>): unknown {
  const now = value.stage === 'static' ? resolveNow(value) : undefined;
  return now?.ok ? now.value : undefined;
}

/** A table of versions has dozens, so that of each series the last one stands for all. */
function newestOfEach(keys: readonly string[]): readonly string[] {
  const ascending = keys.toSorted((a, b) => a.localeCompare(b, 'en', {numeric: true}));
  const series = new Map(ascending.map((key) => [key.replace(/\.[^.]*$/, ''), key]));
  return [...series.values()].toReversed();
}
