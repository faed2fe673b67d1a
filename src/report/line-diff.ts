/** One line of a comparison. */
export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** Where more lines than this differ, the rest is shown as replaced: the search costs the square of it. */
const MOST_EDITS = 500;

/**
 * The lines of both texts, with the fewest that are added or removed (Myers 1986, "An O(ND) Difference
 * Algorithm and Its Variations").
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const head = commonHead(before, after);
  const tail = commonTail(before.slice(head), after.slice(head));
  const middle = shortestEdit(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
  );
  return [
    ...signed(' ', before.slice(0, head)),
    ...middle,
    ...signed(' ', before.slice(before.length - tail)),
  ];
}

const signed = (sign: DiffLine['sign'], lines: readonly string[]): readonly DiffLine[] =>
  lines.map((text) => ({sign, text}));

function commonHead(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1;
  return length;
}

const commonTail = (a: readonly string[], b: readonly string[]): number =>
  commonHead(a.toReversed(), b.toReversed());

function shortestEdit(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const rounds = furthestPoints(a, b);
  return rounds ? walkBack(a, b, rounds) : [...signed('-', a), ...signed('+', b)];
}

/** For each number of edits and each diagonal (x - y), the furthest x that can be reached. */
type Round = ReadonlyMap<number, number>;

function furthestPoints(a: readonly string[], b: readonly string[]): readonly Round[] | undefined {
  const rounds: Round[] = [];
  let last: Round = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(a.length + b.length, MOST_EDITS); edits += 1) {
    const round = new Map<number, number>();
    rounds.push(last);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const x = slide(a, b, {x: startOf(last, diagonal, edits), diagonal});
      round.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return rounds;
    }
    last = round;
  }
  return undefined;
}

/** Down (a line of `b` is added) where that reaches further, else right (a line of `a` is removed). */
const goesDown = (round: Round, diagonal: number, edits: number): boolean =>
  diagonal === -edits ||
  (diagonal !== edits && (round.get(diagonal - 1) ?? -1) < (round.get(diagonal + 1) ?? -1));

const startOf = (round: Round, diagonal: number, edits: number): number =>
  goesDown(round, diagonal, edits) ? (round.get(diagonal + 1) ?? 0) : (round.get(diagonal - 1) ?? 0) + 1;

function slide(
  a: readonly string[],
  b: readonly string[],
  from: {readonly x: number; readonly diagonal: number},
): number {
  let {x} = from;
  while (x < a.length && x - from.diagonal < b.length && a[x] === b[x - from.diagonal]) x += 1;
  return x;
}

function walkBack(a: readonly string[], b: readonly string[], rounds: readonly Round[]): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = rounds.length - 1; edits >= 0; edits -= 1) {
    const round = rounds[edits] ?? new Map<number, number>();
    const down = goesDown(round, x - y, edits);
    const fromDiagonal = down ? x - y + 1 : x - y - 1;
    const fromX = round.get(fromDiagonal) ?? 0;
    const startX = down ? fromX : fromX + 1;
    for (; x > startX && x > 0 && y > 0; y -= 1) lines.push({sign: ' ', text: a[--x] ?? ''});
    if (edits > 0) lines.push(down ? {sign: '+', text: b[--y] ?? ''} : {sign: '-', text: a[--x] ?? ''});
  }
  return lines.toReversed();
}
