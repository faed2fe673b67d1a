import type {Impact, PendingChange} from '../model/change.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';

/** What a plan comes to. */
export interface PlanCounts {
  readonly actions: Readonly<Record<PendingChange['action'], number>>;
  readonly impacts: Readonly<Record<Impact, number>>;
  readonly statuses: Readonly<Record<PlannedTask['status'], number>>;
}

export function countPlan({tasks}: Plan): PlanCounts {
  const changes = tasks.flatMap((task) => (task.status === 'pending' ? [task.change] : []));
  return {
    actions: tally({create: 0, update: 0, delete: 0, run: 0}, changes, ({action}) => action),
    impacts: tally(NO_IMPACTS, changes, ({impact}) => impact),
    statuses: tally(NO_STATUSES, tasks, ({status}) => status),
  };
}

/** Whether applying would do anything, as far as can be known. */
export function hasPending(plan: Plan): boolean {
  const {statuses} = countPlan(plan);
  return statuses.pending + statuses.deferred > 0;
}

const NO_IMPACTS = {none: 0, reload: 0, restart: 0, drain: 0, reboot: 0, loss: 0};
const NO_STATUSES = {
  unchanged: 0,
  pending: 0,
  deferred: 0,
  unobservable: 0,
  invalid: 0,
  findings: 0,
  skipped: 0,
};

function tally<Key extends string, Item>(
  zero: Readonly<Record<Key, number>>,
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Readonly<Record<Key, number>> {
  const counts: Record<Key, number> = {...zero};
  for (const item of items) counts[keyOf(item)] += 1;
  return counts;
}
