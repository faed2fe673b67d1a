import {groupedBy} from '../base/grouped.ts';
import type {TaskTemplate} from '../catalog/nouns.ts';
import type {EdgeReason, Requirement} from '../model/graph.ts';
import type {Draft, DraftTask, Unit} from './draft.ts';

/** On each host the tasks of a play go in the order written, from role to role and item to item. */
export function connectWrittenOrder(draft: Draft): void {
  for (const play of draft.plays) {
    for (const units of groupedBy(play.units, ({host}) => host).values()) {
      let last: readonly DraftTask[] = [];
      for (const unit of units) last = connectUnit(unit, last, draft);
    }
  }
}

/**
 * A task waits for all that is written before it: for the last that waited itself, and for those that `needs`
 * has freed since. Returns whom a task behind the role has to wait for.
 */
function connectUnit(unit: Unit, before: readonly DraftTask[], draft: Draft): readonly DraftTask[] {
  let last = before;
  let freed: DraftTask[] = [];
  for (const task of unit.tasks) {
    const {needs} = task.template;
    if (needs === undefined) {
      connectAll(last, task, draft);
      if (freed.length > 0) connectAll(freed, task, draft);
      last = [task];
      if (freed.length > 0) freed = [];
    } else {
      if (needs.length === 0) connectAll(before, task, draft);
      freed.push(task);
    }
  }
  return freed.length === 0 ? last : [...last, ...freed];
}

function connectAll(before: readonly DraftTask[], task: DraftTask, draft: Draft): void {
  for (const earlier of before) connect(earlier, task, draft);
}

/** Where a play begins and ends follows from this. */
export function note(from: DraftTask, to: DraftTask): void {
  from.hasAfter = true;
  to.hasBefore = true;
}

function connect(from: DraftTask, to: DraftTask, {edges}: Draft): void {
  note(from, to);
  edges.add(to, {from, requires: requirementOf(from, to), because: writtenAt(to.template)});
}

/**
 * One host's failure must not keep back what is done once for all of them. What is done once and may be done elsewhere
 * is done also where the host that it is written for is away.
 */
function requirementOf(from: DraftTask, to: DraftTask): Requirement {
  if (from.sharers.length > 0 || !to.template.runOnce) return 'success';
  if (to.sharers.length > 0) return 'end';
  return to.template.delegateTo && !from.template.runOnce ? 'no-failure' : 'success';
}

/** One for all hosts. */
const reasons = new WeakMap<TaskTemplate, EdgeReason>();

function writtenAt(template: TaskTemplate): EdgeReason {
  const known = reasons.get(template);
  if (known) return known;
  const reason = {type: 'written-order', at: template.at} as const;
  reasons.set(template, reason);
  return reason;
}
