import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {nearest} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {mapOf} from '../yaml/access.ts';
import type {Environment} from '../yaml/convert.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import type {Draft} from './draft.ts';
import {layerOf, type VariableLayer} from './layer.ts';
import {variablesIn} from './variable-names.ts';

/** Adds what `group_vars/` and `host_vars/` of a directory say about the hosts and groups that there are. */
export async function readVariableFiles(
  directory: string,
  draft: Draft,
  problems: Problems,
  environment: Environment,
): Promise<void> {
  const kinds = [
    {folder: 'group_vars', word: 'group', owners: draft.groups},
    {folder: 'host_vars', word: 'host', owners: draft.hosts},
  ] as const;
  for (const {folder, word, owners} of kinds)
    for (const {owner, path} of await filesIn(join(directory, folder))) {
      const layer = await layerIn(path, `${word} ${owner}`, problems, environment);
      if (layer) give(layer, {owner, word, owners}, problems);
    }
}

interface Owners {
  readonly owner: string;
  readonly word: 'group' | 'host';
  readonly owners: ReadonlyMap<string, {readonly layers: VariableLayer[]}>;
}

function give(layer: VariableLayer, {owner, word, owners}: Owners, problems: Problems): void {
  const found = owners.get(owner);
  const [first] = layer.entries.values();
  if (found) found.layers.push(layer);
  else if (first) {
    const meant = nearest(owner, owners.keys());
    problems.warn('E203', {
      range: first.key,
      detail: `This file is for the ${word} "${owner}", which the inventory does not have.`,
      ...(meant && {hint: `Did you mean "${meant}"?`}),
    });
  }
}

interface VariableFile {
  /** The host or group. */
  readonly owner: string;
  readonly path: string;
}

/** `NAME`, `NAME.yaml`, `NAME.yml`, `NAME.json`, or all of these in a folder `NAME`, by name. */
async function filesIn(folder: string): Promise<readonly VariableFile[]> {
  const found: VariableFile[] = [];
  for (const {path, name, isFolder} of await entriesOf(folder)) {
    const owner = isFolder ? name : name.replace(/\.(ya?ml|json)$/, '');
    const files = isFolder ? await below(path) : isVariableFile(name) ? [path] : [];
    found.push(...files.map((file) => ({owner, path: file})));
  }
  return found;
}

async function below(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const {path, name, isFolder} of await entriesOf(folder))
    if (isFolder) found.push(...(await below(path)));
    else if (isVariableFile(name)) found.push(path);
  return found;
}

/** Editors' and packages' left-overs have other endings. */
const isVariableFile = (name: string): boolean => /^[^.]+$|\.(ya?ml|json)$/.test(name) && !name.endsWith('~');

interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

async function entriesOf(folder: string): Promise<readonly FolderEntry[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => []);
  return entries
    .filter(({name}) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => ({
      name: entry.name,
      path: join(folder, entry.name),
      isFolder: entry.isDirectory(),
    }));
}

async function layerIn(
  path: string,
  by: string,
  problems: Problems,
  environment: Environment,
): Promise<VariableLayer | undefined> {
  const source = await readSource(path, problems);
  const root = source && parseYaml(source, problems, environment);
  if (!root) return undefined;
  const map = mapOf(root);
  if (map) return layerOf(by, variablesIn(map, problems));
  problems.report('E201', {
    range: root.range,
    detail: 'A file of variables is a map from names to values.',
    ...(root.range.source.text.startsWith('$ANSIBLE_VAULT') && {
      hint: 'Files encrypted by Ansible Vault are not read: decrypt it, or use "!env NAME" for the secrets.',
    }),
  });
  return undefined;
}
