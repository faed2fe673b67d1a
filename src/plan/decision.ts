import type {Finding, Impact, PendingChange} from '../model/change.ts';
import type {FactQuery} from '../model/fact.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Outputs, Resource} from '../model/resource.ts';

/** What to do about a task, as far as it can be told from what is known. */
export type Decision =
  | {readonly status: 'unchanged'; readonly resource: Resource; readonly findings?: readonly Finding[]}
  | {readonly status: 'pending'; readonly resource: Resource; readonly change: PendingChange}
  | Deferred
  | {readonly status: 'unobservable'; readonly because: string}
  | {readonly status: 'invalid'; readonly because: string; readonly place: string}
  | {readonly status: 'findings'; readonly findings: readonly Finding[]}
  | {readonly status: 'skipped'; readonly because: 'condition' | 'host-unreachable'}
  /** With its resource where somebody reads its outputs: it is looked at all the same. */
  | {readonly status: 'skipped'; readonly because: 'not-selected'; readonly resource?: Resource}
  /** Questions that nobody asked yet, and of whom. */
  | {readonly status: 'missing'; readonly questions: readonly Question[]};

/** A change before it may alter what it would look at: it is decided at its turn. */
export interface Deferred {
  readonly status: 'deferred';
  readonly waitsFor: readonly TaskId[];
  readonly worst: Impact;
  readonly resource: Resource | undefined;
}

export interface Question {
  readonly host: HostName;
  readonly user: string | undefined;
  readonly query: FactQuery;
}

/** What others may read of a task that was decided or done. */
export type Given =
  | {readonly state: 'ready'; readonly outputs: Outputs}
  | {readonly state: 'later'}
  | {readonly state: 'never'; readonly because: string};

/** What the tasks before gave, and where each task runs. */
export class Ledger {
  readonly #given = new Map<TaskId, Given>();
  readonly #places = new Map<TaskId, HostName>();

  give(task: TaskId, given: Given): void {
    this.#given.set(task, given);
  }

  given(task: TaskId): Given {
    return this.#given.get(task) ?? {state: 'later'};
  }

  place(task: TaskId, where: HostName): void {
    this.#places.set(task, where);
  }

  placeOf(task: TaskId): HostName | undefined {
    return this.#places.get(task);
  }
}
