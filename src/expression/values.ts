import {Secret} from '../base/secret.ts';
import {namedTypes} from '../yaml/schema-paths.ts';
import {TypeOnly} from './type-only.ts';

/** Whether a Secret stands anywhere in it. */
export function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isMap(value) && Object.values(value).some(holdsSecret);
}

/** A copy with every Secret as the text that it is. What is made from it must become a Secret again. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}

/** A map as YAML has them. */
export const isMap = (value: unknown): value is {readonly [key: string]: unknown} =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Secret) &&
  !(value instanceof TypeOnly);

/** For messages: never the value itself. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Secret) return 'a secret text';
  if (value instanceof TypeOnly) return namedTypes(value.schema);
  if (Array.isArray(value)) return 'a list';
  return TYPE_NAMES.get(typeof value) ?? typeof value;
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ['object', 'a map'],
  ['string', 'a text'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
]);

/** As Handlebars has it: false, null, 0, an empty text and an empty list do not hold. An empty map does. */
export function truthy(value: unknown): boolean {
  if (value instanceof Secret) return value.reveal() !== '';
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** What was made from a Secret. Whether two are the same, or how many there are, is none. */
export function hidden(result: unknown): unknown {
  if (typeof result === 'string') return new Secret(result);
  return Array.isArray(result) ? result.map(hidden) : result;
}
