import {resolveNow} from '../expression/staged.ts';
import {type ConnectionValue, connectionOf, warnOfSharedAddresses} from '../inventory/connection.ts';
import type {Host} from '../model/host.ts';
import type {HostName} from '../model/names.ts';
import {Delegation} from './delegation.ts';
import type {Draft} from './draft.ts';

/** The hosts that tasks are for or may run on, in the order of the inventory, each with how to reach it. */
export function connectHosts(draft: Draft): void {
  const delegation = new Delegation(draft);
  const used = new Set<HostName>(draft.plays.flatMap(({hosts}) => hosts));
  for (const task of [...draft.tasks, ...draft.brackets])
    for (const host of delegation.of(task)) used.add(host);
  const {inventory} = draft.input;
  const hosts = [...inventory.hosts.values()].filter(({name}) => used.has(name));
  draft.hosts = new Map<HostName, Host>(
    hosts.map(({name, at}) => [name, connectionOf({name, at, get: reader(name, draft)}, draft.problems)]),
  );
  warnOfSharedAddresses(draft.hosts.values(), draft.problems);
}

/** Variables of the host alone: how it is reached does not depend on what is done there. */
function reader(host: HostName, {world, problems}: Draft): (variable: string) => ConnectionValue | undefined {
  const scope = world.hostScope(host);
  return (name) => {
    const variable = scope.owner.variables.get(name);
    const value = variable && scope.variable(name, variable.at);
    if (!variable || !value) return undefined;
    if (value.stage !== 'static') {
      problems.report('E105', {
        range: variable.at,
        detail: `"${name}" depends on what a host tells, and without it no host can be reached.`,
      });
      return undefined;
    }
    const now = resolveNow(value);
    return now.ok ? {value: now.value, at: variable.node.range} : undefined;
  };
}
