import {existsSync} from 'node:fs';
import {readdir, stat} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {shownPath} from '../yaml/read.ts';

/** A file that is a test of a role. */
export interface FoundCase {
  readonly role: string;
  /** Of the role. */
  readonly folder: string;
  readonly file: string;
}

/** The tests below a path, or why there can be none. */
export type Found =
  | {readonly cases: readonly FoundCase[]}
  | {readonly problem: string; readonly hint: string};

const TESTS = 'test';

/** A test itself, all of a role, or all of a folder of roles. */
export async function findCases(path: string): Promise<Found> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return {problem: `There is no "${path}".`, hint: 'Name a role, or a file in its test/.'};
  if (found.isFile()) return caseOf(path);
  if (isRole(path)) return {cases: await casesOf(path)};
  const entries = await readdir(path);
  const roles = entries
    .toSorted()
    .map((name) => join(path, name))
    .filter(isRole);
  if (roles.length > 0) return {cases: (await Promise.all(roles.map(casesOf))).flat()};
  return {
    problem: `"${path}" is no role, and no folder of roles: none in it has a role.yaml.`,
    hint: 'Name a role, or a file in its test/.',
  };
}

const isRole = (folder: string): boolean => existsSync(join(folder, 'role.yaml'));

function caseOf(file: string): Found {
  const folder = dirname(dirname(resolve(file)));
  if (basename(dirname(resolve(file))) === TESTS && isRole(folder)) return {cases: [found(folder, file)]};
  return {
    problem: `"${file}" is no test of a role.`,
    hint: 'Tests lie beside the tasks: roles/NAME/test/CASE.yaml.',
  };
}

async function casesOf(role: string): Promise<readonly FoundCase[]> {
  const files = await readdir(join(role, TESTS)).catch(() => []);
  return files
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => found(resolve(role), join(role, TESTS, name)));
}

const found = (folder: string, file: string): FoundCase => ({
  role: basename(folder),
  folder,
  file: shownPath(resolve(file)),
});
