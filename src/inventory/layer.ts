import {Secret} from '../base/secret.ts';
import {markSecret} from '../diagnostics/secrets.ts';
import type {YamlEntry, YamlMap, YamlNode} from '../yaml/node.ts';

/** Variables that were set together. A later layer of one scope beats an earlier one. */
export interface VariableLayer {
  /** Whose they are, for people: "group etcd", "host cp1", "play workers", "-e". */
  readonly by: string;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

/** Variables that are secret whatever a schema says. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'ansible_password',
  'ansible_ssh_pass',
  'ansible_become_password',
  'ansible_become_pass',
]);

/** The variables of a map; passwords are Secrets from here on. */
export function layerOf(by: string, map: YamlMap): VariableLayer {
  if (![...map.entries.keys()].some((name) => SECRET_VARIABLES.has(name))) return {by, entries: map.entries};
  const entries = [...map.entries].map(([name, entry]): [string, YamlEntry] =>
    SECRET_VARIABLES.has(name) ? [name, {...entry, value: asSecret(entry.value)}] : [name, entry],
  );
  return {by, entries: new Map(entries)};
}

/** A text or number as a Secret; a template stays, and what it renders is made secret where it is used. */
export function asSecret(node: YamlNode): YamlNode {
  if (node.type !== 'scalar' || node.value === null || node.value instanceof Secret) return node;
  markSecret(node.range);
  if (typeof node.value === 'string' && node.value.includes('{{')) return node;
  const {source, from, to} = node.range;
  const text = typeof node.value === 'string' ? node.value : source.text.slice(from, to);
  return {...node, value: new Secret(text)};
}
