import {Secret} from '../base/secret.ts';
import type {Schema} from '../yaml/inline.ts';
import {isObject} from '../yaml/inline.ts';
import {couldFit, jsonType, schemaAt, typesOf} from '../yaml/schema-paths.ts';

/** Stands for a value that cannot be known yet: of it only the type is, as a JSON Schema. */
export class TypeOnly {
  readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }
}

/** Of which not even the type is known, or could not be found out because of a mistake that was reported. */
export const UNKNOWN = new TypeOnly({});

export const TEXT: Schema = {type: 'string'};
export const WHOLE_NUMBER: Schema = {type: 'integer'};
export const BOOLEAN: Schema = {type: 'boolean'};
/** What reads the same for everybody. */
export const WRITABLE: Schema = {type: ['string', 'number', 'boolean']};
export const LIST: Schema = {type: 'array'};
export const MAP: Schema = {type: 'object'};
export const ANY: Schema = {};

/** What is known of the type of a value, known or not. */
export function schemaOf(value: unknown): Schema {
  if (value instanceof TypeOnly) return value.schema;
  return value instanceof Secret ? SECRET_TEXT : {type: jsonType(value)};
}

export const SECRET_TEXT: Schema = {...TEXT, 'x-secret': true};

const isSecret = (schema: Schema): boolean => schema['x-secret'] === true;

/** The type of a value that is as either of two. */
export const oneOf = (one: Schema, other: Schema): Schema => ({
  anyOf: [one, other],
  ...([one, other].some(isSecret) && {'x-secret': true}),
});

/** The type of what is made of others: a text is secret where one of these is. */
export const hiddenAs = (schema: Schema, given: readonly Schema[]): Schema =>
  given.some(isSecret) && couldFit(schema, TEXT) ? {...schema, 'x-secret': true} : schema;

/** What lies in it by that name; `undefined` where by its type there can be no such thing. */
export function memberOf({schema}: TypeOnly, name: string): TypeOnly | undefined {
  const types = typesOf(schema);
  if (!types) return UNKNOWN;
  if (types.has('object')) return isListed(schema, name) ? new TypeOnly(schemaAt(schema, [name])) : undefined;
  const isIndex = types.has('array') && /^\d+$/.test(name);
  return isIndex ? new TypeOnly(schemaAt(schema, [Number(name)])) : undefined;
}

/** A schema that names properties, and does not speak of others, has these. */
const isListed = ({properties, additionalProperties}: Schema, name: string): boolean =>
  !isObject(properties) || Object.hasOwn(properties, name) || isObject(additionalProperties);

/** What an item of a list or a map is; `undefined` where by its type there can be none. */
export function itemOf({schema}: TypeOnly): TypeOnly | undefined {
  if (!couldFit(schema, {type: ['array', 'object']})) return undefined;
  const {items, additionalProperties} = schema;
  if (isObject(items)) return new TypeOnly(items);
  return isObject(additionalProperties) && !schema['properties']
    ? new TypeOnly(additionalProperties)
    : UNKNOWN;
}
