import {groupedBy} from '../base/grouped.ts';
import {isAtLeast} from '../model/change.ts';
import type {BracketNode, Edge, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Plan, PlannedBracket, PlannedTask} from '../model/plan.ts';
import {areUnknown} from '../model/resource.ts';
import {decide, type Surroundings, viewOf} from './decide.ts';
import type {Decision, Given, Question} from './decision.ts';

/** The decisions in graph order, and what must be asked before they can all be made. */
export interface Draft {
  readonly decisions: ReadonlyMap<TaskId, Decision>;
  readonly missing: readonly Question[];
}

const CUT_OFF: Decision = {status: 'skipped', because: 'host-unreachable'};

/** Decides every task behind the predicted effects of those before it; pure. */
export function draftPlan(graph: TaskGraph, around: Surroundings): Draft {
  const decisions = new Map<TaskId, Decision>();
  const missing: Question[] = [];
  const away = new Set<TaskId>();
  let before: ReadonlyMap<TaskId, readonly Edge[]> | undefined;
  // Wherever it runs: the turn of a task never comes if it needs the success of one whose host is not there.
  const isCutOff = ({id}: TaskNode): boolean => {
    if (away.size === 0) return false; // Most runs reach all hosts: they need no map of all edges.
    before ??= groupedBy(graph.edges, ({to}) => to);
    return (before.get(id) ?? []).some(({from, requires}) => requires === 'success' && away.has(from));
  };
  for (const task of graph.tasks) {
    const decision = isCutOff(task) ? CUT_OFF : decide(task, around);
    if (decision.status === 'skipped' && decision.because === 'host-unreachable') away.add(task.id);
    decisions.set(task.id, decision);
    if (decision.status === 'missing') missing.push(...decision.questions);
    expect(task, decision, around);
    if (around.read.has(task.id)) around.ledger.give(task.id, givenBy(task, decision, around));
  }
  return {decisions, missing};
}

/** What the tasks behind this one have to reckon with. */
function expect(task: TaskNode, decision: Decision, {outlook, ledger}: Surroundings): void {
  const where = ledger.placeOf(task.id) ?? task.delegates[0] ?? task.host;
  if (decision.status === 'pending') outlook.expect(where, decision.change, task.id);
  if (!task.selected) return;
  if (decision.status === 'missing') outlook.expectAnything(where, 'everything', task.id);
  if (decision.status === 'deferred') {
    outlook.expectAnything(where, decision.resource?.mayTouch ?? 'everything', task.id);
  }
}

/** What a decided task gives: from the facts as they will read, where these are certain. */
function givenBy(task: TaskNode, decision: Decision, around: Surroundings): Given {
  if (decision.status === 'skipped' && decision.because !== 'not-selected') {
    const because = decision.because === 'condition' ? 'its condition is false' : 'its host was not reached';
    return {state: 'never', because};
  }
  if (decision.status === 'deferred' || decision.status === 'missing') return {state: 'later'};
  return readOutputs(task, decision, around);
}

function readOutputs(task: TaskNode, decision: Decision, around: Surroundings): Given {
  const where = around.ledger.placeOf(task.id) ?? task.host;
  const resource = 'resource' in decision ? decision.resource : undefined;
  if (!resource) return {state: 'later'};
  if (around.outlook.openBy(where, resource.facts).length > 0) return {state: 'later'};
  const outputs = resource.outputs(viewOf(where, task.user, around)) ?? {};
  if (!areUnknown(outputs)) return {state: 'ready', outputs};
  if (decision.status === 'pending') return {state: 'later'};
  const because = task.selected
    ? 'it could not be read'
    : 'that task is not selected and its output is not there';
  return {state: 'never', because: `${because}: ${outputs.reason}`};
}

/** The draft as people and files see it. */
export function planOf(
  graph: TaskGraph,
  draft: Draft,
  {ledger}: Surroundings,
  open: readonly BracketNode[],
): Plan {
  const tasks = graph.tasks.map((task) =>
    plannedTask(task, draft.decisions.get(task.id), ledger.placeOf(task.id)),
  );
  const brackets = graph.brackets.flatMap((bracket) =>
    plannedBracket(bracket, draft, open.includes(bracket)),
  );
  return {tasks, brackets, unreachable: []};
}

function plannedTask(task: TaskNode, decision: Decision | undefined, at: HostName | undefined): PlannedTask {
  const {id, name, kind, host} = task;
  if (!decision || decision.status === 'missing')
    throw new Error(`Internal error: ${id} was planned before its facts were asked`);
  const {resource, ...shown} = {resource: undefined, ...decision};
  const key = decision.status === 'unchanged' ? undefined : resource?.key;
  const where = at === undefined || at === host ? {} : {at};
  return {id, name, kind, ...(key === undefined ? {} : {key}), host, ...where, ...shown};
}

/** A bracket is planned where a task inside will change so much, or may. */
function plannedBracket(node: BracketNode, draft: Draft, leftOpen: boolean): readonly PlannedBracket[] {
  const inside = node.around.flatMap((id) => draft.decisions.get(id) ?? []);
  const certain = inside.some(
    (each) => each.status === 'pending' && isAtLeast(each.change.impact, node.impact),
  );
  const possible = leftOpen || inside.some(({status}) => status === 'deferred');
  if (!certain && !possible) return [];
  const {id, name, kind, host} = node;
  return [{id, name, kind, host, certain: certain || leftOpen}];
}
