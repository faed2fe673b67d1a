import type {NodePath} from './access.ts';
import {isObject, type Schema} from './inline.ts';

/** What a schema says about the value at a path, as far as it is plain; `{}` where it says nothing. */
export function schemaAt(schema: Schema, path: NodePath): Schema {
  return path.reduce<Schema>((at, step) => childSchema(at, step), schema);
}

function childSchema(schema: Schema, step: string | number): Schema {
  const properties = schema['properties'];
  const property = isObject(properties) ? properties[step] : undefined;
  if (isObject(property)) return property;
  const others = typeof step === 'number' ? schema['items'] : schema['additionalProperties'];
  if (isObject(others)) return others;
  const branches = ['anyOf', 'oneOf', 'allOf'].flatMap((word) => listOf(schema[word]));
  const found = branches.map((branch) => childSchema(branch, step));
  return found.find((branch) => Object.keys(branch).length > 0) ?? {};
}

const listOf = (value: unknown): readonly Schema[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** The JSON types that a schema allows; `undefined`: any. */
export function typesOf(schema: Schema): ReadonlySet<string> | undefined {
  const {type, const: only, enum: some} = schema;
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type.filter((each) => typeof each === 'string'));
  if (only !== undefined) return new Set([jsonType(only)]);
  if (Array.isArray(some)) return new Set(some.map(jsonType));
  const branches = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].map(typesOf);
  if (branches.length === 0 || branches.includes(undefined)) return undefined;
  return new Set(branches.flatMap((branch) => [...(branch ?? [])]));
}

export function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** Whether a value that a schema describes could stand where another is wanted, by their types alone. */
export function couldFit(given: Schema, wanted: Schema): boolean {
  const [types, allowed] = [typesOf(given), typesOf(wanted)];
  return !types || !allowed || [...types].some((type) => accepts(allowed, type));
}

const accepts = (allowed: ReadonlySet<string>, type: string): boolean =>
  allowed.has(type) ||
  (type === 'integer' && allowed.has('number')) ||
  (type === 'number' && allowed.has('integer'));

/** In words: `a text or a number`. */
export function namedTypes(schema: Schema): string {
  const types = typesOf(schema);
  return types ? [...types].map((type) => NAMES[type] ?? type).join(' or ') : 'anything';
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
};
