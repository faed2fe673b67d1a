import type {Json} from '../base/json.ts';
import type {Share} from '../base/share.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Bracket} from './bracket.ts';
import type {Impact} from './change.ts';
import type {Host} from './host.ts';
import type {HostName, TaskId} from './names.ts';
import type {HostProfile} from './profile.ts';
import type {Outputs, Resource} from './resource.ts';

/** When a value can be known: from the files alone, from the host's profile, or from what another task left. */
export type Stage = 'static' | 'profile' | 'output';

/** What the later stages know. */
export interface Late {
  readonly profile: HostProfile;
  /** Only of those tasks that the value says it reads. Throws for others. */
  outputsOf(task: TaskId): Outputs;
  /** Of a bracket around the task that reads it. */
  bracketOutputsOf(bracket: TaskId): Outputs;
}

/** A value that may have to wait. Pure: the same late facts give the same value. */
export interface Staged<Value> {
  readonly stage: Stage;
  /** The tasks whose outputs it reads. */
  readonly reads: readonly TaskId[];
  /** The value, or what is wrong with it once it is known: a mistake that could not be seen before. */
  resolve(late: Late): Resolved<Value>;
}

export type Resolved<Value> =
  | {readonly ok: true; readonly value: Value}
  | {readonly ok: false; readonly problem: string; readonly at: SourceRange};

/** Everything that is to be done, by whom, and in which order. Compiled without any host. */
export interface TaskGraph {
  readonly hosts: readonly Host[];
  readonly plays: readonly PlayNode[];
  /** In an order in which they could run one after the other: written order where there is a choice. */
  readonly tasks: readonly TaskNode[];
  readonly brackets: readonly BracketNode[];
  /** Between tasks. Barriers are nodes of their own, so that a play edge is one edge a host and not one a pair. */
  readonly barriers: readonly BarrierNode[];
  readonly edges: readonly Edge[];
}

export interface PlayNode {
  readonly id: string;
  readonly name: string;
  /** All its hosts, in order, before any `--limit`: shares are of this many. */
  readonly hosts: readonly HostName[];
  readonly rollout: Rollout;
  readonly at: SourceRange;
}

export interface Rollout {
  /** Slots for hosts whose change is a restart or worse. `undefined`: all at once. */
  readonly maxUnavailable: Share | undefined;
  /** More failed hosts than that stop the play: no further host starts. `undefined`: never. */
  readonly maxFailures: Share | undefined;
  /** `stop`: a failed host lets nothing behind the play run, on any host. */
  readonly onFailure: 'continue' | 'stop';
}

/** One thing that is wanted on one host. */
export interface TaskNode {
  readonly id: TaskId;
  /** As the role names it, rendered. */
  readonly name: string;
  readonly kind: string;
  /** The worst that it may do, as far as its spec is known: of a task that cannot be decided yet, plans tell this. */
  readonly worst: Impact;
  /** `PlayNode.id` */
  readonly play: string;
  /** For whom. */
  readonly host: HostName;
  /** One for the whole play: done where it can be, also where its host is away. */
  readonly isShared: boolean;
  /** Where it may run, in order of preference; empty: on its host. One is chosen after observation. */
  readonly delegates: readonly HostName[];
  /** As whom: a user to become, or `undefined` for the login. */
  readonly user: string | undefined;
  readonly when: Staged<boolean>;
  readonly resource: Staged<Resource>;
  /** Only for `scope: play`: whose answers to the same questions it sees. */
  readonly peers: readonly HostName[];
  readonly retries: Retries;
  /** Of each step. */
  readonly timeoutMs: number;
  readonly tags: readonly string[];
  /** Names of which one task in the whole run may hold each. */
  readonly locks: readonly string[];
  /** Whether it may change something: `--limit`, `--tags`, `--target`. What is not selected is only looked at. */
  readonly selected: boolean;
  /** The spec as far as it is known without a host: what is late stands as it was written. Secrets are masked. */
  readonly spec: () => Json;
  readonly at: SourceRange;
}

export interface Retries {
  readonly count: number;
  /** Before the first; doubled for each further one. */
  readonly delayMs: number;
}

/** A bracket around tasks, on whichever hosts they are. */
export interface BracketNode {
  readonly id: TaskId;
  readonly name: string;
  readonly kind: string;
  readonly play: string;
  readonly host: HostName;
  readonly delegates: readonly HostName[];
  readonly user: string | undefined;
  readonly bracket: Staged<Bracket>;
  /** Outputs are made by the controller when a run starts, and mean something while the bracket is open. */
  readonly around: readonly TaskId[];
  /** Only a change of at least this impact opens it. */
  readonly impact: Impact;
  readonly timeoutMs: number;
  readonly spec: () => Json;
  readonly at: SourceRange;
}

/** Waits until all tasks of a play have ended, in whichever way. Nothing behind it runs where the play stopped. */
export interface BarrierNode {
  readonly id: TaskId;
  /** `PlayNode.id` of the play that it waits for. */
  readonly play: string;
  readonly at: SourceRange;
}

/**
 * What the end of one task must have been for another to run: `success`; `no-failure`, which is also that nobody could
 * try because its host is away; `end`, however it ended.
 */
export type Requirement = 'success' | 'no-failure' | 'end';

/** `to` waits for `from`. Every edge says why, and where that was written. */
export interface Edge {
  readonly from: TaskId;
  readonly to: TaskId;
  readonly requires: Requirement;
  readonly because: EdgeReason;
}

export type EdgeReason =
  | {readonly type: 'written-order'; readonly at: SourceRange}
  | {readonly type: 'needs'; readonly at: SourceRange}
  | {readonly type: 'output'; readonly output: string; readonly at: SourceRange}
  | {readonly type: 'barrier'; readonly play: string; readonly at: SourceRange}
  | {readonly type: 'bracket'; readonly bracket: TaskId; readonly at: SourceRange};
