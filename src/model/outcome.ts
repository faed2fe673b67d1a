import type {Finding, PendingChange} from './change.ts';
import type {TaskId} from './names.ts';

export type Outcome =
  | {readonly status: 'ok'; readonly findings?: readonly Finding[]}
  | {readonly status: 'changed'; readonly change: PendingChange}
  | {readonly status: 'skipped'; readonly because: SkipReason; readonly cause?: TaskId}
  | {readonly status: 'failed'; readonly failure: Failure};

export type SkipReason =
  | 'condition'
  | 'not-selected'
  | 'dependency-failed'
  | 'host-unreachable'
  | 'play-stopped'
  | 'cancelled';

/** The world failing, by reason. Retry is decided by reason, never by text. */
export type Failure =
  | {
      readonly reason: 'command-failed';
      readonly command: string;
      /** Above 128: a signal. */
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | {readonly reason: 'timed-out'; readonly command: string; readonly afterMs: number}
  /** The steps ended well, and the host still is not as wanted. */
  | {readonly reason: 'not-converged'; readonly remaining: PendingChange}
  /** It would have to read what could not be looked at. */
  | {readonly reason: 'unobservable'; readonly because: string}
  /** A late value is wrong: an output of another type, a template that fails. */
  | {readonly reason: 'invalid-value'; readonly because: string; readonly at: string}
  | {readonly reason: 'check-failed'; readonly findings: readonly Finding[]}
  | {readonly reason: 'connection-lost'; readonly because: string}
  /** The change is not the one that the plan showed, or worse than it allowed. */
  | {readonly reason: 'beyond-plan'; readonly because: string}
  /** `--audit-touches`: what changed outside of what the change said that it would touch. */
  | {readonly reason: 'touched-more'; readonly facts: readonly string[]}
  | {readonly reason: 'artifact'; readonly because: string}
  /** It waits for who waits for it, as far as slots are concerned. */
  | {readonly reason: 'deadlock'; readonly because: string};
