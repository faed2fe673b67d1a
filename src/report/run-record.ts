import type {Event, Summary} from '../model/event.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Failure, Outcome, SkipReason} from '../model/outcome.ts';

/** A task that changed its host. */
export interface ChangedTask {
  readonly name: string;
  readonly host: HostName;
}

/** A task that failed, or a bracket that could not be opened or closed. */
export interface FailedTask {
  readonly id: TaskId;
  readonly name: string;
  readonly host: HostName;
  readonly failure: Failure;
}

/** A task that did not run, and the one that is to blame, if one is. */
export interface SkippedTask {
  readonly name: string;
  readonly host: HostName;
  readonly because: SkipReason;
  readonly cause: TaskId | undefined;
}

/** A run that was interrupted can only be told by its events. */
export interface RunEnd {
  readonly summary: Summary;
  readonly exitCode: number;
  readonly durationMs: number;
}

/** What the end of a run is told from: kept while it goes on. */
export class RunRecord {
  readonly changed: ChangedTask[] = [];
  readonly failed: FailedTask[] = [];
  readonly skipped: SkippedTask[] = [];
  readonly unreachable: Extract<Event, {type: 'host-unreachable'}>[] = [];
  readonly stopped: Extract<Event, {type: 'play-stopped'}>[] = [];
  readonly busy: Extract<Event, {type: 'lock-busy'}>[] = [];
  interrupted = false;
  /** The plan is out and nothing is begun: tasks that end now end as the plan has shown them. */
  isOnlyPlanned = false;
  end: RunEnd | undefined;

  learn(event: Event): void {
    switch (event.type) {
      case 'task-finished':
        if (this.isOnlyPlanned) return;
        return this.#learnOutcome({...event, id: event.task}, event.outcome);
      case 'bracket-failed':
        return this.#learnOutcome({...event, id: event.bracket, name: bracketName(event)}, event.outcome);
      case 'host-unreachable':
        return void this.unreachable.push(event);
      case 'play-stopped':
        return void this.stopped.push(event);
      case 'lock-busy':
        return void this.busy.push(event);
      case 'plan-ready':
      case 'locked':
        this.isOnlyPlanned = event.type === 'plan-ready';
        return;
      case 'cancelled':
        return this.#interrupt();
      case 'run-finished':
        return this.#finish(event);
      case 'run-started':
      case 'host-connected':
      case 'host-lost':
      case 'host-back':
      case 'task-started':
      case 'task-retried':
      case 'task-waiting':
      case 'bracket-opened':
      case 'bracket-closed':
    }
  }

  #interrupt(): void {
    this.interrupted = true;
  }

  #finish({summary, exitCode, durationMs}: RunEnd): void {
    this.end = {summary, exitCode, durationMs};
  }

  #learnOutcome({id, name, host}: Omit<FailedTask, 'failure'>, outcome: Outcome): void {
    switch (outcome.status) {
      case 'changed':
        return void this.changed.push({name, host});
      case 'failed':
        return void this.failed.push({id, name, host, failure: outcome.failure});
      case 'skipped':
        return void this.skipped.push({name, host, because: outcome.because, cause: outcome.cause});
      case 'ok':
    }
  }
}

/** Brackets have no name in their events: the last part of the id is what the author called it. */
const bracketName = ({bracket, side}: Extract<Event, {type: 'bracket-failed'}>): string =>
  `${side === 'open' ? 'Open' : 'Close'} ${bracket.slice(bracket.lastIndexOf('/') + 1)}`;
