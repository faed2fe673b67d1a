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
  /** The plays that are behind each barrier. */
  readonly #behind = new Map<TaskId, Set<string>>();
  /** Plays and barriers behind a play that was stopped, however many plays are between. */
  readonly #cutOff = new Set<string>();
  /** Barriers that need the success of what did not succeed. */
  readonly #broken = new Map<TaskId, Readiness>();
  readonly #gatekeeper: Gatekeeper;

  constructor(graph: TaskGraph, gatekeeper: Gatekeeper) {
    this.#gatekeeper = gatekeeper;
    this.#barriers = new Map(graph.barriers.map((barrier) => [barrier.id, barrier]));
    const plays = new Map(graph.tasks.map(({id, play}) => [id, play]));
    const isNode = (id: TaskId): boolean => plays.has(id) || this.#barriers.has(id);
    for (const edge of graph.edges) {
      if (!isNode(edge.from) || !isNode(edge.to)) continue; // Brackets have rules of their own.
      if (this.#barriers.has(edge.from)) this.#note(edge.from, plays.get(edge.to));
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
    if (this.#cutOff.has(task.play)) return STOPPED;
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

  #verdict({from, requires}: Edge, task: TaskNode): Readiness {
    const isFree = requires === 'end' || (requires === 'no-failure' && isLeftOut(this.outcomes.get(from)));
    const failed = isFree ? undefined : this.#consequence(from);
    if (failed) return failed;
    if (this.#barriers.has(from)) return READY;
    const gate = this.#gatekeeper.between(from, task);
    if (gate.failed !== undefined && requires !== 'end') {
      return {state: 'skip', because: 'dependency-failed', cause: gate.failed};
    }
    return gate.open.length > 0 ? {state: 'blocked', by: gate.open} : READY;
  }

  #note(barrier: TaskId, play: string | undefined): void {
    const plays = this.#behind.get(barrier) ?? new Set();
    this.#behind.set(barrier, plays);
    if (play !== undefined) plays.add(play);
  }

  /** What the end of a play means for those behind its barrier. */
  #passOn({id, play}: BarrierNode, before: readonly Edge[]): void {
    const broken = before.flatMap(({from, requires}) =>
      requires === 'success' ? (this.#consequence(from) ?? []) : [],
    );
    if (broken[0]) this.#broken.set(id, broken[0]);
    const isCutOff = this.#cutOff.has(play) || before.some(({from}) => this.#cutOff.has(from));
    if (!isCutOff && !this.#gatekeeper.isStopped(play)) return;
    for (const each of [id, ...(this.#behind.get(id) ?? [])]) this.#cutOff.add(each);
  }

  #consequence(id: TaskId): Readiness | undefined {
    return this.#barriers.has(id) ? this.#broken.get(id) : consequence(id, this.outcomes.get(id));
  }

  #lift(id: TaskId): void {
    const barrier = this.#barriers.get(id);
    if (!barrier || this.#ended.has(id)) return;
    const before = this.#into.get(id) ?? [];
    if (!before.every(({from}) => this.#ended.has(from))) return;
    if (this.#gatekeeper.openIn(barrier.play).length > 0) return;
    this.#passOn(barrier, before);
    this.end(id);
    for (const next of this.successors(id)) this.#lift(next);
  }
}

const READY: Readiness = {state: 'ready', provisional: false};
const STOPPED: Readiness = {state: 'skip', because: 'play-stopped'};

/** Nobody could try: its host is away. */
const isLeftOut = (outcome: Outcome | undefined): boolean =>
  outcome?.status === 'skipped' && outcome.because === 'host-unreachable';

/** What an ended task means for one that needs its success: nothing, or a skip that names the first cause. */
function consequence(id: TaskId, outcome: Outcome | undefined): Readiness | undefined {
  if (outcome?.status === 'failed') return {state: 'skip', because: 'dependency-failed', cause: id};
  if (outcome?.status !== 'skipped') return undefined;
  if (outcome.because === 'condition' || outcome.because === 'not-selected') return undefined;
  if (isLeftOut(outcome)) return {state: 'skip', because: 'dependency-failed', cause: id};
  const {because, cause} = outcome;
  return {state: 'skip', because, ...(cause === undefined ? {} : {cause})};
}

function grow<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
