/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** A plain object whose keys come from a file: read with `[...]`, checked by a schema. */
export type JsonObject = {readonly [key: string]: Json};
