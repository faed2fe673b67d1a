import type {SourceRange} from '../diagnostics/source.ts';
import type {YamlEntry, YamlMap, YamlNode} from './node.ts';

/** Keys of maps and indexes of lists, from the root down. */
export type NodePath = readonly (string | number)[];

/** Plain data. A `Secret` stays one. */
export function toJs(node: YamlNode): unknown {
  if (node.type === 'scalar') return node.value;
  if (node.type === 'list') return node.items.map(toJs);
  // Defines instead of assigning: `__proto__` is a key like any other.
  return Object.fromEntries([...node.entries].map(([key, {value}]) => [key, toJs(value)]));
}

/** The node at a path; `undefined` where there is none. */
export function nodeAt(node: YamlNode, path: NodePath): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>((at, step) => at && childOf(at, step), node);
}

/** The entry of a map: its value, and the place of its key. */
export const entryOf = (node: YamlNode, key: string): YamlEntry | undefined =>
  node.type === 'map' ? node.entries.get(key) : undefined;

/**
 * The place of a key or a value. Where there is no such node, the nearest above it that exists; where a value
 * has no key (items of lists, the root), the value.
 */
export function rangeAt(node: YamlNode, path: NodePath, part: 'key' | 'value'): SourceRange {
  const parent = nodeAt(node, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined) return node.range;
  if (!parent) return rangeAt(node, path.slice(0, -1), part);
  const entry = entryOf(parent, String(last));
  if (entry && part === 'key') return entry.key;
  return childOf(parent, last)?.range ?? rangeAt(node, path.slice(0, -1), part);
}

/** A file that holds nothing is an empty map, as in Ansible; anything but a map is `undefined`. */
export function mapOf(node: YamlNode): YamlMap | undefined {
  if (node.type === 'map') return node;
  if (node.type === 'scalar' && node.value === null)
    return {type: 'map', range: node.range, entries: new Map()};
  return undefined;
}

function childOf(node: YamlNode, step: string | number): YamlNode | undefined {
  if (node.type === 'list') return typeof step === 'number' ? node.items[step] : undefined;
  return entryOf(node, String(step))?.value;
}
