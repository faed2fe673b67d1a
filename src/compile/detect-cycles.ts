import {placeOf} from '../diagnostics/source.ts';
import {Digraph} from '../graph/digraph.ts';
import {shortestCycle} from '../graph/shortest-cycle.ts';
import {topologicalOrder} from '../graph/topological-order.ts';
import type {Edge} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Draft} from './draft.ts';
import {wordsFor} from './reasons.ts';

/** Puts the tasks in an order in which they could run; a cycle is shown step by step. */
export function detectCycles(draft: Draft): void {
  const graph = graphOf(draft);
  const order = topologicalOrder(graph);
  if (order) {
    draft.order = order;
    return;
  }
  const cycle = shortestCycle(graph) ?? [];
  const steps = cycle.flatMap(
    (from, index) => draft.edges.get(from, cycle[(index + 1) % cycle.length] ?? from) ?? [],
  );
  const [first] = steps;
  if (!first) throw new Error('Internal error: there is neither an order nor a cycle');
  draft.problems.report('E501', {
    range: first.because.at,
    detail: `These tasks wait for each other:\n${steps.map(describeStep).join('\n')}`,
    notes: steps.slice(1).map((step) => ({range: step.because.at, message: wordsFor(step.because)})),
  });
}

/** In the order written: play by play, each with its barrier behind it. */
function graphOf({plays, barriers, tasks, edges}: Draft): Digraph<TaskId> {
  const graph = new Digraph<TaskId>();
  const barrierOf = new Map(barriers.map(({id, play}) => [play, id]));
  let next = 0;
  for (const play of plays) {
    while (tasks[next]?.unit.play === play) graph.addNode(tasks[next++]?.id ?? never());
    const barrier = barrierOf.get(play.play.id);
    if (barrier !== undefined) graph.addNode(barrier);
  }
  for (const {from, to} of edges) graph.addEdge(from, to);
  return graph;
}

const never = (): never => {
  throw new Error('Internal error: a task got lost');
};

const describeStep = ({from, to, because}: Edge): string =>
  `  ${to} waits for ${from}: ${wordsFor(because)} (${placeOf(because.at)})`;
