import type {LoadedProject, ProjectOptions} from '../compile/project.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import {renderAll} from '../diagnostics/render.ts';
import {NO_COLOUR} from '../report/palette.ts';
import {bundleOf, variablesOf} from './bundle-flag.ts';
import type {ProjectFlags, SelectionFlags} from './flags.ts';
import {commandLineMistake, Mistake} from './mistakes.ts';
import {paletteOf} from './reporting.ts';
import type {World} from './world.ts';

/** Inventory files that are named without `-i`, after the command's own words. */
export function withInventory<Flags extends ProjectFlags>(
  flags: Flags,
  named: readonly string[],
  world: World,
): Flags {
  const given = [...named, ...flags.inventory];
  const usual = world.env['PROVISION_INVENTORY'];
  const inventory = given.length === 0 && usual !== undefined && usual !== '' ? usual.split(',') : given;
  if (inventory.length > 0) return {...flags, inventory};
  throw commandLineMistake(
    'No inventory was named.',
    'Name one, or set PROVISION_INVENTORY: provision inventory.yaml',
  );
}

/** Files to a graph. All mistakes are shown at once, and end the command; warnings are shown and do not. */
export async function load(
  flags: ProjectFlags & Partial<SelectionFlags>,
  world: World,
  more: Pick<ProjectOptions, 'offered'> = {},
): Promise<LoadedProject> {
  const problems = new Problems();
  const project = await readProject(flags, world, problems, more);
  if (!project || problems.hasErrors) throw new Mistake(...problems.all);
  if (problems.all.length > 0) showProblems(problems, world);
  return project;
}

/** As `load`, for those who can do without: mistakes are in `problems`. */
export async function readProject(
  flags: ProjectFlags & Partial<SelectionFlags>,
  world: World,
  problems: Problems,
  more: Pick<ProjectOptions, 'offered'> = {},
): Promise<LoadedProject | undefined> {
  const {loadProject} = await import('../compile/project.ts');
  const bundle = await bundleOf(flags);
  const options = {
    inventoryPaths: flags.inventory,
    extraVars: [...variablesOf(bundle), ...extraVarsOf(flags)],
    environment: world.env,
    tags: flags.tags ?? [],
    skipTags: flags.skipTags ?? [],
    targets: flags.target ?? [],
    ...more,
    ...(bundle ? {offered: (sha256: string) => bundle.has(sha256)} : {}),
    ...(flags.playbook === undefined ? {} : {playbook: flags.playbook}),
    ...(flags.limit === undefined ? {} : {limit: flags.limit}),
  };
  return loadProject(options, problems);
}

function showProblems({all}: Problems, world: World): void {
  const color = paletteOf(world.err, world) !== NO_COLOUR;
  world.err.write(`${renderAll(all, {color})}\n`);
}

/** Flags that only set a variable: the words of `-e` stand behind them, so they win. */
export function extraVarsOf({user, privateKey, become, extraVars}: ProjectFlags): readonly string[] {
  const set = {
    ...(user === undefined ? {} : {ansible_user: user}),
    ...(privateKey === undefined ? {} : {ansible_ssh_private_key_file: privateKey}),
    ...(become === true ? {ansible_become: true} : {}),
  };
  return Object.keys(set).length === 0 ? extraVars : [JSON.stringify(set), ...extraVars];
}
