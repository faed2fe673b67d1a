import {Secret} from '../base/secret.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {compileExpression} from '../expression/condition.ts';
import {evaluate} from '../expression/evaluate.ts';
import type {Scope} from '../expression/scope.ts';
import {resolveNow, staged} from '../expression/staged.ts';
import {isMap} from '../expression/values.ts';
import type {Staged} from '../model/graph.ts';
import type {YamlNode} from '../yaml/node.ts';

/** One round of a loop. */
export interface Item {
  /** In the task's id: stays the same when items before it come and go. */
  readonly key: string;
  /** What the task sees as `item`. */
  readonly value: Staged<unknown>;
}

/** What a `loop` goes through: scalars, maps with a `key`, or a map, whose items have `key` and `value`. */
export function itemsOf(loop: YamlNode, scope: Scope, problems: Problems): readonly Item[] {
  const value = valueOf(loop, scope, problems);
  if (value.stage !== 'static') {
    problems.report('E403', {
      range: loop.range,
      detail: 'What a loop goes through has to be known before any host is: this depends on one.',
      hint: 'Go through all that may be, and let `when` decide.',
    });
    return [];
  }
  const now = resolveNow(value);
  return now.ok ? unique(pairsOf(now.value, loop, problems), loop, problems) : [];
}

/** A text without braces is an expression, as in `when`. */
function valueOf(loop: YamlNode, scope: Scope, problems: Problems): Staged<unknown> {
  const text = loop.type === 'scalar' && typeof loop.value === 'string' ? loop.value : '{{';
  if (text.includes('{{')) return evaluate(loop, scope, problems);
  return compileExpression(text, loop.range, problems)?.evaluate(scope, problems) ?? NOTHING;
}

const NOTHING = staged<unknown>([]);

function pairsOf(value: unknown, loop: YamlNode, problems: Problems): readonly Item[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => itemOf(item, loop, problems) ?? []);
  if (isMap(value))
    return Object.entries(value).map(([key, each]) => ({key, value: staged({key, value: each})}));
  problems.report('E403', {
    range: loop.range,
    detail: 'A loop goes through a list or a map; this is neither.',
  });
  return [];
}

function itemOf(item: unknown, loop: YamlNode, problems: Problems): Item | undefined {
  const key = isMap(item) ? item['key'] : item;
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean') {
    return {key: String(key), value: staged(item)};
  }
  problems.report('E403', {
    range: loop.range,
    detail:
      key instanceof Secret
        ? 'The key of an item may not be secret.'
        : 'An item that is a map needs a "key".',
    hint: 'The key becomes a part of the task id, which plans and `--target` show.',
  });
  return undefined;
}

function unique(items: readonly Item[], loop: YamlNode, problems: Problems): readonly Item[] {
  const seen = new Set<string>();
  return items.filter(({key}) => {
    if (!seen.has(key)) return seen.add(key);
    problems.report('E406', {range: loop.range, detail: `Two items of this loop have the key "${key}".`});
    return false;
  });
}
