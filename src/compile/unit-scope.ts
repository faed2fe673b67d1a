import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {evaluate} from '../expression/evaluate.ts';
import type {Resolution, Scope} from '../expression/scope.ts';
import {resolveNow, staged} from '../expression/staged.ts';
import {UNKNOWN} from '../expression/type-only.ts';
import type {Staged} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import type {Variable} from '../variables/variable.ts';
import type {HostVariables} from '../variables/variables.ts';
import {isKnownEntry} from './known-entries.ts';
import type {VariableTypes} from './variable-types.ts';
import type {World} from './world.ts';

/** What a scope belongs to. */
export interface ScopeOwner {
  readonly host: HostName;
  readonly variables: HostVariables;
  readonly types: VariableTypes | undefined;
  /** The hosts of the play; `undefined` outside of plays. */
  readonly playHosts: Staged<unknown> | undefined;
}

/** Finds tasks and brackets for a scope, once they exist. */
export type References = (path: readonly string[], at: SourceRange) => Resolution;

/** Stands for a value whose mistake was reported: nothing more is said about it. */
const BROKEN = staged<unknown>(UNKNOWN);

/** What names mean for a host, in a role of a play. */
export class UnitScope implements Scope {
  readonly owner: ScopeOwner;
  /** Set once tasks exist. */
  references: References | undefined;
  readonly #world: World;
  readonly #problems: Problems;
  readonly #values = new Map<string, Staged<unknown>>();
  readonly #open = new Map<string, Variable>();

  constructor(owner: ScopeOwner, world: World, problems: Problems) {
    this.owner = owner;
    this.#world = world;
    this.#problems = problems;
  }

  resolve(path: readonly string[], at: SourceRange): Resolution {
    const [root = ''] = path;
    const known = this.#values.get(root);
    if (known) return {found: true, value: known, used: 1};
    if (root === 'tasks' || root === 'brackets') return this.#reference(path, at);
    if (root === 'play_hosts' && this.owner.playHosts) return whole(this.owner.playHosts);
    return this.#world.resolve(path, this.owner.host) ?? this.#variable(root, at);
  }

  *names(): Iterable<string> {
    yield* this.owner.variables.names();
    yield* MAGIC_NAMES;
  }

  /** The value of a variable, if it is set. */
  variable(name: string, at: SourceRange): Staged<unknown> | undefined {
    const resolution = this.#variable(name, at);
    return resolution.found ? resolution.value : undefined;
  }

  #reference(path: readonly string[], at: SourceRange): Resolution {
    if (this.references) return this.references(path, at);
    return {
      found: false,
      detail: `"${path[0]}" cannot be read here: this is decided before there are any tasks.`,
    };
  }

  #variable(name: string, at: SourceRange): Resolution {
    const before = this.#values.get(name);
    if (before) return whole(before);
    if (this.#open.has(name)) return this.#cycle(name, at);
    const variable = this.owner.variables.get(name);
    if (!variable) return {found: false};
    this.#open.set(name, variable);
    const value = this.#evaluate(variable);
    this.#open.delete(name);
    this.#values.set(name, value); // What it is compared with may read it.
    const checked = value === BROKEN ? value : this.#checked(variable, value);
    this.#values.set(name, checked);
    return whole(checked);
  }

  #evaluate(variable: Variable): Staged<unknown> {
    const {node} = variable;
    this.#world.noteRead(variable.name);
    const value = this.#world.memoOf(node).of(this, (scope) => evaluate(node, scope, this.#problems));
    return value.stage === 'static' && !resolveNow(value).ok ? BROKEN : value;
  }

  /** What is wrong is told once: neither this role nor another one looks for what would follow from it. */
  #checked(variable: Variable, value: Staged<unknown>): Staged<unknown> {
    const {types} = this.owner;
    if (this.#world.isWrong(variable.node)) return BROKEN;
    const table = types?.tableOf(variable);
    const entries = table === undefined ? undefined : this.variable(table, variable.node.range);
    if (table !== undefined && !isKnownEntry({variable, value, table, entries}, this.#world)) {
      this.#world.noteWrong(variable.node);
      return BROKEN;
    }
    const typed = types ? types.check(variable, value, this.#problems) : value;
    if (typed) return typed;
    this.#world.noteWrong(variable.node);
    return BROKEN;
  }

  #cycle(name: string, at: SourceRange): Resolution {
    const names = [...this.#open.keys()];
    const steps = names.slice(names.indexOf(name));
    this.#problems.report('E305', {
      range: this.#open.get(name)?.node.range ?? at,
      detail: `The value of "${name}" depends on itself: ${[...steps, name].join(' -> ')}.`,
      notes: steps.slice(1).flatMap((step) => {
        const variable = this.#open.get(step);
        return variable ? [{range: variable.node.range, message: `"${step}" is set here`}] : [];
      }),
    });
    for (const step of steps) this.#values.set(step, BROKEN);
    return whole(BROKEN);
  }
}

const MAGIC_NAMES = [
  'inventory_hostname',
  'group_names',
  'groups',
  'hosts',
  'play_hosts',
  'selected_hosts',
  'profile',
  'tasks',
  'brackets',
];

const whole = (value: Staged<unknown>): Resolution => ({found: true, value, used: 1});

/** A scope in which `item` is an item of a loop. */
export class ItemScope implements Scope {
  readonly #outer: Scope;
  readonly #item: Staged<unknown>;

  constructor(outer: Scope, item: Staged<unknown>) {
    this.#outer = outer;
    this.#item = item;
  }

  resolve(path: readonly string[], at: SourceRange): Resolution {
    return path[0] === 'item' ? whole(this.#item) : this.#outer.resolve(path, at);
  }

  *names(): Iterable<string> {
    yield 'item';
    yield* this.#outer.names();
  }
}
