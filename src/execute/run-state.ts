import pLimit, {type LimitFunction} from 'p-limit';
import {groupedBy} from '../base/grouped.ts';
import {NamedLocks} from '../base/named-locks.ts';
import type {PendingChange} from '../model/change.ts';
import type {EventBody} from '../model/event.ts';
import {ALL_OF_CLUSTER, type Subject} from '../model/fact.ts';
import type {BracketNode, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Failure, Outcome} from '../model/outcome.ts';
import type {Outputs, Resource} from '../model/resource.ts';
import {PLAIN_SUPPLY, type Supply} from '../model/supply.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Ledger, Question} from '../plan/decision.ts';
import {type Bounds, boundsOf} from '../plan/saved-plan.ts';
import {Activity} from './activity.ts';
import {askDuringRun} from './ask-hosts.ts';
import {performBracket} from './bracket-side.ts';
import {Brackets} from './brackets.ts';
import {hostsToContact} from './contacts.ts';
import type {RunContext} from './context.ts';
import {givenBy} from './given-by.ts';
import {Lane} from './lane.ts';
import type {Planned} from './observe-and-plan.ts';
import {choosePlaces} from './places.ts';
import {Reconnecting} from './reconnect.ts';
import type {RunOptions} from './run.ts';
import {Schedule} from './schedule.ts';
import {Slots} from './slots.ts';

/** What a run knows when it begins to change things. */
interface Start {
  readonly planned: Planned;
  readonly world: ReadonlyMap<HostName, KnownHost>;
  /** The tasks whose outputs somebody reads. */
  readonly read: ReadonlySet<TaskId>;
  readonly emit: (event: EventBody) => void;
}

/** What changes while a plan is carried out. */
export class RunState implements RunContext {
  readonly graph: TaskGraph;
  readonly world: ReadonlyMap<HostName, KnownHost>;
  readonly ledger: Ledger;
  readonly read: ReadonlySet<TaskId>;
  readonly schedule: Schedule;
  readonly brackets: Brackets;
  readonly slots: ReadonlyMap<string, Slots>;
  readonly locks = new NamedLocks<TaskId>();
  readonly activity = new Activity(() => this.#breakRing());
  readonly cancel: RunOptions['cancel'];
  readonly bounds: Bounds | undefined;
  readonly auditTouches: boolean;
  readonly supply: Supply;
  readonly bound = new Map<TaskId, Resource>();
  readonly begun = new Map<TaskId, {readonly change: PendingChange; readonly at: number}>();
  readonly limit: LimitFunction;
  readonly emit: (event: EventBody) => void;
  /** Whose start was told. */
  readonly #told = new Set<TaskId>();
  readonly #planned: Planned;
  readonly #places: ReadonlyMap<TaskId, HostName>;
  readonly #open: Map<string, Set<TaskId>>;
  readonly #members: ReadonlyMap<string, readonly TaskId[]>;
  readonly #failedHosts = new Map<string, Set<HostName>>();
  readonly #reconnecting: Reconnecting;

  constructor(options: RunOptions, {planned, world, read, emit}: Start) {
    const {graph, forks, cancel, bounds, auditTouches, transport, supply = PLAIN_SUPPLY} = options;
    this.graph = graph;
    this.world = world;
    this.read = read;
    this.cancel = cancel;
    this.auditTouches = auditTouches;
    this.supply = supply;
    this.bounds = bounds ? boundsOf(bounds) : undefined;
    this.limit = pLimit(forks);
    this.emit = emit;
    this.#planned = planned;
    this.ledger = planned.ledger;
    this.#places = choosePlaces(graph, world, this.ledger);
    const contacted = hostsToContact(graph, read).map(({name}) => name);
    const unreachable = contacted.filter((name) => !world.has(name));
    this.slots = new Map(graph.plays.map((play) => [play.id, new Slots(play, unreachable)]));
    this.brackets = new Brackets(graph, {
      perform: (node, side) =>
        this.activity.working(() => performBracket(node, side, this, planned.brackets)),
      opened: ({id: bracket, host}) => this.emit({type: 'bracket-opened', bracket, host}),
      closed: ({id: bracket, host}) => this.emit({type: 'bracket-closed', bracket, host}),
      ended: (node) => this.#bracketEnded(node),
      failed: (node, side, failure) => this.#bracketFailed(node, side, failure),
    });
    this.#members = this.#groupByPlayAndHost();
    this.#open = new Map([...this.#members].map(([key, ids]) => [key, new Set(ids)]));
    this.#reconnecting = new Reconnecting(transport, this);
    this.schedule = new Schedule(graph, {
      between: (from, to) => this.brackets.between(from, to),
      openIn: (play) => this.brackets.openIn(play),
      isStopped: (play) => this.slots.get(play)?.isStopped === true,
    });
  }

  /** Carries the plan out; ends when every task has ended and every bracket is closed. */
  async work(): Promise<void> {
    this.cancel.onChange((state) => this.#cancelled(state));
    await Promise.all(this.#planned.leftOpen.map((node) => this.brackets.closeLeft(node)));
    this.#settleWithoutTurn();
    const tasks = groupedBy(this.graph.tasks, ({id}) => this.#places.get(id));
    const lanes = [...this.world].map(([name, host]) => new Lane(host, tasks.get(name) ?? [], this));
    const ends = await Promise.allSettled(lanes.map((lane) => this.#workOf(lane)));
    await this.brackets.closeAll();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** The hosts on which something changes, or may. */
  hostsThatChange(): readonly KnownHost[] {
    const idle = new Set(['unchanged', 'skipped']);
    const tasks = this.#planned.plan.tasks.filter(({status}) => !idle.has(status));
    const places = new Set(tasks.map(({id}) => this.#places.get(id)));
    for (const {host, at = host} of this.#planned.plan.brackets) places.add(at);
    return [...this.world.values()].filter(
      ({host, leftJobs}) => places.has(host.name) || leftJobs.length > 0,
    );
  }

  bracketOutputs(bracket: TaskId): Outputs {
    return this.#planned.brackets.outputsOf(bracket);
  }

  ask(questions: readonly Question[], asker: KnownHost): Promise<void> {
    return askDuringRun(questions, asker, this);
  }

  forget(host: KnownHost, touched: readonly Subject[] | 'everything'): void {
    host.forget(touched);
    const shared =
      touched === 'everything' ? [ALL_OF_CLUSTER] : touched.filter((each) => each.startsWith('cluster:'));
    if (shared.length > 0) for (const each of this.world.values()) each.forget(shared);
  }

  isAwaitedElsewhere(task: TaskId): boolean {
    const place = this.#places.get(task);
    return this.schedule.successors(task).some((next) => this.#places.get(next) !== place);
  }

  reconnect(host: KnownHost, because: string): Promise<boolean> {
    return this.#reconnecting.reconnect(host, because);
  }

  begin({id, name, play, host}: TaskNode, change: PendingChange): void {
    const where = this.#places.get(id) ?? host;
    if (!this.#told.has(id)) this.emit({type: 'task-started', task: id, name, host, where});
    this.#told.add(id);
    this.begun.set(id, {change, at: this.begun.get(id)?.at ?? Date.now()});
    this.slots.get(play)?.start(host);
  }

  settle(task: TaskNode, outcome: Outcome): void {
    const begun = this.begun.get(task.id);
    // It was begun, its end was not seen, and now it is as wanted: this run did that.
    const settled: Outcome =
      begun && outcome.status === 'ok' ? {status: 'changed', change: begun.change} : outcome;
    const {id, name, host} = task;
    const durationMs = begun ? Date.now() - begun.at : 0;
    this.emit({type: 'task-finished', task: id, name, host, outcome: settled, durationMs});
    if (this.read.has(id))
      this.ledger.give(
        id,
        givenBy(task, settled, this.world.get(this.#places.get(id) ?? host), this.bound.get(id)),
      );
    if (settled.status === 'failed') this.#hostFailed(task.play, host);
    this.locks.release(id);
    this.schedule.settle(id, settled);
    this.#open.get(keyOf(task))?.delete(id);
    this.brackets.taskEnded(id, settled);
    this.#releaseSlot(task.play, host);
  }

  async #workOf(lane: Lane): Promise<void> {
    try {
      await this.activity.working(() => lane.work());
    } catch (error) {
      lane.abandon();
      throw error;
    }
  }

  /** Nobody can go on: a host that waits for a slot gives way. */
  #breakRing(): void {
    if ([...this.slots.values()].some((slots) => slots.breakRing())) return;
    const left = this.graph.tasks.filter(({id}) => !this.schedule.hasEnded(id)).map(({id}) => id);
    throw new Error(`Internal error: these tasks wait for each other: ${left.join(', ')}`);
  }

  /** What nobody will do: the tasks of hosts that were not reached. */
  #settleWithoutTurn(): void {
    for (const task of this.graph.tasks) {
      const place = this.#places.get(task.id);
      const isAbsent = task.selected && !task.isShared && !this.world.has(task.host);
      const reached = !isAbsent && place !== undefined && this.world.has(place);
      if (!reached) this.settle(task, {status: 'skipped', because: 'host-unreachable'});
    }
  }

  #hostFailed(play: string, host: HostName): void {
    const failed = this.#failedHosts.get(play) ?? new Set();
    this.#failedHosts.set(play, failed.add(host));
    if (this.slots.get(play)?.fail(host)) this.emit({type: 'play-stopped', play, failed: [...failed]});
  }

  #releaseSlot(play: string, host: HostName): void {
    const key = keyOf({play, host});
    if ((this.#open.get(key)?.size ?? 0) > 0) return;
    if (this.brackets.areClosed(this.#members.get(key) ?? [])) this.slots.get(play)?.release(host);
  }

  #bracketFailed(node: BracketNode, side: 'open' | 'close', failure: Failure): void {
    const outcome: Outcome = {status: 'failed', failure};
    this.emit({type: 'bracket-failed', bracket: node.id, host: node.host, side, outcome});
    for (const host of this.brackets.hostsAround(node)) this.#hostFailed(node.play, host);
    this.#bracketEnded(node);
  }

  #bracketEnded(node: BracketNode): void {
    this.schedule.end(node.id);
    this.schedule.review();
    for (const host of this.brackets.hostsAround(node)) this.#releaseSlot(node.play, host);
  }

  #cancelled(state: string): void {
    for (const slots of this.slots.values()) slots.close();
    if (state === 'killing') for (const {session} of this.world.values()) void session.interrupt();
  }

  #groupByPlayAndHost(): ReadonlyMap<string, readonly TaskId[]> {
    const groups = [...groupedBy(this.graph.tasks, keyOf)];
    return new Map(groups.map(([key, tasks]) => [key, tasks.map(({id}) => id)]));
  }
}

const keyOf = ({play, host}: {readonly play: string; readonly host: HostName}): string => `${play}\0${host}`;
