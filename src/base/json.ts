/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** A plain object whose keys come from a file: read with `[...]`, checked by a schema. */
export type JsonObject = {readonly [key: string]: Json};

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What lies at a path; `undefined` where nothing does. */
export const jsonAt = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((at, step) => (isJsonObject(at) ? at[step] : undefined), value);
