import type {ErrorObject} from 'ajv';
import {isSecretName} from '../diagnostics/secrets.ts';
import type {NodePath} from './access.ts';
import {isObject, type Schema} from './inline.ts';

/** What a schema wants, as it stands behind "must be". */
export function expectation(schema: Schema): string {
  const {enum: choices, const: exact, type, anyOf, oneOf} = schema;
  if (Array.isArray(choices))
    return choices.length === 1 ? quoted(choices[0]) : `one of ${list(choices.map(quoted))}`;
  if (exact !== undefined) return quoted(exact);
  if (type !== undefined) return alternatives(namesOf(type).map((name) => typeWords(name, schema)));
  const branches = [anyOf, oneOf].flat().filter(isObject);
  return branches.length > 0 ? alternatives(branches.map(expectation)) : 'another value';
}

/** "a", "a or b", "a, b or c", each once. */
export function alternatives(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`;
}

/** The values that people chose between, as they write them. */
export const list = (words: readonly string[]): string => words.join(', ');

export const quoted = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** What stands at a place instead of what is wanted; a secret is never quoted. */
export function foundAt({instancePath, data}: ErrorObject, secrets: ReadonlySet<string>): string {
  const name = instancePath.slice(instancePath.lastIndexOf('/') + 1);
  return secrets.has(instancePath) || isSecretName(name) ? 'this secret' : found(data);
}

function found(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return shortened(quoted(value));
}

/** Long values are cut: the place in the file shows them whole. */
const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…"` : text);

/** A schema's `type`, which may be one name or several. */
export const namesOf = (type: unknown): readonly string[] =>
  [type].flat().filter((name) => typeof name === 'string');

/** The last name of a path with the indexes behind it: `"ports[2]"`. */
export function nameOf(path: NodePath): string {
  const start = path.findLastIndex((step) => typeof step === 'string');
  if (path.length === 0) return 'This';
  const indexes = path.slice(start + 1).map((index) => `[${index}]`);
  return start < 0 ? `item ${indexes.join('')}` : `"${path[start]}${indexes.join('')}"`;
}

function typeWords(type: string, schema: Schema): string {
  switch (type) {
    case 'string':
      return textWords(schema);
    case 'integer':
      return `a whole number${bounds(schema)}`;
    case 'number':
      return `a number${bounds(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'a map';
    default:
      return 'empty';
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  network: 'a network such as 10.233.0.0/18, with nothing behind its prefix',
  hostname: 'a host name',
  uri: 'an address such as https://example.org/path',
  date: 'a date such as 2030-01-31',
};

/** A longer pattern is not read: the description says what it means. */
const LONGEST_PATTERN = 32;

export const isTold = ({pattern, description}: Schema): boolean =>
  typeof pattern === 'string' && (pattern.length <= LONGEST_PATTERN || typeof description !== 'string');

function textWords(schema: Schema): string {
  const {format, pattern, minLength, maxLength} = schema;
  if (typeof format === 'string') return FORMATS[format] ?? `a text of the form "${format}"`;
  if (isTold(schema)) return `a text that matches ${String(pattern)}`;
  if (typeof maxLength === 'number') return `a text of at most ${maxLength} characters`;
  if (minLength === 1) return 'a text that is not empty';
  return typeof minLength === 'number' ? `a text of at least ${minLength} characters` : 'a text';
}

function bounds({minimum, maximum, exclusiveMinimum, multipleOf}: Schema): string {
  const parts = [
    typeof minimum === 'number' && typeof maximum === 'number' ? ` from ${minimum} to ${maximum}` : '',
    typeof minimum === 'number' && maximum === undefined ? ` of at least ${minimum}` : '',
    typeof maximum === 'number' && minimum === undefined ? ` of at most ${maximum}` : '',
    typeof exclusiveMinimum === 'number' ? ` above ${exclusiveMinimum}` : '',
    typeof multipleOf === 'number' ? `, a multiple of ${multipleOf}` : '',
  ];
  return parts.join('');
}
