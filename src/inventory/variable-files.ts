import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {nearest} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {mapOf} from '../yaml/access.ts';
import type {Environment} from '../yaml/conversion.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {type Draft, draftGroup} from './draft.ts';
import {IMPLICIT_GROUPS} from './inventory.ts';
import {layerOf, type VariableLayer} from './layer.ts';
import {groupName, isGroupName, isHostName} from './names.ts';
import {variablesIn} from './variable-names.ts';

/** A file that says something about a host or a group. */
export interface OwnedLayer {
  readonly word: 'group' | 'host';
  readonly owner: string;
  readonly layer: VariableLayer;
}

/** What `group_vars/` and `host_vars/` of a directory say, weakest first. */
export async function readVariableFiles(
  directory: string,
  problems: Problems,
  environment: Environment,
): Promise<readonly OwnedLayer[]> {
  const found: OwnedLayer[] = [];
  for (const word of ['group', 'host'] as const)
    for (const {owner, path} of await filesIn(join(directory, `${word}_vars`))) {
      const layer = await layerIn(path, `${word} ${owner}`, problems, environment);
      if (layer) found.push({word, owner, layer});
    }
  return found;
}

/** The layers of a host or a group; `undefined` where no inventory has named it so far. */
export function layersOf(draft: Draft, {word, owner}: OwnedLayer): VariableLayer[] | undefined {
  if (word === 'host') return isHostName(owner) ? draft.hosts.get(owner)?.layers : undefined;
  if (IMPLICIT_GROUPS.some((name) => name === owner)) return draftGroup(draft, groupName(owner)).layers;
  return isGroupName(owner) ? draft.groups.get(owner)?.layers : undefined;
}

/** A file for nobody is mostly a misspelt name. */
export function warnOfNobody(draft: Draft, {word, owner, layer}: OwnedLayer, problems: Problems): void {
  const [first] = layer.entries.values();
  if (!first) return;
  const meant = nearest(owner, word === 'host' ? draft.hosts.keys() : draft.groups.keys());
  problems.warn('E203', {
    range: first.key,
    detail: `This file is for the ${word} "${owner}", which the inventory does not have.`,
    ...(meant && {hint: `Did you mean "${meant}"?`}),
  });
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
