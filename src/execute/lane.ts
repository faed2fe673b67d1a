import {isAtLeast, isPending, isUnknown} from '../model/change.ts';
import type {FactQuery, Subject} from '../model/fact.ts';
import {covers, idOf} from '../model/fact.ts';
import type {TaskNode} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Failure, Outcome} from '../model/outcome.ts';
import {isTransportError} from '../model/transport.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {audited} from './audit.ts';
import {type RunContext, slotsOf} from './context.ts';
import {type Delivered, deliver} from './deliver.ts';
import {parcelsOf} from './parcels.ts';
import {prove, settled} from './prove.ts';
import type {Slots} from './slots.ts';
import {type ChangeMove, isChange, isCut, type Move, nextTurn, type Turn, touchedBy} from './turn.ts';

/** A change that loses the connection each time it is tried is what ends the connection. */
const LOSSES_ALLOWED = 3;

const RING =
  'It waits for a slot, and those who keep one wait for it. Let fewer tasks of the play wait for other hosts, or raise max_unavailable.';

/** The tasks that run on one host: in order, as far as the graph lets them. */
export class Lane {
  readonly #host: KnownHost;
  readonly #run: RunContext;
  #rest: readonly TaskNode[];
  readonly #attempts = new Map<TaskId, number>();
  readonly #losses = new Map<TaskId, number>();

  constructor(host: KnownHost, tasks: readonly TaskNode[], run: RunContext) {
    this.#host = host;
    this.#rest = tasks;
    this.#run = run;
  }

  async work(): Promise<void> {
    for (;;) {
      this.#rest = this.#left();
      const turn = nextTurn([...this.#rest.filter((task) => this.#hasLocks(task)), ...this.#rest], this.#run);
      if (turn.type === 'done') return;
      try {
        await this.#take(turn);
      } catch (error) {
        if (!isTransportError(error)) throw error;
        if (!(await this.#recover(error.message))) return;
      }
    }
  }

  #take(turn: Exclude<Turn, {type: 'done'}>): Promise<void> {
    switch (turn.type) {
      case 'wait':
        return this.#run.activity.waiting(this.#run.schedule.until(turn.for));
      case 'ask':
        return this.#run.ask(turn.questions, this.#host);
      case 'admit':
        return this.#admit(turn.move);
      case 'pipeline':
        return this.#run.limit(() => this.#unlessStale(turn.moves, () => this.#pipeline(turn.moves)));
      case 'alone':
        return this.#guarded(turn.move);
    }
  }

  /** Its locks are its own until it ends, whatever comes between: others might begin where it is half done. */
  async #guarded(move: ChangeMove): Promise<void> {
    const {locks, begun, activity} = this.#run;
    const {task} = move;
    await activity.waiting(locks.take(task.locks, task.id));
    const work = this.#run.limit(() => this.#unlessStale([move], () => this.#alone(move)));
    await work.finally(() => begun.has(task.id) || locks.release(task.id));
  }

  /** Nothing else is done before it: others wait for its end. */
  #hasLocks({id, locks}: TaskNode): boolean {
    return locks.length > 0 && this.#run.begun.has(id);
  }

  /** While it waited for its turn the run may have been cancelled, or others altered what it was decided by. */
  async #unlessStale(moves: readonly Move[], work: () => Promise<void>): Promise<void> {
    const isCertain = ({task, resource}: ChangeMove): boolean =>
      !isCut(task, this.#run) && resource.facts.every((query) => this.#host.facts(task.user).has(query));
    if (moves.filter(isChange).every(isCertain)) await work();
  }

  /** Takes a slot first, since brackets may take the host away as well; then it is looked at again. */
  async #admit({task, change}: ChangeMove): Promise<void> {
    const slots = slotsOf(task, this.#run.slots);
    if (isAtLeast(change.impact, 'restart') && !slots.holds(task.host)) return this.#awaitSlot(task, slots);
    for (const bracket of this.#run.brackets.toOpen(task.id, change.impact)) {
      if (await this.#run.brackets.open(bracket)) continue;
      return this.#run.settle(task, {status: 'skipped', because: 'dependency-failed', cause: bracket.id});
    }
  }

  async #awaitSlot(task: TaskNode, slots: Slots): Promise<void> {
    this.#run.emit({type: 'task-waiting', task: task.id, host: task.host, for: 'slot'});
    const answer = await this.#run.activity.waiting(slots.acquire(task.host));
    if (answer === 'granted' || isCut(task, this.#run)) return;
    if (answer === 'stopped') this.#run.settle(task, {status: 'skipped', because: 'play-stopped'});
    else this.#fail(task, {reason: 'deadlock', because: RING});
  }

  async #pipeline(moves: readonly Move[]): Promise<void> {
    const delivered = await this.#deliver(moves.filter(isChange));
    const culprit = this.#culprit(delivered);
    const end = culprit ?? moves.find((move) => isChange(move) && !this.#run.begun.has(move.task.id));
    const proven = end ? moves.slice(0, moves.indexOf(end)) : moves;
    for (const move of proven)
      this.#run.settle(move.task, isChange(move) ? this.#outcome(move) : move.outcome);
    if (!culprit || !delivered.failure) return;
    const {owners, failure} = delivered.failure;
    // The shell has skipped what was sent behind the failed step: of that nothing was begun.
    for (const move of moves.slice(proven.length))
      if (!isChange(move) || !owners.includes(move)) this.#run.begun.delete(move.task.id);
    this.#fail(culprit.task, failure);
  }

  async #alone(move: ChangeMove): Promise<void> {
    const {task, resource} = move;
    const cause = this.#run.locks.keeperOf(task.locks);
    if (cause) return this.#run.settle(task, {status: 'skipped', because: 'dependency-failed', cause});
    const [delivered, surplus] = await audited(this.#host, move, this.#run, () => this.#deliver([move]));
    if (!this.#run.begun.has(task.id)) return; // Nothing of it has left: it was cancelled meanwhile.
    if (delivered.failure) return this.#failOrRetry(task, delivered.failure.failure);
    if (surplus.length > 0) return this.#fail(task, {reason: 'touched-more', facts: surplus});
    if (resource.settle) {
      this.#run.emit({type: 'task-waiting', task: task.id, host: task.host, for: 'settle'});
      await settled(this.#host, move, resource.settle, this.#run);
    }
    const outcome = this.#outcome(move);
    return outcome.status === 'failed'
      ? this.#failOrRetry(task, outcome.failure)
      : this.#run.settle(task, outcome);
  }

  /** Sends the steps, and asks in the same round trip what proves them and what they may have altered. */
  async #deliver(moves: readonly ChangeMove[]): Promise<Delivered<ChangeMove>> {
    this.#begin(moves.filter(({change}) => change.steps.length === 0)); // These only wait: nothing of them leaves.
    const user = moves[0]?.task.user;
    const sender = {user, supply: this.#run.supply, begin: this.#begin};
    const touched = touchedBy(moves);
    const loads = moves.map((move) => ({
      owner: move,
      steps: move.change.steps,
      timeoutMs: move.task.timeoutMs,
    }));
    const delivered = await this.#host
      .exclusively(() => deliver(this.#host, sender, parcelsOf(loads), this.#stale(moves, touched, user)))
      .finally(() => this.#run.forget(this.#host, touched)); // It may have been done though its end was not seen.
    this.#host.facts(user).learn(delivered.facts);
    return delivered;
  }

  /** Those who share a step begin together, or not at all where each of them is cut. */
  readonly #begin = (moves: readonly ChangeMove[]): boolean => {
    if (moves.every(({task}) => isCut(task, this.#run))) return false;
    for (const {task, change} of moves) this.#run.begin(task, change);
    return true;
  };

  /** What proves the changes, and what the tasks behind them may read differently now. */
  #stale(
    moves: readonly ChangeMove[],
    touched: readonly Subject[] | 'everything',
    user: string | undefined,
  ): readonly FactQuery[] {
    const isTouched = ({subject}: FactQuery): boolean =>
      touched === 'everything' || touched.some((each) => covers(each, subject));
    const inPipeline = new Set(moves.map(({task}) => task.id));
    const behind = this.#rest.filter((task) => task.user === user && !inPipeline.has(task.id));
    const asked = behind.flatMap(({id}) => this.#run.bound.get(id)?.facts ?? []).filter(isTouched);
    const queries = [...moves.flatMap(({resource}) => resource.facts), ...asked];
    return [...new Map(queries.map((query) => [idOf(query), query])).values()];
  }

  /** Of those who share a failed step the first that is not as wanted. */
  #culprit({failure}: Delivered<ChangeMove>): ChangeMove | undefined {
    if (!failure) return undefined;
    return failure.owners.find((move) => this.#outcome(move).status === 'failed') ?? failure.owners.at(-1);
  }

  /** The second diff is the proof of idempotence. */
  #outcome(move: ChangeMove): Outcome {
    const verdict = prove(this.#host, move, this.#run);
    if (isUnknown(verdict)) return failed({reason: 'unobservable', because: verdict.reason});
    if (isPending(verdict)) return failed({reason: 'not-converged', remaining: verdict});
    return {status: 'changed', change: move.change};
  }

  /** Who fails in the middle of a change keeps its locks, as a host that fails keeps its slot. */
  #fail(task: TaskNode, failure: Failure): void {
    if (this.#run.begun.has(task.id)) this.#run.locks.keep(task.locks, task.id);
    this.#run.settle(task, failed(failure));
  }

  async #failOrRetry(task: TaskNode, failure: Failure): Promise<void> {
    const attempt = (this.#attempts.get(task.id) ?? 0) + 1;
    const {count, delayMs} = task.retries;
    if (attempt > count || this.#run.cancel.state !== 'running') return this.#fail(task, failure);
    this.#attempts.set(task.id, attempt);
    const wait = delayMs * 2 ** (attempt - 1);
    const because = failure.reason;
    this.#run.emit({type: 'task-retried', task: task.id, attempt, of: count, delayMs: wait, because});
    await this.#run.cancel.delay(wait, 'stopping');
    if (this.#run.cancel.state !== 'running') this.#fail(task, failure);
  }

  /** The connection is gone: connects again, or gives the host up. */
  async #recover(because: string): Promise<boolean> {
    const suspect = this.#inFlight() ?? this.#left()[0];
    const losses = suspect ? (this.#losses.get(suspect.id) ?? 0) + 1 : 0;
    if (suspect) this.#losses.set(suspect.id, losses);
    const isBegun = suspect !== undefined && this.#run.begun.has(suspect.id);
    if (isBegun && losses > LOSSES_ALLOWED) this.#fail(suspect, {reason: 'connection-lost', because});
    const isHopeless = losses > LOSSES_ALLOWED && !isBegun; // Looking at the host is what ends the connection.
    if (!isHopeless && (await this.#run.reconnect(this.#host, because))) return true;
    this.#giveUp(because);
    return false;
  }

  /** Our own mistake ended the lane: nobody has to wait for what it has left. */
  abandon(): void {
    for (const task of this.#left()) this.#run.settle(task, {status: 'skipped', because: 'cancelled'});
  }

  #left(): readonly TaskNode[] {
    return this.#rest.filter(({id}) => !this.#run.schedule.hasEnded(id));
  }

  /** The first that was begun and is not proven: what was in flight behind it may not have been begun at all. */
  #inFlight(): TaskNode | undefined {
    return this.#left().find(({id}) => this.#run.begun.has(id));
  }

  #giveUp(because: string): void {
    const left = this.#left();
    const cause = this.#inFlight() ?? left[0];
    if (!cause) return;
    this.#fail(cause, {reason: 'connection-lost', because});
    const reason = this.#run.cancel.state === 'running' ? 'host-unreachable' : 'cancelled';
    const skipped: Outcome = {status: 'skipped', because: reason, cause: cause.id};
    for (const task of left) if (!this.#run.schedule.hasEnded(task.id)) this.#run.settle(task, skipped);
  }
}

const failed = (failure: Failure): Outcome => ({status: 'failed', failure});
