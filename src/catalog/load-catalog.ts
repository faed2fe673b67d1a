import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {didYouMean} from '../base/nearest.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import {shownPath} from '../yaml/read.ts';
import {loadRole} from './load-role.ts';
import type {Catalog, Playbook, Reference, Role} from './nouns.ts';
import {namesIn} from './role-variables.ts';
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
    const loaded = await Promise.all(
      fresh.map((role) => loadFound(role, {folders, rolesPaths}, kinds, problems)),
    );
    for (const role of loaded) if (role) roles.set(role.name, role);
    open = loaded.flatMap((role) => role?.needs ?? []);
  }
  const unused = [...folders].filter(([name]) => !roles.has(name)).map(([, folder]) => folder);
  return {
    roles,
    variables: new Set([...roles.values()].flatMap(variablesOf)),
    otherVariables: () => new Set(unused.flatMap(namesIn)),
  };
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

interface Places {
  /** Of all roles, by name. */
  readonly folders: ReadonlyMap<string, string>;
  readonly rolesPaths: readonly string[];
}

async function loadFound(
  {name, at}: Reference,
  {folders, rolesPaths}: Places,
  kinds: Kinds,
  problems: Problems,
): Promise<Role | undefined> {
  const folder = folders.get(name);
  if (folder !== undefined) return loadRole(name, folder, kinds, problems);
  const bare = rolesPaths.map((path) => join(path, name)).find(existsSync);
  const hint =
    bare === undefined
      ? (didYouMean(name, folders.keys()) ?? 'Roles lie in roles/ beside the inventory or the playbook.')
      : `${shownPath(bare)} is no role yet: it has no role.yaml.`;
  problems.report('E401', {range: at, detail: `There is no role "${name}".`, hint});
  return undefined;
}

const variablesOf = ({defaults, variables}: Role): readonly string[] => [
  ...defaults.keys(),
  ...(variables?.properties.keys() ?? []),
];
