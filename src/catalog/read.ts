import type {SourceRange} from '../diagnostics/source.ts';
import {entryOf, mapOf} from '../yaml/access.ts';
import type {YamlMap, YamlNode} from '../yaml/node.ts';
import type {Reference} from './nouns.ts';

/** Readers of nodes that a schema has accepted. */

export const valueOf = (node: YamlNode, key: string): YamlNode | undefined => entryOf(node, key)?.value;

/** The text of a property; `undefined` where it is not set, or not a text. */
export function textOf(node: YamlNode, key: string): string | undefined {
  const value = valueOf(node, key);
  return value?.type === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

/** One name or a list of them, each with its place. */
export function referencesOf(node: YamlNode | undefined): readonly Reference[] {
  if (!node || node.type === 'map') return [];
  if (node.type === 'list') return node.items.flatMap(referencesOf);
  return node.value === null ? [] : [{name: String(node.value), at: node.range}];
}

/** Names where only their text counts: tags. */
export const wordsOf = (node: YamlNode | undefined): readonly string[] =>
  referencesOf(node).flatMap(({name}) => name.split(',').map((word) => word.trim()));

export const isTrue = (node: YamlNode | undefined): boolean => node?.type === 'scalar' && node.value === true;

/** The map that a property holds. */
export function childMap(node: YamlNode, key: string): YamlMap | undefined {
  const value = valueOf(node, key);
  return value && mapOf(value);
}

/** Where an item begins: its first line is enough to show it. */
export function startOf({source, from, to}: SourceRange): SourceRange {
  const line = source.text.indexOf('\n', from);
  return {source, from, to: line === -1 ? to : Math.min(to, line)};
}
