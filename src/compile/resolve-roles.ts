import {didYouMean} from '../base/nearest.ts';
import type {Role} from '../catalog/nouns.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {layerOf} from '../inventory/layer.ts';
import type {Staged} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import type {VariableContext} from '../variables/variables.ts';
import {conditionFor, isAlways, isNever} from './conditions.ts';
import type {Draft, DraftPlay, Unit} from './draft.ts';
import {presenceOf, whenPresent} from './presence.ts';
import {nameOf, type ResolvedUse, resolveUses} from './role-uses.ts';
import {UnitScope} from './unit-scope.ts';
import {VariableTypes} from './variable-types.ts';

/** Which roles run on which hosts, each with the names that its tasks see. */
export function resolveRoles(draft: Draft): void {
  const builder = new UnitBuilder(draft);
  for (const play of draft.plays) {
    const uses = resolveUses(play.play, draft.input.catalog, draft.problems);
    play.units = play.hosts.flatMap((host) => builder.unitsFor(play, host, uses));
  }
}

class UnitBuilder {
  readonly #draft: Draft;
  /** What already runs on a host: a role does not run twice because two plays or two roles ask for it. */
  readonly #done = new Map<HostName, Map<string, DraftPlay | 'always'>>();
  readonly #contexts = new Map<ResolvedUse, VariableContext>();
  readonly #removals = new Map<ResolvedUse, ResolvedUse>();
  readonly #types = new Map<Role, VariableTypes>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  unitsFor(play: DraftPlay, host: HostName, uses: readonly ResolvedUse[]): readonly Unit[] {
    return uses.flatMap((resolved) => this.#withNeeds(play, host, resolved));
  }

  #withNeeds(play: DraftPlay, host: HostName, resolved: ResolvedUse): readonly Unit[] {
    const {use, needs} = resolved;
    const scope = this.#scopeOf(play, host, resolved);
    const condition = use.when ? conditionFor(use.when, scope, this.#draft.problems) : undefined;
    if (condition && isNever(condition)) return this.#removal(play, host, resolved);
    const before = needs.flatMap((need) => this.#needed(play, host, need, condition));
    if (!this.#isFirst(play, host, resolved, condition)) return before;
    return [...before, this.#unit({play, host, scope, condition}, resolved)];
  }

  #needed(
    play: DraftPlay,
    host: HostName,
    resolved: ResolvedUse,
    condition: Staged<boolean> | undefined,
  ): readonly Unit[] {
    const before = resolved.needs.flatMap((need) => this.#needed(play, host, need, condition));
    if (!this.#isFirst(play, host, resolved, condition)) return before;
    return [
      ...before,
      this.#unit({play, host, scope: this.#scopeOf(play, host, resolved), condition}, resolved),
    ];
  }

  /** Variables of its own make it another piece of work; so does a condition that may not hold. */
  #isFirst(play: DraftPlay, host: HostName, resolved: ResolvedUse, condition?: Staged<boolean>): boolean {
    const done = this.#done.get(host) ?? new Map<string, DraftPlay | 'always'>();
    this.#done.set(host, done);
    const name = nameOf(resolved);
    const before = done.get(name);
    if (before === 'always') return resolved.use.vars !== undefined;
    if (before === play) {
      this.#reportTwice(play, resolved);
      return false;
    }
    done.set(name, condition && !isAlways(condition) ? play : 'always');
    return true;
  }

  #reportTwice({play}: DraftPlay, {use, role}: ResolvedUse): void {
    this.#draft.world.reportOnce('E406', `${play.id} ${role.name}`, {
      range: use.role.at,
      detail: `The play "${play.name}" has the role "${role.name}" with a condition, and here it is asked for again.`,
      hint: 'Leave the condition out, or put the two into plays of their own.',
    });
  }

  /** A role that is switched off goes where it is installed; a role that cannot tell is left alone. */
  #removal(play: DraftPlay, host: HostName, switchedOff: ResolvedUse): readonly Unit[] {
    const {use, role} = switchedOff;
    const entrypoint = role.entrypoints.get('remove');
    if (!entrypoint || !role.presentIf) return [];
    const resolved = this.#removals.get(switchedOff) ?? {use, role, entrypoint, needs: []};
    this.#removals.set(switchedOff, resolved);
    if (!this.#isFirst(play, host, resolved)) return [];
    const scope = this.#scopeOf(play, host, resolved);
    const unit = this.#unit({play, host, scope, condition: undefined}, resolved);
    const presence = presenceOf(role.presentIf, unit);
    return [{...unit, presence, condition: whenPresent(presence)}];
  }

  #unit(
    place: Pick<Unit, 'play' | 'host' | 'scope' | 'condition'>,
    {use, role, entrypoint}: ResolvedUse,
  ): Unit {
    this.#readVariables(role, place.host, use.role.at, place.scope);
    this.#checkPresence(role);
    return {...place, role, entrypoint, use, presence: undefined, tasks: [], expanded: [], brackets: []};
  }

  /** Found while the role is on, and not on the day on which it is switched off. */
  #checkPresence({name, presentIf}: Role): void {
    const {factKinds} = this.#draft.input;
    if (!presentIf || factKinds.has(presentIf.kind.name)) return;
    const hint = didYouMean(presentIf.kind.name, factKinds.keys());
    this.#draft.world.reportOnce('E105', `${name} present_if`, {
      range: presentIf.kind.at,
      detail: `"${presentIf.kind.name}" is not a kind of fact.`,
      hint: hint ?? `Known ones: ${[...factKinds.keys()].join(', ')}.`,
    });
  }

  #scopeOf(play: DraftPlay, host: HostName, resolved: ResolvedUse): UnitScope {
    const {input, world, problems} = this.#draft;
    const types = this.#types.get(resolved.role) ?? new VariableTypes(resolved.role);
    this.#types.set(resolved.role, types);
    const variables = input.variables.of(host, this.#contextOf(play, resolved));
    const playHosts = world.constant(`hosts of ${play.play.id}`, () => play.hosts);
    return new UnitScope({host, variables, types, playHosts}, world, problems);
  }

  /** The same layers for every host, so that what they say is evaluated once. */
  #contextOf(play: DraftPlay, resolved: ResolvedUse): VariableContext {
    const known = this.#contexts.get(resolved) ?? contextFor(play, resolved, this.#draft);
    this.#contexts.set(resolved, known);
    return known;
  }

  /** All that the role says it reads, so that a wrong type is found even where no task reads it today. */
  #readVariables({name, variables}: Role, host: HostName, at: SourceRange, scope: UnitScope): void {
    for (const variable of variables?.properties.keys() ?? []) {
      const isSet = scope.variable(variable, at) !== undefined;
      if (isSet || !variables?.required.includes(variable)) continue;
      this.#draft.world.reportOnce('E104', `${name} ${variable}`, {
        range: at,
        detail: `The role "${name}" needs the variable "${variable}", which is not set for host "${host}".`,
        hint: 'Set it in the inventory, for the group of hosts that the role runs on.',
        notes: [{range: variables.at, message: 'the role says so here'}],
      });
    }
  }
}

function contextFor({play}: DraftPlay, {use, role}: ResolvedUse, {input}: Draft): VariableContext {
  return {
    roleDefaults: defaultsOf(role, input.catalog.roles, new Set()),
    playbook: [
      ...(play.vars ? [layerOf(`play "${play.name}"`, play.vars)] : []),
      ...(use.vars ? [layerOf(`role "${role.name}" of play "${play.name}"`, use.vars)] : []),
    ],
  };
}

/** Those of the roles that it needs are weaker than its own. */
function defaultsOf(
  role: Role,
  roles: ReadonlyMap<string, Role>,
  seen: Set<string>,
): readonly {readonly by: string; readonly entries: Role['defaults']}[] {
  if (seen.has(role.name)) return [];
  seen.add(role.name);
  const needed = role.needs.flatMap(({name}) => {
    const need = roles.get(name);
    return need ? defaultsOf(need, roles, seen) : [];
  });
  return [...needed, {by: `role "${role.name}"`, entries: role.defaults}];
}
