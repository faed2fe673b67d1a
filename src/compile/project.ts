import {existsSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {BRACKETS} from '../brackets/registry.ts';
import {loadCatalog} from '../catalog/load-catalog.ts';
import {loadPlaybook} from '../catalog/load-playbook.ts';
import type {Catalog, Playbook} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {FACT_KINDS} from '../facts/registry.ts';
import type {Inventory} from '../inventory/inventory.ts';
import type {VariableLayer} from '../inventory/layer.ts';
import {loadInventory} from '../inventory/load-inventory.ts';
import type {TaskGraph} from '../model/graph.ts';
import {RESOURCES} from '../resources/registry.ts';
import {readExtraVariables} from '../variables/extra-variables.ts';
import {createVariables, type Variables} from '../variables/variables.ts';
import type {Environment} from '../yaml/conversion.ts';
import {compile} from './compile.ts';
import {findPlaybook, projectFolders, rolesPathsFor} from './find-playbook.ts';
import {DiskFiles} from './local-files.ts';

/** What the command line says about a project. */
export interface ProjectOptions {
  readonly inventoryPaths: readonly string[];
  /** By name or path. */
  readonly playbook?: string;
  /** The texts of `-e`, weakest first. */
  readonly extraVars: readonly string[];
  readonly limit?: string;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly targets?: readonly string[];
  /** Looked through before all others. */
  readonly rolesPaths?: readonly string[];
  /** What `!env` reads. Default: that of the process. */
  readonly environment?: Environment;
  /** Digests of files that need not be at their paths. */
  readonly offered?: (sha256: string) => boolean;
}

/** All that people wrote, read. */
export interface WrittenProject {
  readonly inventory: Inventory;
  readonly variables: Variables;
  /** What `-e` set; it is in `variables` too. */
  readonly commandLine: readonly VariableLayer[];
  readonly catalog: Catalog;
  readonly playbook: Playbook;
}

/** A project that was read and compiled. */
export interface LoadedProject extends WrittenProject {
  readonly graph: TaskGraph;
}

/** From files to a graph, without any contact. `undefined` after mistakes, which are in `problems`. */
export async function loadProject(
  options: ProjectOptions,
  problems: Problems,
): Promise<LoadedProject | undefined> {
  const {environment = process.env} = options;
  const inventory = await loadInventory(options.inventoryPaths, problems, environment);
  const commandLine = await readExtraVariables(options.extraVars, problems, environment);
  const variables = createVariables(inventory, commandLine, problems);
  const found = await loadWork(options, problems);
  if (!found || problems.hasErrors) return undefined;
  return compileProject({...found, inventory, commandLine, variables}, options, problems);
}

/** Of a project, what may change and which files need not be at their paths. */
type CompileOptions = Pick<ProjectOptions, 'limit' | 'tags' | 'skipTags' | 'targets' | 'offered'>;

/** The same of what was read already. */
export function compileProject(
  written: WrittenProject,
  {limit, tags = [], skipTags = [], targets = [], offered}: CompileOptions,
  problems: Problems,
): LoadedProject | undefined {
  const graph = compile(
    {
      ...written,
      selection: {tags, skipTags, targets, ...(limit === undefined ? {} : {limit})},
      resources: RESOURCES,
      brackets: BRACKETS,
      factKinds: FACT_KINDS,
      files: new DiskFiles(offered),
    },
    problems,
  );
  return graph && {...written, graph};
}

/** The playbook, and the roles that it uses. */
async function loadWork(
  {playbook: named, inventoryPaths, rolesPaths = []}: ProjectOptions,
  problems: Problems,
): Promise<{readonly playbook: Playbook; readonly catalog: Catalog} | undefined> {
  const folders = projectFolders(inventoryPaths.map(folderOf), process.cwd());
  const path = await findPlaybook(named, folders, problems);
  if (path === undefined) return undefined;
  const kinds = {resources: RESOURCES, brackets: BRACKETS};
  const playbook = await loadPlaybook(path, kinds, problems);
  if (!playbook) return undefined;
  const paths = [...rolesPaths, ...rolesPathsFor(path, folders)];
  return {playbook, catalog: await loadCatalog(paths, playbook, kinds, problems)};
}

const folderOf = (path: string): string =>
  existsSync(path) && statSync(path).isDirectory() ? path : dirname(path);
