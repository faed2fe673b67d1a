import {groupedBy} from '../base/grouped.ts';
import type {PlannedBracket, PlannedTask} from '../model/plan.ts';
import {display} from '../model/step.ts';
import {subjectOf} from './plan-subject.ts';

/** What is written once for many hosts: one task of a role on all its hosts, with one kind of change. */
export interface PlanGroup {
  readonly sample: PlannedTask;
  /** Of those, what is identical in every detail. */
  readonly bodies: readonly (readonly PlannedTask[])[];
}

/** The tasks that a reader wants to see, grouped, in the order of the plan. */
export function groupPlan(tasks: readonly PlannedTask[]): readonly PlanGroup[] {
  const groups = groupedBy(tasks.filter(isWorthShowing), headingOf);
  return [...groups.values()].flatMap((group) => {
    const [sample] = group;
    return sample ? [{sample, bodies: [...groupedBy(group, bodyOf).values()]}] : [];
  });
}

/** Brackets of one play on all its hosts. */
export const groupBrackets = (
  brackets: readonly PlannedBracket[],
): readonly (readonly PlannedBracket[])[] => [
  ...groupedBy(brackets, (bracket) =>
    JSON.stringify([taskOfRole(bracket), bracket.kind, bracket.name, bracket.certain]),
  ).values(),
];

/** What is as wanted, or left out on purpose, is only counted. */
function isWorthShowing(task: PlannedTask): boolean {
  if (task.status === 'unchanged') return (task.findings ?? []).length > 0;
  return task.status !== 'skipped';
}

/** Without its first part, the host, an id names the task of a role. */
const taskOfRole = ({id}: {readonly id: string}): string => id.slice(id.indexOf('/') + 1);

function headingOf(task: PlannedTask): string {
  const change = task.status === 'pending' ? [task.change.action, task.change.impact] : [];
  return JSON.stringify([taskOfRole(task), task.kind, task.name, task.status, ...change]);
}

function bodyOf(task: PlannedTask): string {
  switch (task.status) {
    case 'pending': {
      const {details, steps} = task.change;
      return JSON.stringify([subjectOf(task), details, steps.map(display), task.texts]);
    }
    case 'deferred':
      return JSON.stringify([task.worst, subjectOf(task)]);
    case 'unobservable':
      return task.because;
    case 'invalid':
      return JSON.stringify([task.because, task.place]);
    case 'unchanged':
    case 'findings':
      return JSON.stringify(task.findings);
    case 'skipped':
      return task.because;
  }
}
