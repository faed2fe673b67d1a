import type {BracketNode, TaskGraph, TaskNode} from '../model/graph.ts';
import type {Host} from '../model/host.ts';
import type {HostName, TaskId} from '../model/names.ts';

/**
 * The hosts that a run has to look at: where something may change or is read, who is asked about it, and in a
 * rollout with slots every host, since those that are down hold one.
 */
export function hostsToContact(graph: TaskGraph, read: ReadonlySet<TaskId>): readonly Host[] {
  const needed = new Set<HostName>();
  const need = ({host, delegates}: TaskNode | BracketNode): void => {
    needed.add(host);
    for (const each of delegates) needed.add(each);
  };
  const wanted = graph.tasks.filter(({id, selected}) => selected || read.has(id));
  for (const task of wanted) {
    need(task);
    for (const peer of task.peers) needed.add(peer);
  }
  const ids = new Set(wanted.map(({id}) => id));
  for (const bracket of graph.brackets) if (bracket.around.some((id) => ids.has(id))) need(bracket);
  const plays = new Set(wanted.filter(({selected}) => selected).map(({play}) => play));
  for (const {id, rollout, hosts} of graph.plays) {
    if (plays.has(id) && rollout.maxUnavailable) for (const host of hosts) needed.add(host);
  }
  return graph.hosts.filter(({name}) => needed.has(name));
}
