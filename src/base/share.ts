/** "20%" or 3: how many of a group. Parsed once; a percentage is rounded down, and at least 1. */
export interface Share {
  readonly text: string;
  of(total: number): number;
}

/** `undefined` where the text is neither a percentage from 0 to 100 nor a whole number. */
export function parseShare(text: string | number): Share | undefined {
  const match = /^(\d+)(%?)$/.exec(String(text).trim());
  if (!match) return undefined;
  const [, digits, sign] = match;
  const count = Number(digits);
  if (sign === '') return {text: String(count), of: () => count};
  if (count > 100) return undefined;
  return {
    text: `${count}%`,
    of: (total) => (count === 0 ? 0 : Math.max(1, Math.floor((total * count) / 100))),
  };
}
