import {didYouMean} from '../base/nearest.ts';
import type {Play} from '../catalog/nouns.ts';
import type {LoadedProject} from '../compile/project.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import {resolveNow} from '../expression/staged.ts';
import type {VariableLayer} from '../inventory/layer.ts';
import type {HostName} from '../model/names.ts';
import type {Variable} from '../variables/variable.ts';
import type {VariableContext} from '../variables/variables.ts';
import {EXIT} from './exit-codes.ts';
import {explainVariable} from './explain-variable.ts';
import type {ProjectFlags} from './flags.ts';
import {loadNames, type Named} from './hosts.ts';
import {Mistake} from './mistakes.ts';
import {readProject, withInventory} from './project.ts';
import {paletteOf} from './reporting.ts';
import type {World} from './world.ts';

/** `provision vars explain HOST NAME`: the value that wins, and all that it beat, with their places. */
export async function explain(
  {host: text, name}: {readonly host: string; readonly name: string},
  given: ProjectFlags & {readonly playbook?: string},
  world: World,
): Promise<number> {
  const flags = withInventory(given, [], world);
  const problems = new Problems();
  const named = await loadNames(flags, world, problems);
  const host = hostNamed(text, named, problems);
  if (host === undefined || problems.hasErrors) throw new Mistake(...problems.all);
  const project = await readProject(flags, world, new Problems());
  if (!project) world.err.write(WITHOUT_PROJECT);
  const all = namesOf(host, named, project);
  const found = all.all(name);
  if (found.length === 0) throw unknownVariable(name, host, all.names());
  const rendered = renderedValue(host, name, found, named);
  world.out.write(explainVariable({name, all: found, rendered}, paletteOf(world.out, world)));
  return EXIT.done;
}

const WITHOUT_PROJECT =
  'The playbook or a role has mistakes, so that only inventory and command line are looked at.\n' +
  'hint: See them with `provision validate`.\n';

function hostNamed(text: string, {inventory}: Named, problems: Problems): HostName | undefined {
  const found = [...inventory.hosts.keys()].find((name) => name === text);
  if (found !== undefined || problems.hasErrors) return found;
  const hint = didYouMean(text, inventory.hosts.keys());
  problems.report('E203', {detail: `There is no host "${text}".`, ...(hint === undefined ? {} : {hint})});
  return undefined;
}

const namesOf = (host: HostName, {variables}: Named, project: LoadedProject | undefined) =>
  variables.of(host, project ? contextOf(host, project) : {});

/** What roles and plays of this host set. Each is seen in its own role or play only; all are told. */
function contextOf(host: HostName, {graph, catalog, playbook}: LoadedProject): VariableContext {
  const ours = new Set(graph.plays.filter(({hosts}) => hosts.includes(host)).map(({id}) => id));
  const plays = playbook.plays.filter(({id}) => ours.has(id));
  return {
    roleDefaults: [...catalog.roles.values()].map(({name, defaults}) => ({
      by: `role ${name}`,
      entries: defaults,
    })),
    playbook: plays.flatMap(layersOf),
  };
}

/** What a play sets for all of its roles, and then for one of them alone. */
const layersOf = ({name, vars, roles}: Play): readonly VariableLayer[] => [
  ...(vars ? [{by: `play ${name}`, entries: vars.entries}] : []),
  ...roles.flatMap((use) =>
    use.vars ? [{by: `role ${use.role.name} of play ${name}`, entries: use.vars.entries}] : [],
  ),
];

/** What templates in the winner make of it; `undefined` where that depends on a role, a play or the host. */
function renderedValue(
  host: HostName,
  name: string,
  [winner]: readonly Variable[],
  {scopes}: Named,
): unknown {
  if (!winner || winner.setBy === 'role-defaults' || winner.setBy === 'playbook') return undefined;
  const value = scopes.hostScope(host).variable(name, winner.at);
  const now = value?.stage === 'static' ? resolveNow(value) : undefined;
  return now?.ok ? now.value : undefined;
}

function unknownVariable(name: string, host: HostName, names: Iterable<string>): Mistake {
  const hint = didYouMean(name, names);
  const detail = `Nothing sets "${name}" for host "${host}".`;
  return new Mistake({code: 'E306', severity: 'error', detail, ...(hint === undefined ? {} : {hint})});
}
