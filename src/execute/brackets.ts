import type {Ending} from '../model/bracket.ts';
import {type Impact, isAtLeast} from '../model/change.ts';
import type {BracketNode, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Failure, Outcome} from '../model/outcome.ts';
import {pathsInto} from './paths-into.ts';
import type {Gatekeeper} from './schedule.ts';

/** What is done with a bracket. */
export type Side = {readonly name: 'open'} | {readonly name: 'close'; readonly ending: Ending};

type State = 'idle' | 'opening' | 'open' | 'closing' | 'closed' | 'failed';

/** What brackets need of a run. */
export interface BracketHooks {
  /** Runs one side of a bracket on its host; a failure, or nothing. */
  perform(node: BracketNode, side: Side): Promise<Failure | undefined>;
  opened(node: BracketNode): void;
  closed(node: BracketNode): void;
  /** It is closed for good: whoever waited for that goes on. */
  ended(node: BracketNode): void;
  failed(node: BracketNode, side: Side['name'], failure: Failure): void;
}

/** Opens brackets before the first change inside that asks for it, and closes them behind the last. */
export class Brackets implements Pick<Gatekeeper, 'between' | 'openIn'> {
  readonly #states = new Map<TaskId, State>();
  readonly #around = new Map<TaskId, BracketNode[]>();
  readonly #needed: (node: BracketNode) => ReadonlySet<TaskId>;
  readonly #private = new Set<TaskId>();
  readonly #hosts = new Map<TaskId, ReadonlySet<HostName>>();
  /** How many tasks inside have not ended. */
  readonly #left = new Map<TaskId, number>();
  /** Those with a task inside that failed, or was not begun. */
  readonly #broken = new Set<TaskId>();
  readonly #work = new Map<TaskId, Promise<void>>();
  readonly #hooks: BracketHooks;
  readonly #graph: TaskGraph;

  constructor(graph: TaskGraph, hooks: BracketHooks) {
    this.#hooks = hooks;
    this.#graph = graph;
    this.#needed = pathsInto(graph);
    const hostOf = new Map(graph.tasks.map(({id, host}) => [id, host]));
    for (const node of graph.brackets) {
      const hosts = new Set(node.around.flatMap((id) => hostOf.get(id) ?? []));
      this.#hosts.set(node.id, hosts);
      this.#left.set(node.id, node.around.length);
      if (hosts.size <= 1) this.#private.add(node.id);
      for (const task of node.around) {
        this.#around.set(task, [...(this.#around.get(task) ?? []), node]);
      }
    }
  }

  /** Those that must be opened before a task may change so much. */
  toOpen(task: TaskId, impact: Impact): readonly BracketNode[] {
    return (this.#around.get(task) ?? []).filter(
      (node) => this.#stateOf(node) !== 'open' && isAtLeast(impact, node.impact),
    );
  }

  /** Opens, or waits for who opens it. `false`: it failed, now or before. */
  async open(node: BracketNode): Promise<boolean> {
    if (this.#stateOf(node) === 'idle') this.#begin(node, this.#open(node));
    await this.#work.get(node.id);
    return this.#stateOf(node) === 'open';
  }

  /** Closes what a dead run left. */
  async closeLeft(node: BracketNode): Promise<void> {
    await this.#close(node, 'idle');
  }

  /** A task ended: brackets with nothing left inside are closed. */
  taskEnded(task: TaskId, outcome: Outcome): void {
    for (const node of this.#around.get(task) ?? []) {
      if (!isWell(outcome)) this.#broken.add(node.id);
      const left = (this.#left.get(node.id) ?? 0) - 1;
      this.#left.set(node.id, left);
      if (left === 0 && this.#stateOf(node) === 'open') this.#begin(node, this.#close(node, 'closed'));
    }
  }

  /** Whose tasks are inside. */
  hostsAround({id}: BracketNode): ReadonlySet<HostName> {
    return this.#hosts.get(id) ?? new Set();
  }

  /** The run ends: closes whatever is open, one at a time, the last first. */
  async closeAll(): Promise<void> {
    await Promise.all(this.#work.values());
    for (const node of this.#graph.brackets.toReversed()) {
      if (this.#stateOf(node) === 'open') await this.#close(node, 'closed');
    }
  }

  between(from: TaskId, to: TaskNode): {readonly open: readonly TaskId[]; readonly failed?: TaskId} {
    const around = this.#around.get(from);
    if (around === undefined) return {open: []};
    const outside = around.filter((node) => this.#separates(node, to));
    const failed = outside.find((node) => this.#stateOf(node) === 'failed');
    const open = outside.filter((node) => this.#isBusy(node)).map(({id}) => id);
    return failed ? {open, failed: failed.id} : {open};
  }

  openIn(play: string): readonly TaskId[] {
    return this.#graph.brackets.filter((node) => node.play === play && this.#isBusy(node)).map(({id}) => id);
  }

  /** Whether a host's own brackets around its tasks of a play are all closed, and well. */
  areClosed(tasks: readonly TaskId[]): boolean {
    const own = tasks.flatMap((task) => this.#around.get(task) ?? []).filter(({id}) => this.#private.has(id));
    return own.every((node) => ['idle', 'closed'].includes(this.#stateOf(node)));
  }

  /**
   * What stands between two tasks inside runs while it is open: the second would wait for it for ever.
   * A bracket around several hosts does not keep the later tasks of its own play waiting: they may be what the
   * others need to go on. So may be a play between those that it is around.
   */
  #separates(node: BracketNode, to: TaskNode): boolean {
    if (this.#needed(node).has(to.id)) return false;
    const later = this.#graph.plays.findLast(({id}) => id === to.play || id === node.play);
    return to.play === node.play ? this.#private.has(node.id) : later?.id === to.play;
  }

  /** Whoever ends the run hears of our own mistakes. */
  #begin(node: BracketNode, work: Promise<void>): void {
    work.catch(() => undefined);
    this.#work.set(node.id, work);
  }

  #isBusy(node: BracketNode): boolean {
    return ['opening', 'open', 'closing'].includes(this.#stateOf(node));
  }

  #stateOf({id}: BracketNode): State {
    return this.#states.get(id) ?? 'idle';
  }

  async #open(node: BracketNode): Promise<void> {
    this.#states.set(node.id, 'opening');
    const failure = await this.#hooks.perform(node, {name: 'open'});
    if (failure) {
      await this.#hooks.perform(node, {name: 'close', ending: 'broken'}); // Half open: what the failed opening left goes as well.
      return this.#fail(node, 'open', failure);
    }
    this.#states.set(node.id, 'open');
    this.#hooks.opened(node);
  }

  async #close(node: BracketNode, then: 'idle' | 'closed'): Promise<void> {
    this.#states.set(node.id, 'closing');
    // Behind a dead run and behind one that was cut short nothing is complete.
    const isWhole = then === 'closed' && this.#left.get(node.id) === 0 && !this.#broken.has(node.id);
    const ending = isWhole ? 'complete' : 'broken';
    const failure = await this.#hooks.perform(node, {name: 'close', ending});
    if (failure) return this.#fail(node, 'close', failure);
    this.#states.set(node.id, then);
    this.#hooks.closed(node);
    // What a dead run left open may be opened again, and has not ended with that.
    if (then === 'closed') this.#hooks.ended(node);
  }

  #fail(node: BracketNode, side: Side['name'], failure: Failure): void {
    this.#states.set(node.id, 'failed');
    this.#hooks.failed(node, side, failure);
  }
}

/** As it was meant to be: also where there was nothing to do. */
const isWell = (outcome: Outcome): boolean =>
  outcome.status === 'skipped'
    ? outcome.because === 'condition' || outcome.because === 'not-selected'
    : outcome.status !== 'failed';
