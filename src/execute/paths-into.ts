import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';

/**
 * For each bracket the tasks inside and all that these wait for, found when it is asked for first. Barriers end
 * the way: what stands before one has ended with its play.
 */
export function pathsInto(graph: TaskGraph): (bracket: BracketNode) => ReadonlySet<TaskId> {
  const found = new Map<TaskId, ReadonlySet<TaskId>>();
  let before: ReadonlyMap<TaskId, readonly TaskId[]> | undefined;
  return ({id, around}) => {
    const known = found.get(id);
    if (known) return known;
    before ??= tasksBefore(graph);
    const needed = reachable(around, before);
    found.set(id, needed);
    return needed;
  };
}

function tasksBefore({tasks, edges}: TaskGraph): ReadonlyMap<TaskId, readonly TaskId[]> {
  const before = new Map<TaskId, TaskId[]>(tasks.map(({id}) => [id, []]));
  for (const {from, to} of edges) if (before.has(from)) before.get(to)?.push(from);
  return before;
}

function reachable(
  from: readonly TaskId[],
  before: ReadonlyMap<TaskId, readonly TaskId[]>,
): ReadonlySet<TaskId> {
  const needed = new Set(from);
  // A set hands out what is added while it is walked through.
  for (const task of needed) for (const earlier of before.get(task) ?? []) needed.add(earlier);
  return needed;
}
