/** A JSON Schema, as an object; each of our own schemas is one. */
export type Schema = {readonly [key: string]: unknown};

/**
 * The schema with local references replaced by what they name, so that the path of an error tells in which
 * branch it arose. A reference to something around itself stays.
 */
export function inlined(schema: Schema): Schema {
  return isObject(schema) ? schemaOf(inline(schema, schema, [])) : schema;
}

function inline(part: unknown, root: Schema, open: readonly string[]): unknown {
  if (Array.isArray(part)) return part.map((item) => inline(item, root, open));
  if (!isObject(part)) return part;
  const reference = part['$ref'];
  if (typeof reference === 'string' && reference.startsWith('#/') && !open.includes(reference)) {
    const target = targetOf(reference, root);
    const {$ref: _, ...rest} = part;
    if (target) return inline({...target, ...rest}, root, [...open, reference]);
  }
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, inline(value, root, open)]));
}

function targetOf(reference: string, root: Schema): Schema | undefined {
  const found = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root);
  return isObject(found) ? found : undefined;
}

export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemaOf = (value: unknown): Schema => (isObject(value) ? value : {});
