import type {NamedLocks} from '../base/named-locks.ts';
import type {PendingChange} from '../model/change.ts';
import type {EventBody} from '../model/event.ts';
import type {Subject} from '../model/fact.ts';
import type {BracketNode, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Outcome} from '../model/outcome.ts';
import type {Outputs, Resource} from '../model/resource.ts';
import type {Supply} from '../model/supply.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Ledger, Question} from '../plan/decision.ts';
import type {Bounds} from '../plan/saved-plan.ts';
import type {Activity} from './activity.ts';
import type {Brackets} from './brackets.ts';
import type {Cancellation} from './cancellation.ts';
import type {Schedule} from './schedule.ts';
import type {Slots} from './slots.ts';

/** What all lanes of a run share. */
export interface RunContext {
  readonly graph: TaskGraph;
  /** The hosts that were reached. */
  readonly world: ReadonlyMap<HostName, KnownHost>;
  readonly ledger: Ledger;
  /** The tasks whose outputs somebody reads. */
  readonly read: ReadonlySet<TaskId>;
  readonly schedule: Schedule;
  readonly brackets: Brackets;
  readonly slots: ReadonlyMap<string, Slots>;
  readonly locks: NamedLocks<TaskId>;
  readonly cancel: Cancellation;
  readonly activity: Activity;
  /** What a saved plan allows. */
  readonly bounds: Bounds | undefined;
  readonly auditTouches: boolean;
  readonly supply: Supply;
  /** The resources as they were bound last: what may have to be asked again. */
  readonly bound: Map<TaskId, Resource>;
  /** What was begun, and may have been done although its end was not seen. */
  readonly begun: Map<TaskId, {readonly change: PendingChange; readonly at: number}>;
  emit(event: EventBody): void;
  /** Asks hosts what nobody asked before. Rejects only where the connection of who asks is lost. */
  ask(questions: readonly Question[], asker: KnownHost): Promise<void>;
  /** What an alteration may have made wrong is asked again when somebody needs it. */
  forget(host: KnownHost, touched: readonly Subject[] | 'everything'): void;
  /** At most as many hosts work at a time as `--forks` says. */
  limit<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether somebody on another host, or behind a barrier, waits for a task. */
  isAwaitedElsewhere(task: TaskId): boolean;
  bracketOutputs(bracket: TaskId): Outputs;
  /** A task begins, or goes on: what is known of it from then on, and of its host in its play. */
  begin(task: TaskNode, change: PendingChange): void;
  /** A task ended: tells everybody who has to know. */
  settle(task: TaskNode, outcome: Outcome): void;
  /** Connects again, takes the lock again, and forgets what is not certain any more. */
  reconnect(host: KnownHost, because: string): Promise<boolean>;
}

export const placeOfTask = (task: TaskNode | BracketNode, ledger: Ledger): HostName =>
  ledger.placeOf(task.id) ?? task.delegates[0] ?? task.host;

export const slotsOf = (task: TaskNode, slots: RunContext['slots']): Slots => {
  const found = slots.get(task.play);
  if (!found) throw new Error(`Internal error: ${task.id} is of no play`);
  return found;
};
