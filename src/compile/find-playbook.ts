import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {didYouMean} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {shownPath} from '../yaml/read.ts';

/** The program's own folder, with its roles and playbooks: the same seen from the sources and from the build. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Used where the user names none and has none of their own. */
const MAIN_JOB = 'cluster';

/**
 * The folders that may hold a user's playbooks and roles, nearest first: those of the inventories, and each above
 * one of them up to the working directory. So `provision inventories/lab/inventory.yaml` finds `playbooks/` and
 * `roles/` where it was called. Nothing above the working directory is read: it may be somebody else's.
 */
export function projectFolders(
  inventoryFolders: readonly string[],
  workingFolder: string,
): readonly string[] {
  const chains = inventoryFolders.map((folder) => upTo(workingFolder, resolve(workingFolder, folder)));
  return [...new Set(chains.flat())];
}

function upTo(top: string, folder: string): readonly string[] {
  const isBelow = folder !== top && !relative(top, folder).startsWith('..');
  return isBelow ? [folder, ...upTo(top, dirname(folder))] : [folder];
}

/**
 * A playbook by its path, or by its name: beside the inventory first, then among those that come with the
 * program. Without either, `playbook.yaml` beside the inventory, or else the main job.
 * "Beside" is any of the project's folders.
 */
export async function findPlaybook(
  named: string | undefined,
  folders: readonly string[],
  problems: Problems,
): Promise<string | undefined> {
  const own = folders.map((folder) => join(folder, 'playbook.yaml')).find((path) => existsSync(path));
  if (named === undefined && own !== undefined) return shownPath(resolve(own));
  const name = named ?? MAIN_JOB;
  if (/[/\\]|\.ya?ml$/.test(name)) return name;
  const shelves = [...folders, PACKAGE].map((folder) => join(folder, 'playbooks'));
  const found = shelves.map((folder) => join(folder, `${name}.yaml`)).find((path) => existsSync(path));
  if (found !== undefined) return shownPath(resolve(found));
  const known = await namesIn(shelves);
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

/** Where roles are looked for: in the project's folders, beside the playbook, then those that come along. */
export function rolesPathsFor(playbook: string, project: readonly string[]): readonly string[] {
  const beside = dirname(resolve(playbook));
  const folders = [...project, beside, dirname(beside), PACKAGE].map((folder) => resolve(folder));
  return [...new Set(folders)].map((folder) => join(folder, 'roles'));
}
