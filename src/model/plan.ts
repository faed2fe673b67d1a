import type {Finding, Impact, PendingChange} from './change.ts';
import type {HostName, TaskId} from './names.ts';
import type {TextChange} from './resource.ts';

/** What a run would do, task by task, in graph order. Holds no secret. */
export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly brackets: readonly PlannedBracket[];
  readonly unreachable: readonly UnreachableHost[];
}

export interface UnreachableHost {
  readonly host: HostName;
  readonly because: string;
}

interface Planned {
  readonly id: TaskId;
  readonly name: string;
  readonly kind: string;
  /** What it is about, as its resource type names that: "path:/etc/fstab". Only of what may change. */
  readonly key?: string;
  readonly host: HostName;
  /** Where it runs, if not on its host. */
  readonly at?: HostName;
}

export type PlannedTask = Planned &
  (
    | {readonly status: 'unchanged'; readonly findings?: readonly Finding[]}
    | {readonly status: 'pending'; readonly change: PendingChange; readonly texts?: readonly TextChange[]}
    /** A change before it may alter what it would look at: it is decided at its turn. */
    | {readonly status: 'deferred'; readonly waitsFor: readonly TaskId[]; readonly worst: Impact}
    /** It reads what could not be looked at, and no change before it may cure that. */
    | {readonly status: 'unobservable'; readonly because: string}
    | {readonly status: 'invalid'; readonly because: string; readonly place: string}
    | {readonly status: 'findings'; readonly findings: readonly Finding[]}
    | {readonly status: 'skipped'; readonly because: 'condition' | 'not-selected' | 'host-unreachable'}
  );

/** Known to be wrong before anything is begun: a run whose plan has such a task begins nothing. */
export const stopsRun = ({status}: PlannedTask): boolean => status === 'findings' || status === 'invalid';

/** A bracket that will be opened, or may be. */
export interface PlannedBracket extends Planned {
  readonly certain: boolean;
}
