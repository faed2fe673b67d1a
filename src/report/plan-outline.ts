import {visibleLine} from '../base/visible.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';
import {NO_COLOUR} from './palette.ts';
import {groupBrackets, groupPlan} from './plan-groups.ts';
import {subjectOf} from './plan-subject.ts';
import {markOf, placesOf, planSummary, waitsFor, writeDetail, writeFinding} from './plan-text.ts';

/** Of a file, a release or a whole text: it changes with every word in it, and says nothing to a reader. */
const DIGEST = /\b(?:sha256:)?[0-9a-f]{12,64}\b/g;

/**
 * A plan as it is kept beside what it was made from, and compared: a line for each task, and what is other than it was
 * before; what something new is like is not told. Ends in the line that sums it up.
 */
export function planOutline(plan: Plan): string {
  const lines = [
    ...groupPlan(plan.tasks).flatMap(({bodies}) => bodies.flatMap((tasks) => writeTasks(tasks, plan))),
    ...groupBrackets(plan.brackets).flatMap((brackets) => writeBrackets(brackets, plan)),
    planSummary(plan),
  ];
  return `${lines.join('\n').replaceAll(DIGEST, '(digest)')}\n`;
}

type Place = Parameters<typeof placesOf>[0];

/** Where there is one host alone, everything is there. */
function on(places: Place, {tasks}: Plan): string {
  const isOne = new Set(tasks.map(({host}) => host)).size === 1;
  return isOne ? '' : `: ${placesOf(places)}`;
}

function writeTasks(tasks: readonly PlannedTask[], plan: Plan): readonly string[] {
  const [task] = tasks;
  if (!task) return [];
  const {sign, note} = markOf(task, NO_COLOUR);
  const subject = subjectOf(task);
  const kind = subject === undefined ? task.kind : `${task.kind} ${subject}`;
  const head = `${sign} ${visibleLine(task.name)} (${kind})`;
  const notes = task.status === 'deferred' ? deferral(task, plan) : note;
  return [
    `${head}${notes === '' ? '' : `, ${notes}`}${on(tasks, plan)}`,
    ...bodyOf(task).map((line) => `    ${line}`),
  ];
}

function deferral(
  {waitsFor: ids, worst, host}: PlannedTask & {readonly status: 'deferred'},
  plan: Plan,
): string {
  const impact = worst === 'none' ? '' : `; at worst: ${worst}`;
  return `waits for ${waitsFor(ids, host, plan)}${impact}`;
}

function bodyOf(task: PlannedTask): readonly string[] {
  switch (task.status) {
    case 'pending':
      if (task.change.action === 'create') return [];
      return task.change.details.flatMap((detail) => writeDetail(detail, NO_COLOUR));
    case 'findings':
    case 'unchanged':
      return (task.findings ?? []).flatMap((finding) => writeFinding(finding, NO_COLOUR));
    case 'invalid':
    case 'unobservable':
      return [visibleLine(task.because)];
    case 'deferred':
    case 'skipped':
      return [];
  }
}

function writeBrackets(brackets: ReturnType<typeof groupBrackets>[number], plan: Plan): readonly string[] {
  return brackets.slice(0, 1).map(({certain, name, kind}) => {
    const note = certain ? 'opened and closed around changes' : 'opened if a change needs it';
    return `= ${visibleLine(name)} (${kind}), ${note}${on(brackets, plan)}`;
  });
}
