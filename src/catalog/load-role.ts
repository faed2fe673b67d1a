import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';
import {mapOf} from '../yaml/access.ts';
import type {YamlEntry, YamlMap, YamlNode} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {createSchemaChecker} from '../yaml/schema.ts';
import type {Entrypoint, PresentIf, Role, TaskTemplate} from './nouns.ts';
import {platformsTask} from './platforms.ts';
import {childMap, referencesOf, textOf, valueOf} from './read.ts';
import {readVariables} from './role-variables.ts';
import {ROLE_SCHEMA} from './schemas.ts';
import {type Kinds, readTask} from './task.ts';

const checker = createSchemaChecker(ROLE_SCHEMA);

/** What a role's folder describes; `undefined` after mistakes that were reported. */
export async function loadRole(
  name: string,
  folder: string,
  kinds: Kinds,
  problems: Problems,
): Promise<Role | undefined> {
  const main = await loadMap(join(folder, 'role.yaml'), problems);
  if (!main || !checker.check(main, problems)) return undefined;
  const [files, variables, defaults, templates] = await Promise.all([
    loadTaskFiles(folder, kinds, problems),
    readVariables(join(folder, 'schema.json'), problems),
    loadDefaults(folder, problems),
    loadTemplates(folder, problems),
  ]);
  const declared = entrypointsOf(main, files, problems);
  const defaultEntrypoint = defaultOf(main, declared, problems);
  const platforms = kinds.resources.has('check') ? platformsTask(name, main) : undefined;
  const entrypoints = platforms ? withFirst(platforms, defaultEntrypoint, declared) : declared;
  return {
    name,
    folder,
    summary: textOf(main, 'summary') ?? '',
    needs: referencesOf(valueOf(main, 'needs')),
    entrypoints,
    defaultEntrypoint,
    presentIf: presentIfOf(main),
    variables,
    defaults,
    templates,
    at: main.range,
  };
}

async function loadMap(path: string, problems: Problems): Promise<YamlMap | undefined> {
  const node = await loadYaml(path, problems);
  const map = node && mapOf(node);
  if (node && !map) problems.report('E105', {range: node.range, detail: 'This file has to hold a map.'});
  return map;
}

async function loadYaml(path: string, problems: Problems): Promise<YamlNode | undefined> {
  const source = await readSource(path, problems);
  return source && parseYaml(source, problems);
}

/** The tasks of each file of tasks/, by its name without the extension. */
async function loadTaskFiles(
  folder: string,
  kinds: Kinds,
  problems: Problems,
): Promise<ReadonlyMap<string, readonly TaskTemplate[]>> {
  const names = (await filesBelow(join(folder, 'tasks'))).filter((name) => /\.ya?ml$/.test(name));
  const nodes = await Promise.all(names.map((name) => loadYaml(join(folder, 'tasks', name), problems)));
  return new Map(
    names.map((name, index) => [name.replace(/\.ya?ml$/, ''), tasksOf(nodes[index], kinds, problems)]),
  );
}

function tasksOf(node: YamlNode | undefined, kinds: Kinds, problems: Problems): readonly TaskTemplate[] {
  if (!node || (node.type === 'scalar' && node.value === null)) return [];
  if (node.type === 'list') return node.items.flatMap((item) => readTask(item, kinds, problems) ?? []);
  problems.report('E403', {range: node.range, detail: 'A task file holds a list of tasks.'});
  return [];
}

type TaskFiles = ReadonlyMap<string, readonly TaskTemplate[]>;

function entrypointsOf(main: YamlMap, files: TaskFiles, problems: Problems): ReadonlyMap<string, Entrypoint> {
  const declared = childMap(main, 'entrypoints');
  const pairs = declared
    ? [...declared.entries].map(([name, {value}]) => [name, tasksFor(value, files, problems)] as const)
    : [...files];
  return new Map(
    pairs.map(([name, tasks]) => {
      reportDuplicates(tasks, problems);
      return [name, {name, tasks}];
    }),
  );
}

/** Once is enough: other entrypoints follow the default one on the same host, or undo it, which may be done anywhere. */
function withFirst(
  task: TaskTemplate,
  name: string | undefined,
  entrypoints: ReadonlyMap<string, Entrypoint>,
): ReadonlyMap<string, Entrypoint> {
  const entrypoint = name === undefined ? undefined : entrypoints.get(name);
  if (!entrypoint) return entrypoints;
  return new Map(entrypoints).set(entrypoint.name, {...entrypoint, tasks: [task, ...entrypoint.tasks]});
}

function tasksFor(value: YamlNode, files: TaskFiles, problems: Problems): readonly TaskTemplate[] {
  return referencesOf(value).flatMap(({name, at}) => {
    const tasks = files.get(name.replace(/\.ya?ml$/, ''));
    if (!tasks)
      problems.report('E402', {range: at, detail: `There is no file "tasks/${name}" in this role.`});
    return tasks ?? [];
  });
}

function reportDuplicates(tasks: readonly TaskTemplate[], problems: Problems): void {
  const first = new Map<string, TaskTemplate>();
  for (const task of tasks) {
    const before = first.get(task.id);
    if (!before) first.set(task.id, task);
    else
      problems.report('E406', {
        range: task.at,
        detail: `Two tasks of one entrypoint have the id "${task.id}".`,
        notes: [{range: before.at, message: 'the other one'}],
      });
  }
}

function defaultOf(
  main: YamlMap,
  entrypoints: ReadonlyMap<string, Entrypoint>,
  problems: Problems,
): string | undefined {
  const named = textOf(main, 'default_entrypoint');
  if (named !== undefined && !entrypoints.has(named))
    problems.report('E402', {
      range: valueOf(main, 'default_entrypoint')?.range ?? main.range,
      detail: `This role has no entrypoint "${named}".`,
      hint: `It has ${[...entrypoints.keys()].join(', ')}.`,
    });
  const others = [...entrypoints.keys()].filter((name) => name !== 'remove');
  return named ?? ['install', 'main'].find((name) => entrypoints.has(name)) ?? onlyOf(others);
}

const onlyOf = <Item>(items: readonly Item[]): Item | undefined =>
  items.length === 1 ? items[0] : undefined;

function presentIfOf(main: YamlMap): PresentIf | undefined {
  const [first] = childMap(main, 'present_if')?.entries ?? [];
  if (!first) return undefined;
  const [kind, {key, value}] = first;
  return {kind: {name: kind, at: key}, key: value};
}

async function loadDefaults(folder: string, problems: Problems): Promise<ReadonlyMap<string, YamlEntry>> {
  const names = await filesBelow(folder, 1);
  if (!names.includes('defaults.yaml')) return new Map();
  return (await loadMap(join(folder, 'defaults.yaml'), problems))?.entries ?? new Map();
}

async function loadTemplates(folder: string, problems: Problems): Promise<ReadonlyMap<string, Source>> {
  const names = (await filesBelow(join(folder, 'templates'))).filter((name) => name.endsWith('.hbs'));
  const sources = await Promise.all(
    names.map((name) => readSource(join(folder, 'templates', name), problems)),
  );
  return new Map(names.flatMap((name, index) => (sources[index] ? [[name, sources[index]]] : [])));
}

/** The paths of the files below a folder, sorted; none where there is no such folder. */
export async function filesBelow(
  folder: string,
  depth = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => []);
  const nested = await Promise.all(
    entries.map(async (entry): Promise<readonly string[]> => {
      if (!entry.isDirectory()) return [entry.name];
      if (depth <= 1) return [];
      return (await filesBelow(join(folder, entry.name), depth - 1)).map((name) => join(entry.name, name));
    }),
  );
  return nested.flat().sort();
}
