import type {TaskTemplate} from '../catalog/nouns.ts';
import type {Staged} from '../model/graph.ts';
import {ALWAYS, both, conditionFor, isNever} from './conditions.ts';
import type {Draft, DraftTask} from './draft.ts';
import {Memo} from './memo.ts';
import {scopeOfTask} from './render-tasks.ts';

/** What does not depend on a host's facts is decided here; a task that never runs is not there any more. */
export function decideConditions(draft: Draft): void {
  const memos = new Map<TaskTemplate, Memo<Staged<boolean>>>();
  let isAnyRuledOut = false;
  for (const task of draft.tasks) {
    task.when = whenOf(task, memos, draft);
    task.isRuledOut = isNever(task.when);
    isAnyRuledOut ||= task.isRuledOut;
  }
  if (!isAnyRuledOut) return;
  const isLeft = (task: DraftTask): boolean => !task.isRuledOut;
  draft.tasks = draft.tasks.filter(isLeft);
  for (const unit of draft.plays.flatMap(({units}) => units)) unit.tasks = unit.tasks.filter(isLeft);
}

function whenOf(
  task: DraftTask,
  memos: Map<TaskTemplate, Memo<Staged<boolean>>>,
  {problems}: Draft,
): Staged<boolean> {
  const {template, unit} = task;
  const ofUnit = template === unit.presence?.template ? undefined : unit.condition;
  if (!template.when) return ofUnit ?? ALWAYS;
  const memo = memos.get(template) ?? new Memo<Staged<boolean>>();
  memos.set(template, memo);
  const own = memo.of(scopeOfTask(task), (scope) => conditionFor(template.when, scope, problems));
  return ofUnit ? both(ofUnit, own) : own;
}
