import type {Unknown} from './answer.ts';
import type {Fact, Subject} from './fact.ts';
import type {Step} from './step.ts';

/** One attribute that is not as wanted, for people. Never holds a secret. */
export interface ChangeDetail {
  /** What: an attribute's name, or `content`. */
  readonly attribute: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What a `check` has to say. An `error` stops the run before any change anywhere. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
}

/** From harmless to irrecoverable. Rollouts and the bounds of a saved plan compare by this order. */
export const IMPACTS = ['none', 'reload', 'restart', 'drain', 'reboot', 'loss'] as const;
export type Impact = (typeof IMPACTS)[number];

export const isAtLeast = (impact: Impact, least: Impact): boolean =>
  IMPACTS.indexOf(impact) >= IMPACTS.indexOf(least);

export interface NoChange {
  readonly action: 'none';
  readonly findings?: readonly Finding[];
}

export const NOTHING: NoChange = {action: 'none'};

/** A change is complete: what, how bad, how, what it may alter, and what will then be true. */
export type Change = NoChange | PendingChange;

export interface PendingChange {
  readonly action: 'create' | 'update' | 'delete' | 'run';
  readonly details: readonly ChangeDetail[];
  readonly impact: Impact;
  readonly steps: readonly Step[];
  /** `everything`: on this host and in the cluster. */
  readonly touches: readonly Subject[] | 'everything';
  /** Facts as they will read once converged, where that is certain. */
  readonly predicts: readonly Fact[];
  /** What must be seen before the next task may run: that the steps ended well, or the facts themselves. */
  readonly proof: 'exit-code' | 'facts';
}

/** A diff decides, or hands on the unknown that it would have to read. */
export type Verdict = Change | Unknown;

export const isUnknown = (verdict: Verdict): verdict is Unknown => 'state' in verdict;
export const isPending = (verdict: Verdict): verdict is PendingChange =>
  'action' in verdict && verdict.action !== 'none';
