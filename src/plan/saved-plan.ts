import {sha256Hex} from '../base/sha256-hex.ts';
import {IMPACTS, type Impact, isAtLeast, type PendingChange} from '../model/change.ts';
import type {TaskId} from '../model/names.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';
import {display} from '../model/step.ts';

/** A plan to apply later: no specs, no secrets, only what must come out the same. */
export interface SavedPlan {
  readonly format: 1;
  readonly tasks: readonly SavedTask[];
}

export type SavedTask =
  | SavedChange
  | SavedDeferral
  | {readonly id: TaskId; readonly status: 'unchanged' | 'skipped'};

interface SavedChange {
  readonly id: TaskId;
  readonly status: 'pending';
  readonly change: string;
  readonly impact: Impact;
  /** Nothing would be sent: what it waits for may come by itself. */
  readonly isWait?: true;
}

type SavedDeferral = Pick<
  Extract<PlannedTask, {status: 'deferred'}>,
  'id' | 'status' | 'kind' | 'key' | 'waitsFor' | 'worst'
>;

/** What a saved plan allows a run to do. */
export interface Bounds {
  /** What is not as the plan said, for people. Empty: it fits. */
  misfits(plan: Plan): readonly string[];
  /** Why a change that was decided at its turn is more than the plan allowed. */
  exceeded(task: TaskId, change: PendingChange): string | undefined;
}

export function savePlan(plan: Plan): SavedPlan {
  return {format: 1, tasks: plan.tasks.flatMap(savedTask)};
}

function savedTask(task: PlannedTask): readonly SavedTask[] {
  const {id} = task;
  if (task.status === 'pending') {
    const {change} = task;
    const waits = change.steps.length === 0 ? ({isWait: true} as const) : {};
    return [{id, status: 'pending', change: digestOf(change), impact: change.impact, ...waits}];
  }
  if (task.status === 'deferred') {
    const {status, kind, key, waitsFor, worst} = task;
    return [{id, status, kind, ...(key === undefined ? {} : {key}), waitsFor, worst}];
  }
  return [{id, status: task.status === 'unchanged' ? 'unchanged' : 'skipped'}];
}

/** Two changes with one digest do the same, as far as may be shown. */
function digestOf({action, impact, details, steps}: PendingChange): string {
  const shown = JSON.stringify({action, impact, details, steps: steps.map(display)});
  return sha256Hex(shown);
}

/** Reads what `savePlan` wrote; `undefined` where it is something else. */
export function readSavedPlan(value: unknown): SavedPlan | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('format' in value) || value.format !== 1 || !('tasks' in value) || !Array.isArray(value.tasks)) {
    return undefined;
  }
  const tasks: readonly unknown[] = value.tasks;
  return tasks.every(isSavedTask) ? {format: 1, tasks} : undefined;
}

function isSavedTask(value: unknown): value is SavedTask {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('status' in value)) return false;
  if (value.status === 'pending') return 'change' in value && 'impact' in value && isImpact(value.impact);
  if (value.status === 'deferred') return 'worst' in value && isImpact(value.worst);
  return value.status === 'unchanged' || value.status === 'skipped';
}

const isImpact = (value: unknown): value is Impact => IMPACTS.some((impact) => impact === value);

export function boundsOf(saved: SavedPlan): Bounds {
  const allowed = new Map(saved.tasks.map((task) => [task.id, task]));
  return {
    misfits: (plan) => {
      const now = new Map(plan.tasks.map((task) => [task.id, task]));
      const missed = saved.tasks.flatMap((task) => missing(task, now.get(task.id)));
      return [...plan.tasks.flatMap((task) => misfit(task, allowed.get(task.id))), ...missed];
    },
    exceeded(id, change) {
      const task = allowed.get(id);
      if (task?.status === 'pending') {
        return task.change === digestOf(change) ? undefined : 'the change is another than the plan showed';
      }
      if (task?.status !== 'deferred') return 'the plan did not show a change here';
      if (isAtLeast(task.worst, change.impact)) return undefined;
      return `its impact is ${change.impact}, and the plan allowed ${task.worst} at most`;
    },
  };
}

function misfit(task: PlannedTask, saved: SavedTask | undefined): readonly string[] {
  if (saved?.status === 'deferred' && isAnother(task, saved))
    return [`${task.id} on ${task.host} is ${aboutOf(task)} now; the plan said ${aboutOf(saved)}.`];
  if (task.status !== 'pending') return [];
  if (!saved) return [`${task.id} on ${task.host} is not in the plan.`];
  if (saved.status === 'deferred') return [];
  if (saved.status !== 'pending') return [`${task.id} would change now; the plan said that it would not.`];
  const same = saved.change === digestOf(task.change);
  return same ? [] : [`${task.id} would be changed in another way than the plan showed.`];
}

/**
 * A change that the plan showed, and that would not be made now: who agreed to the plan agreed to all of it. Of a
 * host that is away nothing is known, as if it had gone in the middle of the run.
 */
function missing(saved: SavedTask, now: PlannedTask | undefined): readonly string[] {
  if (saved.status !== 'pending' || saved.isWait || now?.status === 'pending') return [];
  if (now?.status === 'skipped' && now.because === 'host-unreachable') return [];
  return [`${saved.id} was to change, and ${isNow(now)}.`];
}

function isNow(task: PlannedTask | undefined): string {
  if (!task) return 'is not there any more';
  if (task.status === 'unchanged') return 'is as wanted already';
  return task.status === 'skipped' ? 'is left out now' : 'cannot be known to change now';
}

/** A key is known where all of the task is. */
const isAnother = (task: PlannedTask, saved: SavedDeferral): boolean =>
  task.kind !== saved.kind || (task.key ?? saved.key) !== (saved.key ?? task.key);

const aboutOf = ({kind, key}: PlannedTask | SavedDeferral): string =>
  key === undefined ? kind : `${kind} ${key}`;
