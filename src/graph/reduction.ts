import type {Digraph} from './digraph.ts';

/**
 * The edges that say nothing new, because a longer way leads from the one end to the other. The graph without
 * them has the same reachability. There must be no cycle, and `order` must be a topological order. Only edges
 * that `mayGo` are looked at.
 */
export function redundantEdges<Id extends string>(
  graph: Digraph<Id>,
  order: readonly Id[],
  mayGo: (from: Id, to: Id) => boolean = () => true,
): readonly (readonly [from: Id, to: Id])[] {
  const rank = ranks(graph, order);
  const redundant: [Id, Id][] = [];
  graph.ids.forEach((from, source) => {
    if (graph.after(source).length < 2) return;
    for (const target of graph.after(source)) {
      if (graph.before(target).length < 2 || !mayGo(from, graph.idAt(target))) continue;
      if (hasDetour(graph, rank, source, target)) redundant.push([from, graph.idAt(target)]);
    }
  });
  return redundant;
}

function ranks<Id extends string>(graph: Digraph<Id>, order: readonly Id[]): Uint32Array {
  const rank = new Uint32Array(graph.size);
  order.forEach((id, place) => {
    rank[graph.indexOf(id)] = place;
  });
  return rank;
}

/** Backwards from the target, never past the source: between them lies little, behind the source often much. */
function hasDetour(graph: Digraph, rank: Uint32Array, source: number, target: number): boolean {
  const least = rank[source] ?? 0;
  const open = graph.before(target).filter((index) => index !== source);
  const seen = new Set<number>(open);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === source) return true;
    for (const previous of graph.before(at)) {
      if (seen.has(previous) || (rank[previous] ?? 0) < least) continue;
      seen.add(previous);
      open.push(previous);
    }
  }
  return false;
}
