import type {Digraph} from './digraph.ts';
import {IndexHeap} from './index-heap.ts';

/**
 * The nodes so that every edge points forward: of several that could come next, the one that was inserted first.
 * `undefined` where there is a cycle.
 */
export function topologicalOrder<Id extends string>(graph: Digraph<Id>): readonly Id[] | undefined {
  if (isInOrder(graph)) return graph.ids;
  const order = peel(graph);
  return order.length === graph.size ? order.map((index) => graph.idAt(index)) : undefined;
}

/** The usual case, and cheap to tell: what was written first comes first. */
function isInOrder(graph: Digraph): boolean {
  for (let index = 0; index < graph.size; index++) {
    if (graph.after(index).some((next) => next <= index)) return false;
  }
  return true;
}

/** All that does not lie on or behind a cycle. */
function peel(graph: Digraph): readonly number[] {
  const waiting = Array.from(graph.ids, (_, index) => graph.before(index).length);
  const ready = new IndexHeap();
  waiting.forEach((count, index) => count === 0 && ready.push(index));
  const order: number[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const after of graph.after(next)) {
      const left = (waiting[after] ?? 0) - 1;
      waiting[after] = left;
      if (left === 0) ready.push(after);
    }
  }
  return order;
}
