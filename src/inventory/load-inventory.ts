import {readdir, stat} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Environment} from '../yaml/conversion.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource, shownPath} from '../yaml/read.ts';
import {buildInventory} from './build-inventory.ts';
import {type Draft, emptyDraft} from './draft.ts';
import type {Inventory} from './inventory.ts';
import {readGroups} from './read-groups.ts';
import {layersOf, type OwnedLayer, readVariableFiles, warnOfNobody} from './variable-files.ts';

/**
 * The inventory of all the given files and directories. Groups that several of them name are merged; of two
 * values the later one wins. What is wrong is reported; the rest is still returned.
 */
export async function loadInventory(
  paths: readonly string[],
  problems: Problems,
  environment: Environment = process.env,
): Promise<Inventory> {
  const draft = emptyDraft();
  const files = (await Promise.all(paths.map((path) => inventoryFiles(path, problems)))).flat();
  const folders = files.map((file) => dirname(resolve(file)));
  const early: OwnedLayer[] = [];
  for (const [index, file] of files.entries()) {
    await readInventoryFile(file, draft, problems, environment);
    const isLast = folders.lastIndexOf(folders[index] ?? '') === index; // What lies beside several is read once.
    if (!isLast) continue;
    for (const owned of await readVariableFiles(dirname(file), problems, environment)) {
      const layers = layersOf(draft, owned);
      if (layers) layers.push(owned.layer);
      else early.push(owned);
    }
  }
  giveEarly(early, draft, problems);
  return buildInventory(draft, problems);
}

/** Files beside one inventory for what only a later one names: weaker than all that the later one says. */
function giveEarly(early: readonly OwnedLayer[], draft: Draft, problems: Problems): void {
  for (const owned of early.toReversed()) {
    const layers = layersOf(draft, owned);
    if (layers) layers.unshift(owned.layer);
    else warnOfNobody(draft, owned, problems);
  }
}

async function readInventoryFile(
  file: string,
  draft: Draft,
  problems: Problems,
  environment: Environment,
): Promise<void> {
  const source = await readSource(file, problems);
  if (!source) return;
  if (!/^\s*\[[\w:.-]+\]\s*$/m.test(source.text) || /\.(ya?ml|json)$/.test(file)) {
    const root = parseYaml(source, problems, environment);
    if (root) readGroups(root, draft, problems);
    return;
  }
  problems.report('E201', {
    range: {source, from: 0, to: source.text.indexOf('\n')},
    detail: `"${source.file}" is in Ansible's INI format, which is not read.`,
    hint: `Convert it once: ansible-inventory -i ${source.file} --list --yaml --output inventory.yaml`,
  });
}

/** A file is itself; of a directory all files in it, by name, without those of variables. */
async function inventoryFiles(path: string, problems: Problems): Promise<readonly string[]> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // Reading it says why.
  );
  if (!isDirectory) return [path];
  const files = await filesBelow(path);
  if (files.length === 0)
    problems.report('E201', {
      detail: `The directory "${shownPath(path)}" has no inventory file.`,
      hint: 'Its files end in .yaml, .yml or .json, or have no ending.',
    });
  return files;
}

const NOT_INVENTORY: ReadonlySet<string> = new Set(['group_vars', 'host_vars']);

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, {withFileTypes: true});
  const wanted = entries
    .filter(({name}) => !name.startsWith('.') && !NOT_INVENTORY.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = await Promise.all(
    wanted.map(async (entry) => {
      if (entry.isDirectory()) return filesBelow(join(folder, entry.name));
      return /^[^.~]+$|\.(ya?ml|json)$/.test(entry.name) ? [join(folder, entry.name)] : [];
    }),
  );
  return found.flat();
}
