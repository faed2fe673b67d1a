import type {BarrierNode, Edge, TaskGraph, TaskNode} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Outcome, SkipReason} from '../model/outcome.ts';

/** Whether a task may run. `provisional`: yes, if the pipeline that it is planned into gets that far. */
export type Readiness =
  | {readonly state: 'ready'; readonly provisional: boolean}
  | {readonly state: 'blocked'; readonly by: readonly TaskId[]}
  | {readonly state: 'skip'; readonly because: SkipReason; readonly cause?: TaskId};

/** What keeps a task waiting although those before it have ended: a bracket that must close first. */
export interface Gatekeeper {
  /** The brackets around `from` that have to close before `to` may run, or that failed to. */
  between(from: TaskId, to: TaskNode): {readonly open: readonly TaskId[]; readonly failed?: TaskId};
  /** The brackets of a play that are still open. */
  openIn(play: string): readonly TaskId[];
  isStopped(play: string): boolean;
}

/** Which tasks have ended, and what that means for the others. Order is data: only edges are followed. */
export class Schedule {
  readonly outcomes = new Map<TaskId, Outcome>();
  readonly #into = new Map<TaskId, Edge[]>();
  readonly #barriers: ReadonlyMap<TaskId, BarrierNode>;
  readonly #ended = new Set<TaskId>();
  readonly #out = new Map<TaskId, TaskId[]>();
  readonly #waiting = new Map<TaskId, (() => void)[]>();
  readonly #gatekeeper: Gatekeeper;

  constructor(graph: TaskGraph, gatekeeper: Gatekeeper) {
    this.#gatekeeper = gatekeeper;
    this.#barriers = new Map(graph.barriers.map((barrier) => [barrier.id, barrier]));
    const nodes = new Set([...graph.tasks.map(({id}) => id), ...this.#barriers.keys()]);
    for (const edge of graph.edges) {
      if (!nodes.has(edge.from) || !nodes.has(edge.to)) continue; // Brackets have rules of their own.
      grow(this.#into, edge.to, edge);
      grow(this.#out, edge.from, edge.to);
    }
    this.review();
  }

  hasEnded(id: TaskId): boolean {
    return this.#ended.has(id);
  }

  successors(id: TaskId): readonly TaskId[] {
    return this.#out.get(id) ?? [];
  }

  settle(id: TaskId, outcome: Outcome): void {
    this.outcomes.set(id, outcome);
    this.end(id);
    for (const next of this.successors(id)) if (this.#barriers.has(next)) this.#lift(next);
  }

  /** Something that tasks wait for is over: a task, a barrier, or a bracket that was closed. */
  end(id: TaskId): void {
    this.#ended.add(id);
    for (const wake of this.#waiting.get(id) ?? []) wake();
    this.#waiting.delete(id);
  }

  /** Barriers that nothing stands before any more, for example after a bracket was closed. */
  review(): void {
    for (const id of this.#barriers.keys()) this.#lift(id);
  }

  /** Settles when one of these has ended. */
  until(ids: readonly TaskId[]): Promise<void> {
    if (ids.some((id) => this.#ended.has(id))) return Promise.resolve();
    return new Promise((resolve) => {
      for (const id of ids) grow(this.#waiting, id, resolve);
    });
  }

  readiness(task: TaskNode, inPipeline: ReadonlySet<TaskId>): Readiness {
    const blockers: TaskId[] = [];
    let provisional = false;
    for (const edge of this.#into.get(task.id) ?? []) {
      if (inPipeline.has(edge.from)) provisional = true;
      else if (!this.#ended.has(edge.from)) blockers.push(edge.from);
      else {
        const verdict = this.#verdict(edge, task);
        if (verdict.state === 'skip') return verdict;
        if (verdict.state === 'blocked') blockers.push(...verdict.by);
      }
    }
    return blockers.length > 0 ? {state: 'blocked', by: blockers} : {state: 'ready', provisional};
  }

  #verdict(edge: Edge, task: TaskNode): Readiness {
    const barrier = this.#barriers.get(edge.from);
    if (barrier)
      return this.#gatekeeper.isStopped(barrier.play) ? {state: 'skip', because: 'play-stopped'} : READY;
    const failed =
      edge.requires === 'success' ? consequence(edge.from, this.outcomes.get(edge.from)) : undefined;
    if (failed) return failed;
    const gate = this.#gatekeeper.between(edge.from, task);
    if (gate.failed !== undefined && edge.requires === 'success') {
      return {state: 'skip', because: 'dependency-failed', cause: gate.failed};
    }
    return gate.open.length > 0 ? {state: 'blocked', by: gate.open} : READY;
  }

  #lift(id: TaskId): void {
    const barrier = this.#barriers.get(id);
    if (!barrier || this.#ended.has(id)) return;
    const before = this.#into.get(id) ?? [];
    if (!before.every(({from}) => this.#ended.has(from))) return;
    if (this.#gatekeeper.openIn(barrier.play).length > 0) return;
    this.end(id);
    for (const next of this.successors(id)) this.#lift(next);
  }
}

const READY: Readiness = {state: 'ready', provisional: false};

/** What an ended task means for one that needs its success: nothing, or a skip that names the first cause. */
function consequence(id: TaskId, outcome: Outcome | undefined): Readiness | undefined {
  if (outcome?.status === 'failed') return {state: 'skip', because: 'dependency-failed', cause: id};
  if (outcome?.status !== 'skipped') return undefined;
  if (outcome.because === 'condition' || outcome.because === 'not-selected') return undefined;
  if (outcome.because === 'host-unreachable') return {state: 'skip', because: 'dependency-failed', cause: id};
  const {because, cause} = outcome;
  return {state: 'skip', because, ...(cause === undefined ? {} : {cause})};
}

function grow<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
