/** Octal (`0644`), or symbolic as chmod reads it (`u=rwX,go=rX`). */
export const MODE_PATTERN =
  '^([0-7]{3,4}|[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*)$';

/** What a mode is computed from. */
export interface ModeBefore {
  readonly bits: number;
  readonly isDirectory: boolean;
}

/** What each class of users may have: set-id or sticky bit, and its three permissions. */
const CLASSES = {u: 0o4700, g: 0o2070, o: 0o1007} as const;
const SHIFTS = {u: 6, g: 3, o: 0} as const;
const SET_ID = 0o6000;
type Who = keyof typeof CLASSES;
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

/** Of a directory the set-id bits stay as they are unless they are named: as GNU chmod does. */
function act(sign: string | undefined, who: readonly Who[], before: ModeBefore, letters: string): number {
  const affected = who.reduce((sum, each) => sum | CLASSES[each], 0);
  const value = valueOf(letters, before);
  const left = before.isDirectory ? SET_ID & ~(affected & value) : 0;
  const bits = value & affected & ~left;
  if (sign === '+') return before.bits | bits;
  if (sign === '-') return before.bits & ~bits;
  return (before.bits & (~affected | left)) | bits;
}

/** What the letters say, for all classes. */
function valueOf(letters: string, {bits, isDirectory}: ModeBefore): number {
  const source = EVERYONE.find((each) => each === letters);
  if (source) return ((bits >> SHIFTS[source]) & 7) * 0o111;
  const executable =
    letters.includes('x') || (letters.includes('X') && (isDirectory || (bits & 0o111) !== 0));
  const triple = (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0) | (executable ? 1 : 0);
  return (triple * 0o111) | (letters.includes('s') ? SET_ID : 0) | (letters.includes('t') ? 0o1000 : 0);
}
