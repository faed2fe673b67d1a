import {isAtLeast, type PendingChange} from '../model/change.ts';
import type {Subject} from '../model/fact.ts';
import type {TaskNode} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Outcome} from '../model/outcome.ts';
import type {Resource} from '../model/resource.ts';
import {decide, type Surroundings} from '../plan/decide.ts';
import type {Decision, Question} from '../plan/decision.ts';
import {Outlook} from '../plan/outlook.ts';
import {placeOfTask, type RunContext, slotsOf} from './context.ts';
import {outcomeOf} from './outcome-of.ts';
import {isSpecial} from './parcels.ts';

/** What a host does next. */
export type Turn =
  /** Changes that are sent one after the other, without waiting for answers. */
  | {readonly type: 'pipeline'; readonly moves: readonly Move[]}
  /** A change that needs more than that: retries, locks, a file of its own, time to settle, … */
  | {readonly type: 'alone'; readonly move: ChangeMove}
  /** A change that must first get its brackets opened, or a slot. */
  | {readonly type: 'admit'; readonly move: ChangeMove}
  | {readonly type: 'ask'; readonly questions: readonly Question[]}
  | {readonly type: 'wait'; readonly for: readonly TaskId[]}
  | {readonly type: 'done'};

/** The turn of a task inside a pipeline. */
export type Move = ChangeMove | {readonly task: TaskNode; readonly outcome: Outcome};

export interface ChangeMove {
  readonly task: TaskNode;
  readonly resource: Resource;
  readonly change: PendingChange;
}

export const isChange = (move: Move): move is ChangeMove => 'change' in move;

/** All that these may alter. */
export function touchedBy(moves: readonly ChangeMove[]): readonly Subject[] | 'everything' {
  const touched = moves.map(({change}) => change.touches);
  return touched.includes('everything') ? 'everything' : [...new Set(touched.flat() as readonly Subject[])];
}

/** Looks at the tasks that are left, in order, settles what needs nothing done, and says what to do next. */
export function nextTurn(rest: readonly TaskNode[], run: RunContext): Turn {
  const builder = new TurnBuilder(run);
  for (const task of rest) {
    if (run.schedule.hasEnded(task.id)) continue;
    const turn = builder.consider(task);
    if (turn) return turn;
  }
  return builder.end();
}

class TurnBuilder {
  readonly #run: RunContext;
  readonly #around: Surroundings;
  readonly #moves: Move[] = [];
  readonly #inside = new Set<TaskId>();
  readonly #blockers = new Set<TaskId>();

  constructor(run: RunContext) {
    this.#run = run;
    const {world, ledger, read} = run;
    const bracketOutputs: Surroundings['bracketOutputs'] = (id) => run.bracketOutputs(id);
    this.#around = {world, ledger, read, bracketOutputs, outlook: new Outlook()};
  }

  /** The turn, once it is clear; `undefined`: look at the next task. */
  consider(task: TaskNode): Turn | undefined {
    const readiness = this.#run.schedule.readiness(task, this.#inside);
    if (readiness.state === 'blocked') {
      for (const blocker of readiness.by) this.#blockers.add(blocker);
      return undefined;
    }
    if (readiness.state === 'skip') {
      const {because, cause} = readiness;
      return this.#settle(task, {status: 'skipped', because, ...(cause === undefined ? {} : {cause})});
    }
    if (isCut(task, this.#run)) {
      return readiness.provisional
        ? this.#pipeline()
        : this.#settle(task, {status: 'skipped', because: task.selected ? 'cancelled' : 'not-selected'});
    }
    // What is not selected ends in its turn all the same: order goes through it, and its outputs may be read.
    const decision = decide(task, this.#around);
    return this.#follow(task, decision, readiness.provisional);
  }

  end(): Turn {
    if (this.#moves.length > 0) return this.#pipeline();
    return this.#blockers.size > 0 ? {type: 'wait', for: [...this.#blockers]} : {type: 'done'};
  }

  #pipeline(): Turn {
    return {type: 'pipeline', moves: this.#moves};
  }

  #settle(task: TaskNode, outcome: Outcome): undefined {
    this.#run.settle(task, outcome);
  }

  #follow(task: TaskNode, decision: Decision, provisional: boolean): Turn | undefined {
    if ('resource' in decision && decision.resource) this.#run.bound.set(task.id, decision.resource);
    if (decision.status === 'pending') return this.#change({task, ...decision});
    const outcome = outcomeFor(task, decision);
    if (outcome && provisional)
      return outcome.status === 'failed' ? this.#pipeline() : this.#join(task, outcome);
    if (outcome && !(outcome.status === 'failed' && this.#moves.length > 0))
      return this.#settle(task, outcome);
    if (this.#moves.length > 0) return this.#pipeline();
    if (decision.status === 'missing') return {type: 'ask', questions: decision.questions};
    throw new Error(`Internal error: ${task.id} waits for a change that nobody makes`);
  }

  /** Nothing to do, if those before it in the pipeline do what they should. */
  #join(task: TaskNode, outcome: Outcome): undefined {
    this.#moves.push({task, outcome});
    this.#inside.add(task.id);
  }

  #change(move: ChangeMove): Turn | undefined {
    const refusal = this.#refusal(move);
    if (refusal) return this.#moves.length > 0 ? this.#pipeline() : this.#settle(move.task, refusal);
    if (this.#needsAdmission(move)) return this.#moves.length > 0 ? this.#pipeline() : {type: 'admit', move};
    if (this.#isSpecial(move)) return this.#moves.length > 0 ? this.#pipeline() : {type: 'alone', move};
    const first = this.#moves.find(isChange);
    if (first && first.task.user !== move.task.user) return this.#pipeline();
    this.#moves.push(move);
    this.#inside.add(move.task.id);
    this.#around.outlook.expect(placeOfTask(move.task, this.#run.ledger), move.change, move.task.id);
    // Who waits for it on another host, or behind a barrier, should not wait for what comes behind it here.
    const isAwaited = this.#run.isAwaitedElsewhere(move.task.id);
    return move.change.proof === 'facts' || isAwaited ? this.#pipeline() : undefined;
  }

  #refusal({task, change}: ChangeMove): Outcome | undefined {
    const begun = this.#run.begun.get(task.id);
    const isRest = begun !== undefined && isAtLeast(begun.change.impact, change.impact);
    // What a lost connection or a failed attempt left of a change that was allowed is allowed.
    const because = isRest ? undefined : this.#run.bounds?.exceeded(task.id, change);
    if (because !== undefined) return {status: 'failed', failure: {reason: 'beyond-plan', because}};
    if (slotsOf(task, this.#run.slots).admits(task.host)) return undefined;
    return {status: 'skipped', because: 'play-stopped'};
  }

  #needsAdmission({task, change}: ChangeMove): boolean {
    if (this.#run.brackets.toOpen(task.id, change.impact).length > 0) return true;
    return isAtLeast(change.impact, 'restart') && !slotsOf(task, this.#run.slots).holds(task.host);
  }

  #isSpecial({task, resource, change}: ChangeMove): boolean {
    const {retries, locks} = task;
    if (this.#run.auditTouches || retries.count > 0 || locks.length > 0) return true;
    return resource.settle !== undefined || change.steps.some(isSpecial);
  }
}

/** Ctrl-C: nothing new is started, and what was begun is finished, unless all is ended by force. */
export const isCut = ({id}: TaskNode, {cancel, begun}: RunContext): boolean =>
  cancel.state === 'killing' || (cancel.state === 'stopping' && !begun.has(id));

/** What is only looked at cannot fail: who reads its outputs does. */
function outcomeFor(task: TaskNode, decision: Exclude<Decision, {status: 'pending'}>): Outcome | undefined {
  const outcome = outcomeOf(decision);
  if (task.selected || outcome?.status !== 'failed') return outcome;
  return {status: 'skipped', because: 'not-selected'};
}
