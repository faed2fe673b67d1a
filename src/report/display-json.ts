import type {Finding, Impact, PendingChange} from '../model/change.ts';
import type {Failure, Outcome} from '../model/outcome.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';
import {display} from '../model/step.ts';
import {countPlan, type PlanCounts} from './plan-counts.ts';

/** A change as data for others: its steps only in the form that may be shown, without what it predicts. */
export interface ChangeJson {
  readonly action: PendingChange['action'];
  readonly impact: Impact;
  readonly details: PendingChange['details'];
  readonly commands: readonly string[];
  readonly touches: PendingChange['touches'];
  readonly proof: PendingChange['proof'];
}

export const changeJson = (change: PendingChange): ChangeJson => ({
  action: change.action,
  impact: change.impact,
  details: change.details,
  commands: change.steps.map(display),
  touches: change.touches,
  proof: change.proof,
});

type OutcomeJson =
  | {readonly status: 'ok'; readonly findings?: readonly Finding[]}
  | {readonly status: 'changed'; readonly change: ChangeJson}
  | Extract<Outcome, {status: 'skipped'}>
  | {readonly status: 'failed'; readonly failure: FailureJson};

type FailureJson =
  | Exclude<Failure, {reason: 'not-converged'}>
  | {readonly reason: 'not-converged'; readonly remaining: ChangeJson};

/** An outcome as data for others. */
export function outcomeJson(outcome: Outcome): OutcomeJson {
  switch (outcome.status) {
    case 'ok':
    case 'skipped':
      return outcome;
    case 'changed':
      return {status: 'changed', change: changeJson(outcome.change)};
    case 'failed':
      return {status: 'failed', failure: failureJson(outcome.failure)};
  }
}

const failureJson = (failure: Failure): FailureJson =>
  failure.reason === 'not-converged'
    ? {reason: 'not-converged', remaining: changeJson(failure.remaining)}
    : failure;

type PlannedTaskJson =
  | Exclude<PlannedTask, {status: 'pending'}>
  | (Omit<Extract<PlannedTask, {status: 'pending'}>, 'change'> & {readonly change: ChangeJson});

/** A plan as data for others. Another meaning of a property makes another `format`. */
export interface PlanJson extends Omit<Plan, 'tasks'> {
  readonly format: 1;
  readonly tasks: readonly PlannedTaskJson[];
  readonly counts: PlanCounts;
}

export const planJson = (plan: Plan): PlanJson => ({
  format: 1,
  tasks: plan.tasks.map((task) =>
    task.status === 'pending' ? {...task, change: changeJson(task.change)} : task,
  ),
  brackets: plan.brackets,
  unreachable: plan.unreachable,
  counts: countPlan(plan),
});
