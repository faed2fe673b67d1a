import {groupedBy} from '../base/grouped.ts';
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
      connectAll([...last, ...freed], task, draft);
      [last, freed] = [[task], []];
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

/** One host's failure must not keep back what is done once for all of them. */
function connect(from: DraftTask, to: DraftTask, {edges}: Draft): void {
  const isForMany = to.units.length > 1 && from.units.length === 1;
  edges.add({
    from: from.id,
    to: to.id,
    requires: isForMany ? 'end' : 'success',
    because: {type: 'written-order', at: to.template.at},
  });
}
