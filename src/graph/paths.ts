import type {Digraph} from './digraph.ts';

/** All that can be reached from the nodes, themselves included. */
export function reachableFrom<Id extends string>(graph: Digraph<Id>, starts: Iterable<Id>): ReadonlySet<Id> {
  const seen = new Set<number>();
  const open = [...starts].map((id) => graph.indexOf(id));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...graph.after(next));
  }
  return new Set([...seen].sort((a, b) => a - b).map((index) => graph.idAt(index)));
}

/** A shortest way from one node to another, both included. `undefined` where there is none. */
export function pathBetween<Id extends string>(
  graph: Digraph<Id>,
  from: Id,
  to: Id,
): readonly Id[] | undefined {
  const [start, goal] = [graph.indexOf(from), graph.indexOf(to)];
  const cameFrom = new Map<number, number>([[start, start]]);
  const open = [start];
  for (const at of open) {
    if (at === goal) return wayBack(cameFrom, start, goal).map((index) => graph.idAt(index));
    for (const next of graph.after(at)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      open.push(next);
    }
  }
  return undefined;
}

/** The way of a search from its start to one of its nodes, by where it came from; by indexes. */
export function wayBack(
  cameFrom: ReadonlyMap<number, number>,
  start: number,
  end: number,
): readonly number[] {
  const way = [end];
  for (let at = end; at !== start; ) {
    at = cameFrom.get(at) ?? start;
    way.push(at);
  }
  return way.toReversed();
}
