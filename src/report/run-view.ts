import type {Event} from '../model/event.ts';
import type {HostName, TaskId} from '../model/names.ts';
import {countPlan} from './plan-counts.ts';

/** What one host does now. */
export interface HostView {
  readonly host: HostName;
  readonly task: TaskId;
  readonly name: string;
  readonly since: number;
  readonly note: string;
}

/** What a terminal shows of a run: kept up to date by events, in constant time for each. */
export class RunView {
  readonly working = new Map<TaskId, HostView>();
  hosts = 0;
  connected = 0;
  unreachable = 0;
  changes = 0;
  deferred = 0;
  finished = 0;
  failed = 0;
  isCancelled = false;
  #todo: ReadonlySet<TaskId> = new Set();

  learn(event: Event): void {
    switch (event.type) {
      case 'run-started':
        this.hosts = event.hosts;
        return;
      case 'host-connected':
        this.connected += 1;
        return;
      case 'host-unreachable':
        this.unreachable += 1;
        return;
      case 'plan-ready':
        return this.#plan(event);
      case 'task-started':
        return void this.working.set(event.task, {...event, since: event.at, note: placeNote(event)});
      case 'task-waiting':
        return this.#note(event.task, `waits: ${event.for}`);
      case 'task-retried':
        return this.#note(event.task, `try ${event.attempt} of ${event.of}`);
      case 'task-finished':
        return this.#finish(event);
      case 'cancelled':
        this.isCancelled = true;
        return;
      case 'host-lost':
      case 'host-back':
      case 'lock-busy':
      case 'locked':
      case 'bracket-opened':
      case 'bracket-closed':
      case 'bracket-failed':
      case 'play-stopped':
      case 'run-finished':
    }
  }

  /** Everything that the plan wanted done has ended in some way. */
  get isApplied(): boolean {
    return this.finished >= this.#todo.size;
  }

  get todo(): number {
    return this.#todo.size;
  }

  #plan({plan}: Extract<Event, {type: 'plan-ready'}>): void {
    const {statuses} = countPlan(plan);
    this.changes = statuses.pending;
    this.deferred = statuses.deferred;
    const open = plan.tasks.filter(({status}) => status === 'pending' || status === 'deferred');
    this.#todo = new Set(open.map(({id}) => id));
  }

  #note(task: TaskId, note: string): void {
    const view = this.working.get(task);
    if (view) this.working.set(task, {...view, note});
  }

  #finish({task, outcome}: Extract<Event, {type: 'task-finished'}>): void {
    this.working.delete(task);
    if (this.#todo.has(task)) this.finished += 1;
    if (outcome.status === 'failed') this.failed += 1;
  }
}

const placeNote = ({host, where}: Extract<Event, {type: 'task-started'}>): string =>
  host === where ? '' : `at ${where}`;
