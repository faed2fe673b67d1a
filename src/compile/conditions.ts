import type {Problems} from '../diagnostics/diagnostic.ts';
import {type CelExpression, compileCondition} from '../expression/condition.ts';
import type {Scope} from '../expression/scope.ts';
import {allStaged, mapStaged, resolveNow, staged} from '../expression/staged.ts';
import type {Staged} from '../model/graph.ts';
import type {YamlNode} from '../yaml/node.ts';

/** A value that is always so: one object, so that what depends on it can be shared. */
export const ALWAYS: Staged<boolean> = staged(true);
export const NEVER: Staged<boolean> = staged(false);

const compiled = new WeakMap<YamlNode, readonly (CelExpression<boolean> | boolean)[]>();

/** A `when`: a condition, true or false, or a list of them of which all have to hold. */
export function conditionFor(node: YamlNode | undefined, scope: Scope, problems: Problems): Staged<boolean> {
  if (!node) return ALWAYS;
  const parts = compiled.get(node) ?? partsOf(node, problems);
  compiled.set(node, parts);
  return both(
    ...parts.map((part) => (typeof part === 'boolean' ? staged(part) : part.evaluate(scope, problems))),
  );
}

function partsOf(node: YamlNode, problems: Problems): readonly (CelExpression<boolean> | boolean)[] {
  if (node.type === 'list') return node.items.flatMap((item) => partsOf(item, problems));
  if (node.type !== 'scalar') return [];
  if (typeof node.value === 'boolean') return [node.value];
  const condition = compileCondition(String(node.value), node.range, problems);
  return condition ? [condition] : [];
}

/** Whether all hold; decided as soon as one that is known does not. */
export function both(...parts: readonly Staged<boolean>[]): Staged<boolean> {
  const open = parts.filter((part) => !isAlways(part));
  if (open.some(isNever)) return NEVER;
  const [first, ...others] = open;
  if (!first) return ALWAYS;
  return others.length === 0 ? first : mapStaged(allStaged(open), (known) => known.every(Boolean));
}

export const isNever = (condition: Staged<boolean>): boolean => isNow(condition, false);
export const isAlways = (condition: Staged<boolean>): boolean => isNow(condition, true);

function isNow(condition: Staged<boolean>, wanted: boolean): boolean {
  if (condition.stage !== 'static') return false;
  const now = resolveNow(condition);
  return now.ok && now.value === wanted;
}
