/** The end of an exhaustive `switch`: a case that cannot be is our bug. */
export function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}`);
}
