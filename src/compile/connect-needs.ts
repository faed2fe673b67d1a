import {didYouMean} from '../base/nearest.ts';
import type {Reference} from '../catalog/nouns.ts';
import {note} from './connect-order.ts';
import {type Draft, type DraftTask, type Unit, unitsOf} from './draft.ts';

/** What `needs` on a task names: tasks of its role, or `role/task` on the same host in the same play. */
export function connectNeeds(draft: Draft): void {
  for (const task of draft.tasks) {
    for (const need of task.template.needs ?? []) {
      for (const unit of unitsOf(task)) connect(task, need, unit, draft);
    }
  }
}

function connect(task: DraftTask, need: Reference, unit: Unit, draft: Draft): void {
  const found = tasksNamed(need.name, unit);
  if (!found) return reportUnknown(task, need, unit, draft);
  for (const needed of found) {
    note(needed, task);
    draft.edges.add(task, {from: needed, requires: 'success', because: {type: 'needs', at: need.at}});
  }
}

/** Of the unit, or of another role beside it; `undefined` where no task is called so. */
export function tasksNamed(name: string, unit: Unit): readonly DraftTask[] | undefined {
  const slash = name.indexOf('/');
  if (slash === -1) return tasksOf(unit, name);
  const role = name.slice(0, slash);
  const beside = unit.play.units.filter((each) => each.host === unit.host && each.role.name === role);
  const found = beside.map((each) => tasksOf(each, name.slice(slash + 1)));
  return found.every((tasks) => tasks === undefined) ? undefined : found.flatMap((tasks) => tasks ?? []);
}

/** None where a condition has ruled it out. */
function tasksOf({tasks, entrypoint}: Unit, id: string): readonly DraftTask[] | undefined {
  if (!entrypoint.tasks.some((template) => template.id === id)) return undefined;
  return tasks.filter(({template}) => template.id === id);
}

function reportUnknown({template}: DraftTask, {name, at}: Reference, unit: Unit, {world}: Draft): void {
  const hint = didYouMean(
    name,
    unit.entrypoint.tasks.map(({id}) => id),
  );
  world.reportOnce('E503', `needs ${template.id} ${name} ${unit.role.name}`, {
    range: at,
    detail: `"${template.id}" needs "${name}", and there is no such task in this entrypoint of "${unit.role.name}".`,
    hint: hint ?? 'A task of another role in the same play is named as "role/task".',
  });
}
