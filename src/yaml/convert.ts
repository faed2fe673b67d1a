import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import {isSecretName, markSecret} from '../diagnostics/secrets.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {plainValue, warnOfTraps} from './ambiguous.ts';
import type {Conversion} from './conversion.ts';
import {MAX_DEPTH} from './depth.ts';
import type {YamlEntry, YamlMap, YamlNode, YamlScalar} from './node.ts';
import {refuseTag, taggedScalar} from './tags.ts';

/** How many values aliases may stand for: enough for any inventory, too few for a bomb of nested aliases. */
const MAX_ALIASED = 1_000_000;

/** A parsed document as nodes that know their place; aliases and merges are resolved. */
export function toNode(document: Document.Parsed, conversion: Conversion): YamlNode | undefined {
  const {source, problems} = conversion;
  if (!document.contents) return {type: 'scalar', range: {source, from: 0, to: 0}, value: null};
  try {
    return new Converter(conversion).convert(document.contents);
  } catch (error) {
    if (!(error instanceof BadAlias)) throw error;
    problems.report('E102', {range: error.range, detail: error.message});
    return undefined;
  }
}

/** How many values a node stands for once aliases are followed, and how deeply they are nested. */
interface Extent {
  readonly size: number;
  readonly depth: number;
}

function childrenOf(node: YamlNode): readonly YamlNode[] {
  if (node.type === 'list') return node.items;
  return node.type === 'map' ? [...node.entries.values()].map(({value}) => value) : [];
}

class BadAlias extends Error {
  readonly range: SourceRange;

  constructor(range: SourceRange, message: string) {
    super(message);
    this.range = range;
  }
}

class Converter {
  readonly #conversion: Conversion;
  readonly #done = new Map<Node, YamlNode>();
  readonly #anchors = new Map<string, Node>();
  readonly #extents = new Map<YamlNode, Extent>();
  readonly #open = new Set<Node>();
  /** Values of passwords: no warning may quote them. */
  readonly #secret = new Set<Scalar>();
  #aliased = 0;

  constructor(conversion: Conversion) {
    this.#conversion = conversion;
  }

  convert(node: Node): YamlNode {
    if (isAlias(node)) return this.#aliasTarget(node);
    const before = this.#done.get(node);
    if (before) return before;
    if ('anchor' in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const converted = this.#convertNew(node);
    this.#open.delete(node);
    this.#done.set(node, converted);
    this.#extents.set(converted, this.#extentOf(converted));
    return converted;
  }

  #convertNew(node: Node): YamlNode {
    const range = this.#rangeOf(node);
    if (isScalar(node)) return {type: 'scalar', range, value: this.#valueOf(node, range)};
    this.#refuseTag(node, range);
    if (isSeq<Node>(node)) return {type: 'list', range, items: node.items.map((item) => this.convert(item))};
    if (isMap<Node, Node>(node)) return {type: 'map', range, entries: this.#entriesOf(node)};
    throw new Error('Internal error: a YAML node of no known type');
  }

  #aliasTarget(alias: Alias): YamlNode {
    const range = this.#rangeOf(alias);
    const target = this.#anchors.get(alias.source);
    if (!target) throw new BadAlias(range, `No value is marked "&${alias.source}" before this place.`);
    if (this.#open.has(target))
      throw new BadAlias(range, `"*${alias.source}" stands inside of what it names.`);
    const node = this.convert(target);
    const {size = 1, depth = 0} = this.#extents.get(node) ?? {};
    this.#aliased += size;
    if (this.#aliased > MAX_ALIASED)
      throw new BadAlias(range, 'The aliases of this file make too many values.');
    if (depth >= MAX_DEPTH)
      throw new BadAlias(range, `Aliases nest values more than ${MAX_DEPTH} levels deep.`);
    return node;
  }

  #extentOf(node: YamlNode): Extent {
    const extents = childrenOf(node).map((child) => this.#extents.get(child) ?? {size: 1, depth: 0});
    return {
      size: extents.reduce((sum, {size}) => sum + size, 1),
      depth: extents.reduce((most, {depth}) => Math.max(most, depth + 1), 0),
    };
  }

  /** Own entries first in rank, last in order: what is merged stands where `<<` stands, as in other readers. */
  #entriesOf(map: YAMLMap<Node, Node>): ReadonlyMap<string, YamlEntry> {
    const own = new Map<string, YamlEntry>();
    const merged = new Map<string, YamlEntry>();
    for (const pair of map.items) {
      if (isMergeKey(pair.key)) this.#merge(pair, merged);
      else this.#add(pair, own);
    }
    if (merged.size === 0) return own;
    return new Map([...[...merged].filter(([key]) => !own.has(key)), ...own]);
  }

  #add(pair: Pair<Node, Node | null>, entries: Map<string, YamlEntry>): void {
    const range = this.#rangeOf(pair.key);
    const key = this.#keyOf(pair.key, range);
    if (key === undefined) return;
    if (isScalar(pair.value) && isSecretName(key)) this.#hide(pair.value);
    const first = entries.get(key);
    if (!first) entries.set(key, {key: range, value: this.#valueNode(pair.value, range)});
    else
      this.#conversion.problems.report('E107', {
        range,
        detail: `"${key}" stands twice in one map; only one of the two could count.`,
        notes: [{range: first.key, message: 'first here'}],
      });
  }

  #hide(scalar: Scalar): void {
    this.#secret.add(scalar);
    markSecret(this.#rangeOf(scalar));
  }

  #valueNode(value: Node | null, key: SourceRange): YamlNode {
    return value ? this.convert(value) : {type: 'scalar', range: key, value: null};
  }

  #merge({key, value}: Pair<Node, Node | null>, into: Map<string, YamlEntry>): void {
    const node = this.#valueNode(value, this.#rangeOf(key));
    for (const map of node.type === 'list' ? node.items : [node]) {
      if (map.type === 'map') addMissing(into, map);
      else
        this.#conversion.problems.report('E102', {
          range: map.range,
          detail: '"<<" merges maps; this is not a map.',
        });
    }
  }

  #keyOf(key: Node, range: SourceRange): string | undefined {
    if (isAlias(key)) {
      const target = this.#aliasTarget(key);
      if (target.type === 'scalar' && typeof target.value === 'string') return target.value;
    }
    if (isScalar(key) && typeof key.value === 'string') return key.value;
    if (isScalar(key) && key.value !== null && key.source !== undefined) return key.source; // 1.10 stays 1.10.
    const braces = this.#conversion.source.text.startsWith('{', range.from);
    this.#conversion.problems.report('E102', {
      range,
      detail: isScalar(key) ? 'This key is empty.' : 'A key is a text; this is a map or a list.',
      ...(braces && {hint: 'A value that begins with "{{" needs quotes: "{{ name }}".'}),
    });
    return undefined;
  }

  #valueOf(scalar: Scalar, range: SourceRange): YamlScalar['value'] {
    if (scalar.tag !== undefined) return taggedScalar(scalar, range, this.#conversion);
    if (!this.#secret.has(scalar)) warnOfTraps(scalar, range, this.#conversion.problems);
    return plainValue(scalar);
  }

  #refuseTag(node: Node, range: SourceRange): void {
    if (node.tag !== undefined) refuseTag(node.tag, range, this.#conversion.problems);
  }

  #rangeOf(node: Pick<Node, 'range'>): SourceRange {
    const [from, to] = node.range ?? [0, 0];
    return {source: this.#conversion.source, from, to};
  }
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && typeof key.value === 'symbol';

function addMissing(into: Map<string, YamlEntry>, map: YamlMap): void {
  for (const [key, entry] of map.entries) if (!into.has(key)) into.set(key, entry);
}
