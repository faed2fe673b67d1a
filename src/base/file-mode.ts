/** Octal (`0644`), or symbolic as chmod reads it (`u=rwX,go=rX`). */
export const MODE_PATTERN =
  '^([0-7]{3,4}|[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*)$';

/** What a mode is computed from. */
export interface ModeBefore {
  readonly bits: number;
  readonly isDirectory: boolean;
}

const SHIFTS = {u: 6, g: 3, o: 0} as const;
type Who = keyof typeof SHIFTS;
const EVERYONE: readonly Who[] = ['u', 'g', 'o'];

/** Four octal digits, as `chmod` would set them. The text fits `MODE_PATTERN`. */
export function modeAfter(text: string, before: ModeBefore): string {
  const bits = /^[0-7]+$/.test(text)
    ? Number.parseInt(text, 8)
    : text.split(',').reduce((mode, clause) => applied(clause, {...before, bits: mode}), before.bits);
  return bits.toString(8).padStart(4, '0');
}

function applied(clause: string, before: ModeBefore): number {
  const [, names = '', actions = ''] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
  const who =
    names === '' || names.includes('a') ? EVERYONE : EVERYONE.filter((each) => names.includes(each));
  return [...actions.matchAll(/([-+=])([^-+=]*)/g)].reduce(
    (bits, [, sign, letters = '']) => act(sign, who, {...before, bits}, letters),
    before.bits,
  );
}

function act(sign: string | undefined, who: readonly Who[], before: ModeBefore, letters: string): number {
  const bits = who.reduce((sum, each) => sum | bitsFor(each, letters, before), sticky(who, letters));
  if (sign === '+') return before.bits | bits;
  if (sign === '-') return before.bits & ~bits;
  return (before.bits & ~coveredBy(who, before.isDirectory)) | bits;
}

function bitsFor(who: Who, letters: string, before: ModeBefore): number {
  const source = EVERYONE.find((each) => each === letters);
  const triple = source ? (before.bits >> SHIFTS[source]) & 7 : tripleOf(letters, before);
  return (triple << SHIFTS[who]) | (letters.includes('s') ? setId(who) : 0);
}

function tripleOf(letters: string, {bits, isDirectory}: ModeBefore): number {
  const executable =
    letters.includes('x') || (letters.includes('X') && (isDirectory || (bits & 0o111) !== 0));
  return (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0) | (executable ? 1 : 0);
}

/** What `=` clears: of directories chmod keeps the set-id bits unless they are named. */
const coveredBy = (who: readonly Who[], isDirectory: boolean): number =>
  who.reduce(
    (sum, each) => sum | (7 << SHIFTS[each]) | (isDirectory ? 0 : setId(each)),
    who.length === 3 ? 0o1000 : 0,
  );

const setId = (who: Who): number => ({u: 0o4000, g: 0o2000, o: 0})[who];
const sticky = (who: readonly Who[], letters: string): number =>
  letters.includes('t') && who.length === 3 ? 0o1000 : 0;
