import type {Digraph} from './digraph.ts';
import {wayBack} from './paths.ts';

/**
 * The nodes of a shortest cycle, each the predecessor of the next, the last of the first; of several, the one that
 * has the node that was inserted first. `undefined` where there is none.
 */
export function shortestCycle<Id extends string>(graph: Digraph<Id>): readonly Id[] | undefined {
  let best: readonly number[] | undefined;
  for (const start of cyclicCore(graph)) {
    const found = cycleThrough(graph, start, best?.length ?? Number.POSITIVE_INFINITY);
    if (found) best = found;
  }
  return best?.map((index) => graph.idAt(index));
}

/** Without what no cycle can pass: nodes that nothing leads to, or that lead nowhere, again and again. */
function cyclicCore(graph: Digraph): readonly number[] {
  const gone = new Set<number>();
  const into: Neighbours = (index) => graph.before(index);
  const outOf: Neighbours = (index) => graph.after(index);
  trim(graph.size, gone, into, outOf);
  trim(graph.size, gone, outOf, into);
  return Array.from(graph.ids, (_, index) => index).filter((index) => !gone.has(index));
}

type Neighbours = (index: number) => readonly number[];

function trim(size: number, gone: Set<number>, into: Neighbours, outOf: Neighbours): void {
  const left = Array.from({length: size}, (_, index) => into(index).filter((from) => !gone.has(from)).length);
  const loose = [...left.keys()].filter((index) => left[index] === 0 && !gone.has(index));
  for (let next = loose.pop(); next !== undefined; next = loose.pop()) {
    gone.add(next);
    for (const neighbour of outOf(next)) {
      left[neighbour] = (left[neighbour] ?? 0) - 1;
      if (left[neighbour] === 0 && !gone.has(neighbour)) loose.push(neighbour);
    }
  }
}

/** Breadth first, and no further than a cycle that is shorter than `limit`. */
function cycleThrough(graph: Digraph, start: number, limit: number): readonly number[] | undefined {
  const cameFrom = new Map<number, number>();
  let rim = [start];
  for (let length = 1; rim.length > 0 && length < limit; length++) {
    const end = rim.find((at) => graph.after(at).includes(start));
    if (end !== undefined) return wayBack(cameFrom, start, end);
    rim = rim.flatMap((at) => graph.after(at).filter((to) => discover(cameFrom, at, to)));
  }
  return undefined;
}

/** Whether it was not known before. */
function discover(cameFrom: Map<number, number>, at: number, to: number): boolean {
  if (cameFrom.has(to)) return false;
  cameFrom.set(to, at);
  return true;
}
