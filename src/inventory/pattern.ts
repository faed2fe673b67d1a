import {nearest} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {HostName} from '../model/names.ts';
import type {Inventory} from './inventory.ts';
import {groupName, isGroupName, isHostName} from './names.ts';

/** Which hosts: names of hosts and groups, put together as Ansible does. */
export interface Pattern {
  readonly text: string;
  /** Each host once, in the order in which the pattern finds them. An unknown name is reported. */
  select(inventory: Inventory, problems: Problems): readonly HostName[];
}

interface Term {
  readonly sign: 'or' | 'and' | 'not';
  readonly name: string;
  readonly slice: Slice | undefined;
}

/** From one position up to and with another; negative ones count from the end. */
interface Slice {
  readonly from: number;
  readonly to: number;
}

/**
 * `a:b` or `a,b`: both; `a:&b`: of these only those in b; `a:!b`: without those in b; `a[0]`, `a[-1]`,
 * `a[1:]`, `a[0:2]` (with the third): by position; `*`, `?`: any letters. Signs count wherever they stand.
 * `range` is undefined for a pattern of the command line.
 */
export function parsePattern(
  text: string,
  range: SourceRange | undefined,
  problems: Problems,
): Pattern | undefined {
  const terms = partsOf(text).map(parseTerm);
  const mistakes = terms.filter((term) => typeof term === 'string');
  const place = range ? {range} : {};
  if (terms.length === 0) mistakes.push('It names no host and no group; "all" means every host.');
  for (const detail of mistakes) problems.report('E205', {...place, detail, hint: HINT});
  const good = terms.filter((term) => typeof term !== 'string');
  if (mistakes.length > 0) return undefined;
  return {text, select: (inventory, found) => new Selection(inventory, place, found).of(good)};
}

const HINT = 'Patterns are made of names: a:b, a:&b, a:!b, a[0], a[1:], a[0:2], w*.';

/** Cut at commas and colons, but not inside of brackets. */
function partsOf(text: string): readonly string[] {
  return text
    .split(/[,:](?![^[]*\])/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A term, or a sentence that says why it is none. */
function parseTerm(part: string): Term | string {
  if (/^[!&]?~/.test(part))
    return `"${part}" would be a regular expression; only "*" and "?" stand for others.`;
  if (part.startsWith('@')) return `"${part}" would be a file of names, which is not read.`;
  const match = /^([!&]?)\s*([\w.*?-]+)(?:\[(.*)\])?$/.exec(part);
  if (!match) return `"${part}" cannot be a part of a pattern.`;
  const [, mark = '', name = '', inside] = match;
  const slice = inside === undefined ? undefined : parseSlice(inside);
  if (typeof slice === 'string') return `${slice} in "${part}".`;
  return {sign: SIGNS[mark] ?? 'or', name, slice};
}

const SIGNS: Readonly<Record<string, Term['sign']>> = {'!': 'not', '&': 'and'};

function parseSlice(inside: string): Slice | string {
  if (/^-?\d+$/.test(inside)) return {from: Number(inside), to: Number(inside)};
  const [, from, to] = /^(\d+):(\d*)$/.exec(inside) ?? [];
  if (from === undefined) return `"[${inside}]" is not a position`;
  return {from: Number(from), to: to === undefined || to === '' ? -1 : Number(to)};
}

class Selection {
  readonly #inventory: Inventory;
  readonly #place: {readonly range?: SourceRange};
  readonly #problems: Problems;

  constructor(inventory: Inventory, place: {readonly range?: SourceRange}, problems: Problems) {
    this.#inventory = inventory;
    this.#place = place;
    this.#problems = problems;
  }

  of(terms: readonly Term[]): readonly HostName[] {
    const found = terms.map(({sign, name, slice}) => ({sign, hosts: sliced(this.#named(name), slice)}));
    const wanted = found.filter(({sign}) => sign === 'or').map(({hosts}) => hosts);
    const start = wanted.length > 0 ? wanted : [this.#named('all')]; // "!a" alone: all but a.
    const required = found.filter(({sign}) => sign === 'and').map(({hosts}) => new Set(hosts));
    const refused = new Set(found.filter(({sign}) => sign === 'not').flatMap(({hosts}) => hosts));
    const fits = (host: HostName): boolean => !refused.has(host) && required.every((set) => set.has(host));
    return [...new Set(start.flat())].filter(fits);
  }

  #named(name: string): readonly HostName[] {
    if (/[*?]/.test(name)) return this.#matching(name);
    const group = this.#inventory.groups.get(isGroupName(name) ? name : ALL);
    if (group?.name === name) return group.hosts;
    if (isHostName(name) && this.#inventory.hosts.has(name)) return [name];
    this.#reportUnknown(name);
    return [];
  }

  #matching(glob: string): readonly HostName[] {
    if (glob === '*') return [...this.#inventory.hosts.keys()];
    const groups = [...this.#inventory.groups.values()].filter(({name}) => matches(glob, name));
    const hosts = [...this.#inventory.hosts.keys()].filter((name) => matches(glob, name));
    return [...new Set([...groups.flatMap((group) => group.hosts), ...hosts])];
  }

  #reportUnknown(name: string): void {
    const {hosts, groups} = this.#inventory;
    const meant = nearest(name, [...groups.keys(), ...hosts.keys()]);
    this.#problems.report('E203', {
      ...this.#place,
      detail: `"${name}" is neither a host nor a group of the inventory.`,
      ...(meant && {hint: `Did you mean "${meant}"?`}),
    });
  }
}

const ALL = groupName('all');

function sliced(hosts: readonly HostName[], slice: Slice | undefined): readonly HostName[] {
  if (!slice) return hosts;
  const at = (position: number): number => (position < 0 ? hosts.length + position : position);
  return at(slice.from) < 0 ? [] : hosts.slice(at(slice.from), at(slice.to) + 1);
}

/** Walks instead of building a regular expression: many stars cost no more than their product. */
function matches(glob: string, text: string): boolean {
  let reachable = new Set([0]);
  for (const letter of glob) reachable = new Set([...reachable].flatMap((at) => after(letter, at, text)));
  return reachable.has(text.length);
}

function after(letter: string, at: number, text: string): readonly number[] {
  if (letter === '*') return Array.from({length: text.length - at + 1}, (_, more) => at + more);
  return at < text.length && (letter === '?' || letter === text[at]) ? [at + 1] : [];
}
