import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {didYouMean} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {shownPath} from '../yaml/read.ts';

/** The program's own folder, with its roles and playbooks: the same seen from the sources and from the build. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Used where the user names none and has none of their own. */
const MAIN_JOB = 'cluster';

/**
 * A playbook by its path, or by its name: beside the inventory first, then among those that come with the
 * program. Without either, `playbook.yaml` beside the inventory, or else the main job.
 */
export async function findPlaybook(
  named: string | undefined,
  inventoryFolders: readonly string[],
  problems: Problems,
): Promise<string | undefined> {
  const own = inventoryFolders
    .map((folder) => join(folder, 'playbook.yaml'))
    .find((path) => existsSync(path));
  if (named === undefined && own !== undefined) return shownPath(resolve(own));
  const name = named ?? MAIN_JOB;
  if (/[/\\]|\.ya?ml$/.test(name)) return name;
  const folders = [
    ...inventoryFolders.map((folder) => join(folder, 'playbooks')),
    join(PACKAGE, 'playbooks'),
  ];
  const found = folders.map((folder) => join(folder, `${name}.yaml`)).find((path) => existsSync(path));
  if (found !== undefined) return shownPath(resolve(found));
  const known = await namesIn(folders);
  problems.report('E601', {
    detail: `There is no playbook "${name}".`,
    hint:
      didYouMean(name, known) ?? `Known ones: ${known.join(', ') || 'none'}. A file is named with its path.`,
  });
  return undefined;
}

async function namesIn(folders: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return [
    ...new Set(
      files
        .flat()
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => file.slice(0, -5)),
    ),
  ];
}

/** Where roles are looked for: beside the inventory, beside the playbook, then those that come along. */
export function rolesPathsFor(playbook: string, inventoryFolders: readonly string[]): readonly string[] {
  const beside = dirname(resolve(playbook));
  const folders = [...inventoryFolders, beside, dirname(beside), PACKAGE].map((folder) => resolve(folder));
  return [...new Set(folders)].map((folder) => join(folder, 'roles'));
}
