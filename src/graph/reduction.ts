import type {Digraph} from './digraph.ts';

/** A graph without cycles, with the place of each node in a topological order. */
export interface Ranked<Id> {
  predecessors(id: Id): Iterable<Id>;
  rank(id: Id): number;
}

/**
 * Whether an edge says nothing new, because a longer way leads from its one end to the other. Looks backwards
 * from the target and never past the source: between them lies little, behind the source often much.
 */
export function isRedundant<Id>(graph: Ranked<Id>, source: Id, target: Id): boolean {
  const least = graph.rank(source);
  const open: Id[] = [];
  const seen = new Set<Id>();
  const look = (id: Id): void => {
    if (seen.has(id) || graph.rank(id) < least) return;
    seen.add(id);
    open.push(id);
  };
  for (const id of graph.predecessors(target)) if (id !== source) look(id);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === source) return true;
    for (const id of graph.predecessors(at)) look(id);
  }
  return false;
}

/** The edges that say nothing new. Without them the graph has the same reachability. */
export function redundantEdges<Id extends string>(
  graph: Digraph<Id>,
  order: readonly Id[],
): readonly (readonly [from: Id, to: Id])[] {
  const ranks = new Map(order.map((id, place) => [id, place]));
  const ranked: Ranked<Id> = {
    predecessors: (id) => graph.predecessors(id),
    rank: (id) => ranks.get(id) ?? 0,
  };
  return graph.ids.flatMap((from) =>
    graph.successors(from).flatMap((to) => (isRedundant(ranked, from, to) ? [[from, to] as const] : [])),
  );
}
