import {didYouMean} from '../base/nearest.ts';
import type {Catalog, Entrypoint, Play, Role, RoleUse} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';

/** A role and how it is run: as a play says, or because another role needs it. */
export interface ResolvedUse {
  readonly use: RoleUse;
  readonly role: Role;
  readonly entrypoint: Entrypoint;
  /** Also those roles that it needs, themselves in order. */
  readonly needs: readonly ResolvedUse[];
}

/** What the roles of a play are. Unknown entrypoints and cycles of needs are reported. */
export function resolveUses(play: Play, catalog: Catalog, problems: Problems): readonly ResolvedUse[] {
  const seen = new Set<string>();
  return play.roles.flatMap((use) => {
    const resolved = resolveUse(use, catalog, [], problems);
    if (!resolved) return [];
    const name = nameOf(resolved);
    if (!seen.has(name)) {
      seen.add(name);
      return resolved;
    }
    problems.report('E406', {
      range: use.role.at,
      detail: `The play "${play.name}" runs "${name}" twice; their tasks would have the same ids.`,
      hint: 'Loop over what differs, or use an entrypoint or a play of its own.',
    });
    return [];
  });
}

/** As in task ids: the entrypoint is named unless it is the default. */
export const nameOf = ({role, entrypoint}: Pick<ResolvedUse, 'role' | 'entrypoint'>): string =>
  entrypoint.name === role.defaultEntrypoint ? role.name : `${role.name}.${entrypoint.name}`;

function resolveUse(
  use: RoleUse,
  catalog: Catalog,
  above: readonly string[],
  problems: Problems,
): ResolvedUse | undefined {
  const role = catalog.roles.get(use.role.name);
  if (!role) return undefined; // The catalog has reported it.
  if (above.includes(role.name)) {
    problems.report('E501', {
      range: use.role.at,
      detail: `The role "${role.name}" needs itself: ${[...above, role.name].join(' -> ')}.`,
    });
    return undefined;
  }
  const entrypoint = entrypointOf(use, role, problems);
  if (!entrypoint) return undefined;
  const needs = role.needs.flatMap(
    (need) => resolveUse(plainUse(need), catalog, [...above, role.name], problems) ?? [],
  );
  return {use, role, entrypoint, needs};
}

const plainUse = (role: RoleUse['role']): RoleUse => ({
  role,
  entrypoint: undefined,
  when: undefined,
  vars: undefined,
  tags: [],
});

function entrypointOf(
  {role: {at}, entrypoint}: RoleUse,
  role: Role,
  problems: Problems,
): Entrypoint | undefined {
  const name = entrypoint?.name ?? role.defaultEntrypoint;
  const names = [...role.entrypoints.keys()];
  const found = name === undefined ? undefined : role.entrypoints.get(name);
  if (found) return found;
  const hint = (name !== undefined && didYouMean(name, names)) || `It has ${names.join(', ') || 'none'}.`;
  problems.report('E402', {
    range: entrypoint?.at ?? at,
    detail:
      name === undefined
        ? `The role "${role.name}" has no entrypoint that could be meant without a name.`
        : `The role "${role.name}" has no entrypoint "${name}".`,
    hint,
  });
  return undefined;
}
