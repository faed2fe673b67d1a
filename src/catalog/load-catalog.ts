import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {didYouMean} from '../base/nearest.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import {mapOf} from '../yaml/access.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {loadRole} from './load-role.ts';
import type {Catalog, Playbook, Reference, Role} from './nouns.ts';
import {readVariables} from './role-variables.ts';
import type {Kinds} from './task.ts';

/** The roles that a playbook uses, and what they need. Of two folders with one name the earlier path wins. */
export async function loadCatalog(
  rolesPaths: readonly string[],
  playbook: Playbook,
  kinds: Kinds,
  problems: Problems,
): Promise<Catalog> {
  const folders = await roleFolders(rolesPaths);
  const roles = new Map<string, Role>();
  let open: readonly Reference[] = playbook.plays.flatMap((play) => play.roles.map(({role}) => role));
  const seen = new Set<string>();
  while (open.length > 0) {
    const fresh = open.filter(({name}) => !seen.has(name) && seen.add(name));
    const loaded = await Promise.all(fresh.map((role) => loadFound(role, folders, kinds, problems)));
    for (const role of loaded) if (role) roles.set(role.name, role);
    open = loaded.flatMap((role) => role?.needs ?? []);
  }
  return {roles, variables: await knownVariables(folders, roles)};
}

async function roleFolders(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const entries = await readdir(path, {withFileTypes: true}).catch(() => []);
    for (const {name} of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const folder = join(path, name);
      if (!found.has(name) && existsSync(join(folder, 'role.yaml'))) found.set(name, folder);
    }
  }
  return found;
}

async function loadFound(
  {name, at}: Reference,
  folders: ReadonlyMap<string, string>,
  kinds: Kinds,
  problems: Problems,
): Promise<Role | undefined> {
  const folder = folders.get(name);
  if (folder !== undefined) return loadRole(name, folder, kinds, problems);
  const hint =
    didYouMean(name, folders.keys()) ?? 'Roles lie in roles/ beside the inventory or the playbook.';
  problems.report('E401', {range: at, detail: `There is no role "${name}".`, hint});
  return undefined;
}

/** Of all roles, so that a variable of a role that is not used now is not called unknown. */
async function knownVariables(
  folders: ReadonlyMap<string, string>,
  loaded: ReadonlyMap<string, Role>,
): Promise<ReadonlySet<string>> {
  const names = await Promise.all(
    [...folders].map(async ([name, folder]) => {
      const role = loaded.get(name);
      if (role) return [...role.defaults.keys(), ...(role.variables?.properties.keys() ?? [])];
      return variablesOfUnused(folder);
    }),
  );
  return new Set(names.flat());
}

/** Mistakes in a role that no play uses are none of this run. */
async function variablesOfUnused(folder: string): Promise<readonly string[]> {
  const ignored = new Problems();
  const schema = await readVariables(join(folder, 'schema.json'), ignored);
  const path = join(folder, 'defaults.yaml');
  const source = existsSync(path) ? await readSource(path, ignored) : undefined;
  const node = source && parseYaml(source, ignored);
  return [...(schema?.properties.keys() ?? []), ...((node && mapOf(node)?.entries.keys()) ?? [])];
}
