import {Digraph} from '../graph/digraph.ts';
import {redundantEdges} from '../graph/reduction.ts';
import type {TaskId} from '../model/names.ts';
import type {Draft} from './draft.ts';

/**
 * Drops edges of the written order that a longer way implies, with the same demand for success. What a person
 * wrote stays, because it is a reason that somebody may ask for.
 */
export function reduceEdges({edges, order}: Draft): void {
  const graph = new Digraph<TaskId>(order);
  for (const {from, to, requires} of edges) if (requires === 'success') graph.addEdge(from, to);
  const isWrittenOrder = (from: TaskId, to: TaskId): boolean =>
    edges.get(from, to)?.because.type === 'written-order';
  for (const [from, to] of redundantEdges(graph, order, isWrittenOrder)) edges.remove(from, to);
}
