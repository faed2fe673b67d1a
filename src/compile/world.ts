import {didYouMean} from '../base/nearest.ts';
import type {Code} from '../diagnostics/codes.ts';
import {type Diagnostic, Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Resolution} from '../expression/scope.ts';
import {resolveNow, staged} from '../expression/staged.ts';
import {isGroupName, isHostName} from '../inventory/names.ts';
import {parsePattern} from '../inventory/pattern.ts';
import type {Staged} from '../model/graph.ts';
import type {GroupName, HostName} from '../model/names.ts';
import type {YamlNode} from '../yaml/node.ts';
import type {CompileInput} from './input.ts';
import {Memo} from './memo.ts';
import {profileValue} from './profile-values.ts';
import {UnitScope} from './unit-scope.ts';

/** All that names of hosts need: no role, no playbook. */
export type WorldInput = Pick<CompileInput, 'inventory' | 'variables'> &
  Partial<Pick<CompileInput, 'selection'>>;

/** What all scopes share: hosts, groups, profiles, and what was evaluated before. */
export class World {
  readonly #input: WorldInput;
  readonly #problems: Problems;
  readonly #memos = new Map<YamlNode, Memo<Staged<unknown>>>();
  readonly #constants = new Map<string, Staged<unknown>>();
  readonly #hosts = new Map<HostName, UnitScope>();
  readonly #read = new Set<string>();
  readonly #wrong = new Set<YamlNode>();
  readonly #reported = new Set<string>();

  constructor(input: WorldInput, problems: Problems) {
    this.#input = input;
    this.#problems = problems;
  }

  /** What was evaluated of a node before, for whichever host. */
  memoOf(node: YamlNode): Memo<Staged<unknown>> {
    const known = this.#memos.get(node) ?? new Memo<Staged<unknown>>();
    this.#memos.set(node, known);
    return known;
  }

  /** For what is wrong on a thousand hosts in the same way. */
  reportOnce(code: Code, key: string, problem: Omit<Diagnostic, 'code' | 'severity'>): void {
    const id = `${code} ${key}`;
    if (this.#reported.has(id)) return;
    this.#reported.add(id);
    this.#problems.report(code, problem);
  }

  /** A value that was told to be wrong. */
  noteWrong(node: YamlNode): void {
    this.#wrong.add(node);
  }

  isWrong(node: YamlNode): boolean {
    return this.#wrong.has(node);
  }

  noteRead(variable: string): void {
    this.#read.add(variable);
  }

  /** The variables that anything asked for. */
  get read(): ReadonlySet<string> {
    return this.#read;
  }

  /** The very same value whenever it is asked for, so that what was made from it can be shared. */
  constant(key: string, make: () => unknown): Staged<unknown> {
    const known = this.#constants.get(key) ?? staged(make());
    this.#constants.set(key, known);
    return known;
  }

  /** The variables of a host outside of any play. */
  hostScope(host: HostName): UnitScope {
    const known = this.#hosts.get(host);
    if (known) return known;
    const variables = this.#input.variables.of(host);
    const owner = {host, variables, types: undefined, playHosts: undefined};
    const scope = new UnitScope(owner, this, this.#problems);
    this.#hosts.set(host, scope);
    return scope;
  }

  /** Names that are no variables; `undefined` where it is none of them. */
  resolve(path: readonly string[], host: HostName): Resolution | undefined {
    const [root = ''] = path;
    switch (root) {
      case 'profile':
        return profileValue(path);
      case 'inventory_hostname':
        return found(
          this.constant(`host ${host}`, () => host),
          1,
        );
      case 'group_names':
        return found(this.#groupNames(host), 1);
      case 'selected_hosts':
        return found(
          this.constant('selected hosts', () => this.selected()),
          1,
        );
      case 'groups':
        return this.#groups(path);
      case 'hosts':
        return this.#hostValue(path);
      default:
        return undefined;
    }
  }

  /** The hosts that may change: those that `--limit` means, or all. A pattern that is wrong is reported elsewhere. */
  selected(): readonly HostName[] {
    const {inventory, selection} = this.#input;
    const pattern = parsePattern(selection?.limit ?? 'all', undefined, new Problems());
    return pattern?.select(inventory, new Problems()) ?? [];
  }

  /** Hosts in the same groups share one list. */
  #groupNames(host: HostName): Staged<unknown> {
    const names = (this.#input.inventory.hosts.get(host)?.groups ?? []).filter((name) => name !== 'all');
    return this.constant(`groups of ${names.join('\n')}`, () => names);
  }

  #groups(path: readonly string[]): Resolution {
    const {groups} = this.#input.inventory;
    const [, name] = path;
    if (name === undefined) {
      return found(
        this.constant('groups', () => membersByGroup(groups)),
        1,
      );
    }
    const group = isGroupName(name) ? groups.get(name) : undefined;
    if (group)
      return found(
        this.constant(`group ${name}`, () => group.hosts),
        2,
      );
    const hint = didYouMean(name, groups.keys());
    return {found: false, detail: `There is no group "${name}".`, ...(hint && {hint})};
  }

  #hostValue(path: readonly string[]): Resolution {
    const [, name, word, variable] = path;
    if (name === undefined)
      return found(
        this.constant('hosts', () => this.#allHosts()),
        1,
      );
    const {hosts} = this.#input.inventory;
    const host = isHostName(name) ? hosts.get(name)?.name : undefined;
    if (host === undefined) {
      const hint = didYouMean(name, hosts.keys());
      return {found: false, detail: `There is no host "${name}".`, ...(hint && {hint})};
    }
    if (word === undefined)
      return found(
        this.constant(`host value ${name}`, () => this.#hostMap(host)),
        2,
      );
    if (word !== 'vars')
      return {found: false, detail: `Of another host only its variables can be read: hosts.${name}.vars.`};
    if (variable === undefined)
      return found(
        this.constant(`vars ${name}`, () => this.#varsOf(host)),
        3,
      );
    return this.#variableOf(host, variable, path);
  }

  #variableOf(host: HostName, name: string, path: readonly string[]): Resolution {
    const scope = this.hostScope(host);
    const resolution = scope.resolve([name, ...path.slice(4)], this.#placeOf(host));
    if (resolution.found) return {...resolution, used: resolution.used + 3};
    return {
      found: false,
      detail: `The variable "${name}" is not set for host "${host}".`,
      // Mostly nobody asks: `default` takes another value.
      get hint() {
        return didYouMean(name, scope.names());
      },
    };
  }

  #placeOf(host: HostName): SourceRange {
    const at = this.#input.inventory.hosts.get(host)?.at;
    if (!at) throw new Error(`Internal error: the inventory has no host "${host}"`);
    return at;
  }

  #allHosts(): object {
    return lazily([...this.#input.inventory.hosts.keys()], (host) => this.#hostMap(host));
  }

  #hostMap(host: HostName): object {
    return lazily(['vars'], () => this.#varsOf(host));
  }

  /** Only what is read is evaluated; what is not known yet is not there. */
  #varsOf(host: HostName): object {
    const scope = this.hostScope(host);
    return lazily([...scope.owner.variables.names()], (name) => {
      const value = scope.variable(name, this.#placeOf(host));
      const now = value?.stage === 'static' ? resolveNow(value) : undefined;
      return now?.ok ? now.value : undefined;
    });
  }
}

const found = (value: Staged<unknown>, used: number): Resolution => ({found: true, value, used});

const membersByGroup = (groups: CompileInput['inventory']['groups']): object =>
  Object.fromEntries([...groups.values()].map(({name, hosts}): [GroupName, unknown] => [name, hosts]));

/** A map whose values are made when they are read. */
function lazily<Key extends string>(keys: readonly Key[], make: (key: Key) => unknown): object {
  const map = {};
  for (const key of keys) {
    Object.defineProperty(map, key, {enumerable: true, get: () => make(key)});
  }
  return map;
}
