declare const brand: unique symbol;

/** A string that only one kind of place may make, so that ids are not mixed up. */
export type Brand<Base, Name extends string> = Base & {readonly [brand]: Name};
