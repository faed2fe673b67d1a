import type {BracketDefinition} from '../../src/brackets/define.ts';
import {loadCatalog} from '../../src/catalog/load-catalog.ts';
import {loadPlaybook} from '../../src/catalog/load-playbook.ts';
import {compile} from '../../src/compile/compile.ts';
import type {CompileInput, Selection} from '../../src/compile/input.ts';
import {DiskFiles} from '../../src/compile/local-files.ts';
import {type Diagnostic, Problems} from '../../src/diagnostics/diagnostic.ts';
import {locate} from '../../src/diagnostics/source.ts';
import {stat} from '../../src/facts/stat.ts';
import {loadInventory} from '../../src/inventory/load-inventory.ts';
import type {Edge, TaskGraph} from '../../src/model/graph.ts';
import type {ResourceDefinition} from '../../src/resources/define.ts';
import {readExtraVariables} from '../../src/variables/extra-variables.ts';
import {createVariables} from '../../src/variables/variables.ts';
import {TempProject} from '../support/project.ts';
import {NOTE, WINDOW} from './stubs.ts';

/** What a test compiles: files, and what else the command line would say. */
export interface Given {
  readonly files: Readonly<Record<string, string>>;
  readonly selection?: Selection;
  readonly extraVars?: readonly string[];
  readonly resources?: readonly ResourceDefinition[];
  readonly brackets?: readonly BracketDefinition[];
}

export interface Compiled {
  readonly graph: TaskGraph | undefined;
  readonly problems: readonly Diagnostic[];
  /** `E301 roles/a/tasks/install.yaml:3:5 The detail.` */
  readonly mistakes: readonly string[];
}

/** Compiles a project that has `inventory.yaml` and `playbook.yaml`. */
export async function compileFiles(given: Given): Promise<Compiled> {
  await using project = await TempProject.of(given.files);
  const problems = new Problems();
  const graph = await compileProject(project, given, problems);
  const mistakes = problems.all.map(({code, range, detail}) => {
    if (!range) return `${code} ${detail}`;
    const {file, line, column} = locate(range);
    return `${code} ${file.replace(`${project.folder}/`, '')}:${line}:${column} ${detail}`;
  });
  return {graph, problems: problems.all, mistakes};
}

async function compileProject(
  project: TempProject,
  {selection = {}, extraVars = [], resources = [NOTE], brackets = [WINDOW]}: Given,
  problems: Problems,
): Promise<TaskGraph | undefined> {
  const inventory = await loadInventory([project.path('inventory.yaml')], problems);
  const commandLine = await readExtraVariables(extraVars, problems);
  const kinds: Pick<CompileInput, 'resources' | 'brackets'> = {
    resources: new Map(resources.map((each) => [each.kind, each])),
    brackets: new Map(brackets.map((each) => [each.kind, each])),
  };
  const playbook = await loadPlaybook(project.path('playbook.yaml'), kinds, problems);
  if (!playbook) return undefined;
  const catalog = await loadCatalog([project.path('roles')], playbook, kinds, problems);
  if (problems.hasErrors) return undefined;
  const variables = createVariables(inventory, commandLine, problems);
  const factKinds = new Map([['stat', stat]]);
  const files = new DiskFiles();
  return compile(
    {inventory, variables, commandLine, catalog, playbook, selection, factKinds, files, ...kinds},
    problems,
  );
}

/** The graph of a project without mistakes. */
export async function graphOf(given: Given): Promise<TaskGraph> {
  const {graph, mistakes} = await compileFiles(given);
  if (!graph) throw new Error(`It has mistakes:\n${mistakes.join('\n')}`);
  return graph;
}

/** `a -> b needs`: who goes before whom, and why; with `(end)` where failure does not matter. */
export const edgesOf = ({edges}: TaskGraph): readonly string[] => edges.map(showEdge);

const showEdge = ({from, to, requires, because}: Edge): string =>
  `${from} -> ${to} ${because.type}${requires === 'success' ? '' : ` (${requires})`}`;

/** A role with one entrypoint. */
export const role = (name: string, tasks: string, more: Readonly<Record<string, string>> = {}) => ({
  [`roles/${name}/role.yaml`]: `summary: For a test.\n`,
  [`roles/${name}/tasks/install.yaml`]: tasks,
  ...Object.fromEntries(Object.entries(more).map(([path, text]) => [`roles/${name}/${path}`, text])),
});

/** One host, one role of these tasks. */
export const oneHost = (tasks: string, more: Readonly<Record<string, string>> = {}) => ({
  files: {
    'inventory.yaml': 'all: {hosts: {a: {}}}\n',
    'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
    ...role('r', tasks),
    ...more,
  },
});

/** Where its tasks are. */
export const TASK = 'roles/r/tasks/install.yaml';
