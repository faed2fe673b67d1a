import type {Code} from '../diagnostics/codes.ts';
import type {HostName, TaskId} from './names.ts';
import type {Outcome} from './outcome.ts';
import type {Plan} from './plan.ts';
import type {HostProfile} from './profile.ts';

/** Everything a reader of a run can learn. Reporters see nothing else, and cannot answer. */
export type Event = {readonly at: number} & EventBody;

export type EventBody =
  | {readonly type: 'run-started'; readonly run: string; readonly tasks: number; readonly hosts: number}
  | {
      readonly type: 'host-connected';
      readonly host: HostName;
      readonly profile: HostProfile;
      readonly durationMs: number;
    }
  | {
      readonly type: 'host-unreachable';
      readonly host: HostName;
      readonly code: Code;
      readonly because: string;
      readonly hint?: string;
    }
  | {readonly type: 'host-lost'; readonly host: HostName; readonly because: string}
  | {
      readonly type: 'host-back';
      readonly host: HostName;
      readonly rebooted: boolean;
      readonly afterMs: number;
    }
  | {readonly type: 'plan-ready'; readonly plan: Plan}
  | {
      readonly type: 'lock-busy';
      readonly host: HostName;
      readonly holder: string;
      /** `changed`: that run has ended, and has changed the host since this one looked at it. */
      readonly state: 'held' | 'changed';
    }
  | {readonly type: 'locked'; readonly hosts: readonly HostName[]}
  | {
      readonly type: 'task-started';
      readonly task: TaskId;
      readonly name: string;
      readonly host: HostName;
      readonly where: HostName;
    }
  | {
      readonly type: 'task-retried';
      readonly task: TaskId;
      readonly attempt: number;
      readonly of: number;
      readonly delayMs: number;
      readonly because: string;
    }
  | {
      readonly type: 'task-waiting';
      readonly task: TaskId;
      readonly host: HostName;
      readonly for: 'slot' | 'settle' | 'job' | 'reboot';
    }
  | {
      readonly type: 'task-finished';
      readonly task: TaskId;
      readonly name: string;
      readonly host: HostName;
      readonly outcome: Outcome;
      readonly durationMs: number;
    }
  | {readonly type: 'bracket-opened'; readonly bracket: TaskId; readonly host: HostName}
  | {readonly type: 'bracket-closed'; readonly bracket: TaskId; readonly host: HostName}
  | {
      readonly type: 'bracket-failed';
      readonly bracket: TaskId;
      readonly host: HostName;
      readonly side: 'open' | 'close';
      readonly outcome: Outcome;
    }
  | {readonly type: 'play-stopped'; readonly play: string; readonly failed: readonly HostName[]}
  | {readonly type: 'cancelled'; readonly force: boolean}
  | {
      readonly type: 'run-finished';
      readonly summary: Summary;
      readonly exitCode: number;
      readonly durationMs: number;
    };

/** Counts of tasks, and of hosts for `unreachable`. A bracket that failed counts as `failed`. */
export interface Summary {
  readonly ok: number;
  readonly changed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly unreachable: number;
}

/** Where events go. Must not throw, must not wait. */
export type Listener = (event: Event) => void;
