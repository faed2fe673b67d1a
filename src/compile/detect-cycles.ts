import {placeOf} from '../diagnostics/source.ts';
import {Digraph} from '../graph/digraph.ts';
import {shortestCycle} from '../graph/shortest-cycle.ts';
import {topologicalOrder} from '../graph/topological-order.ts';
import type {Edge} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Draft} from './draft.ts';
import type {DraftNode} from './edge-list.ts';
import {wordsFor} from './reasons.ts';

/** Puts the tasks in an order in which they could run; a cycle is shown step by step. */
export function detectCycles(draft: Draft): void {
  draft.edges.close();
  draft.order = placed(writtenOrder(draft));
  if (draft.order.every(({into, place}) => into.every(({from}) => from.place < place))) return;
  const nodes = new Map(draft.order.map((node) => [node.id, node]));
  const graph = new Digraph<TaskId>(nodes.keys());
  for (const {id, into} of draft.order) for (const {from} of into) graph.addEdge(from.id, id);
  const order = topologicalOrder(graph);
  if (order) draft.order = placed(nodesOf(order, nodes));
  else reportCycle(nodesOf(shortestCycle(graph) ?? [], nodes), draft);
}

/** Play by play, each with its barrier behind it: mostly nobody waits for what is written behind. */
function writtenOrder({plays, barriers, tasks}: Draft): readonly DraftNode[] {
  const barrierOf = new Map(barriers.map((barrier) => [barrier.play, barrier]));
  const order: DraftNode[] = [];
  let next = 0;
  for (const play of plays) {
    for (let task = tasks[next]; task?.unit.play === play; task = tasks[++next]) order.push(task);
    const barrier = barrierOf.get(play);
    if (barrier) order.push(barrier);
  }
  return order;
}

function placed(order: readonly DraftNode[]): readonly DraftNode[] {
  for (const [place, node] of order.entries()) node.place = place;
  return order;
}

const nodesOf = (ids: readonly TaskId[], nodes: ReadonlyMap<TaskId, DraftNode>): readonly DraftNode[] =>
  ids.flatMap((id) => nodes.get(id) ?? []);

function reportCycle(cycle: readonly DraftNode[], {problems}: Draft): void {
  const steps = cycle.flatMap((from, index) => {
    const to = cycle[(index + 1) % cycle.length] ?? from;
    const edge = to.into.find((each) => each.from === from);
    return edge ? [{from: from.id, to: to.id, because: edge.because}] : [];
  });
  const [first] = steps;
  if (!first) throw new Error('Internal error: there is neither an order nor a cycle');
  problems.report('E501', {
    range: first.because.at,
    detail: `These tasks wait for each other:\n${steps.map(describeStep).join('\n')}`,
    notes: steps.slice(1).map((step) => ({range: step.because.at, message: wordsFor(step.because)})),
  });
}

const describeStep = ({from, to, because}: Pick<Edge, 'from' | 'to' | 'because'>): string =>
  `  ${to} waits for ${from}: ${wordsFor(because)} (${placeOf(because.at)})`;
