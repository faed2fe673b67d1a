import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {BRACKETS} from '../../src/brackets/registry.ts';
import {loadRole} from '../../src/catalog/load-role.ts';
import type {Role} from '../../src/catalog/nouns.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {renderAll} from '../../src/diagnostics/render.ts';
import {RESOURCES} from '../../src/resources/registry.ts';

const FOLDER = join(import.meta.dirname, '../../roles');

/** The names of the roles that come with the program. */
export const ROLES: readonly string[] = readdirSync(FOLDER).toSorted();

/** A role that comes with the program; throws where there is a mistake in it. */
export async function roleOf(name: string): Promise<Role> {
  const problems = new Problems();
  const kinds = {resources: RESOURCES, brackets: BRACKETS};
  const role = await loadRole(name, join(FOLDER, name), kinds, problems);
  if (!role || problems.all.length > 0) throw new Error(renderAll(problems.all, {color: false}));
  return role;
}

/** All of them, by name. */
export const shippedRoles = (): Promise<readonly Role[]> => Promise.all(ROLES.map(roleOf));
