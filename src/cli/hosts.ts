import {World as Names} from '../compile/world.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import {resolveNow} from '../expression/staged.ts';
import {type ConnectionValue, connectionOf} from '../inventory/connection.ts';
import type {Inventory, InventoryHost} from '../inventory/inventory.ts';
import {loadInventory} from '../inventory/load-inventory.ts';
import {parsePattern} from '../inventory/pattern.ts';
import type {Host} from '../model/host.ts';
import type {HostName} from '../model/names.ts';
import {readExtraVariables} from '../variables/extra-variables.ts';
import {createVariables, type Variables} from '../variables/variables.ts';
import type {ConnectionFlags, ProjectFlags} from './flags.ts';
import {Mistake} from './mistakes.ts';
import {passwordsOf, withPasswords} from './passwords.ts';
import {extraVarsOf, withInventory} from './project.ts';
import type {World} from './world.ts';

/** Who there is and what is set, from the inventory and the command line alone. */
export interface Named {
  readonly inventory: Inventory;
  readonly variables: Variables;
  /** What names mean for each host. */
  readonly scopes: Names;
}

/** No role and no playbook has to be right for this. */
export async function loadNames(flags: ProjectFlags, world: World, problems: Problems): Promise<Named> {
  const inventory = await loadInventory(flags.inventory, problems, world.env);
  const layers = await readExtraVariables(extraVarsOf(flags), problems, world.env);
  const variables = createVariables(inventory, layers, problems);
  return {inventory, variables, scopes: new Names({inventory, variables}, problems)};
}

/** Hosts by a pattern, from the inventory alone, ready to be connected to. */
export async function hostsOf(
  pattern: string,
  given: ProjectFlags & ConnectionFlags,
  world: World,
): Promise<readonly Host[]> {
  const [hosts = []] = await hostsOfEach([pattern], given, world);
  return hosts;
}

/** Those of each pattern. The inventory is read once, and nobody is asked twice for a password. */
export async function hostsOfEach(
  patterns: readonly string[],
  given: ProjectFlags & ConnectionFlags,
  world: World,
): Promise<readonly (readonly Host[])[]> {
  const flags = withInventory(given, [], world);
  const problems = new Problems();
  const named = await loadNames(flags, world, problems);
  const {inventory} = named;
  const made = new Map<HostName, Host>();
  const found = patterns.map((pattern) => {
    const names = parsePattern(pattern, undefined, problems)?.select(inventory, problems) ?? [];
    for (const host of names.flatMap((name) => inventory.hosts.get(name) ?? []))
      if (!made.has(host.name)) made.set(host.name, hostOf(host, named, problems));
    const hosts = names.flatMap((name) => made.get(name) ?? []);
    if (hosts.length === 0 && !problems.hasErrors)
      problems.report('E603', {detail: `The pattern "${pattern}" selects no host.`});
    return hosts;
  });
  if (problems.hasErrors) throw new Mistake(...problems.all);
  const passwords = await passwordsOf(flags, world);
  return found.map((hosts) => withPasswords(hosts, passwords));
}

function hostOf({name, at}: InventoryHost, {scopes, variables}: Named, problems: Problems): Host {
  const get = (variable: string): ConnectionValue | undefined => {
    const found = variables.of(name).get(variable);
    const value = found && scopes.hostScope(name).variable(variable, found.at);
    const now = value?.stage === 'static' ? resolveNow(value) : undefined;
    return found && now?.ok ? {value: now.value, at: found.at} : undefined;
  };
  return connectionOf({name, at, get}, problems);
}
