import type {TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Ledger} from '../plan/decision.ts';
import {placeOfTask} from './context.ts';

/**
 * Where each task runs. One that could not be observed yet runs at the first of its delegates that was reached. One
 * that only passes order on, of a host that nobody needed to contact, has its turn wherever there is one.
 */
export function choosePlaces(
  {tasks}: TaskGraph,
  world: ReadonlyMap<HostName, KnownHost>,
  ledger: Ledger,
): ReadonlyMap<TaskId, HostName> {
  for (const {id, delegates} of tasks) {
    const first = delegates.find((name) => world.has(name));
    if (first !== undefined && ledger.placeOf(id) === undefined) ledger.place(id, first);
  }
  const [anywhere] = world.keys();
  return new Map(
    tasks.map((task) => {
      const place = placeOfTask(task, ledger);
      return [task.id, task.selected || world.has(place) ? place : (anywhere ?? place)];
    }),
  );
}
