import {clip, visible} from '../base/visible.ts';
import type {TextChange} from '../model/resource.ts';
import {type DiffLine, diffLines} from './line-diff.ts';
import type {Palette} from './palette.ts';

/** Lines around a difference, as `diff -u` shows them. */
const CONTEXT = 3;
const WIDEST = 400;

/** What will change in a file, in the format of `diff -u`; no line where nothing does. */
export function unifiedDiff({path, before, after}: TextChange, palette: Palette): readonly string[] {
  const lines = diffLines(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return [];
  return [
    palette.strong(`--- ${before === undefined ? '/dev/null' : visible(path)}`),
    palette.strong(`+++ ${after === undefined ? '/dev/null' : visible(path)}`),
    ...hunks.flatMap((hunk) => writeHunk(lines, hunk, palette)),
  ];
}

const NO_NEWLINE = '\\ No newline at end of file';

/** A last line without its newline differs from one that has it. */
function linesOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  if (text.endsWith('\n')) return text.slice(0, -1).split('\n');
  const lines = text.split('\n');
  return [...lines.slice(0, -1), `${lines.at(-1)}\n${NO_NEWLINE}`];
}

/** From one index up to, and without, another. */
interface Hunk {
  readonly from: number;
  readonly to: number;
}

function hunksOf(lines: readonly DiffLine[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, {sign}] of lines.entries()) {
    if (sign === ' ') continue;
    const from = Math.max(0, index - CONTEXT);
    const to = Math.min(lines.length, index + CONTEXT + 1);
    const last = hunks.at(-1);
    if (last && from <= last.to) hunks.splice(-1, 1, {from: last.from, to});
    else hunks.push({from, to});
  }
  return hunks;
}

function writeHunk(lines: readonly DiffLine[], {from, to}: Hunk, palette: Palette): readonly string[] {
  const [left, right] = [side('+', lines, {from, to}), side('-', lines, {from, to})];
  const head = palette.change(`@@ -${left} +${right} @@`);
  return [head, ...lines.slice(from, to).flatMap((line) => writeLine(line, palette))];
}

/** `first,count` of the lines of one side, counted from 1; of an empty side the line before it. */
function side(others: DiffLine['sign'], lines: readonly DiffLine[], {from, to}: Hunk): string {
  const isOurs = ({sign}: DiffLine): boolean => sign !== others;
  const before = lines.slice(0, from).filter(isOurs).length;
  const inside = lines.slice(from, to).filter(isOurs).length;
  const first = inside === 0 ? before : before + 1;
  return inside === 1 ? `${first}` : `${first},${inside}`;
}

function writeLine({sign, text}: DiffLine, palette: Palette): readonly string[] {
  const paint = {'+': palette.good, '-': palette.bad, ' ': palette.faint}[sign];
  const [line = '', ...note] = text.split('\n');
  return [paint(`${sign}${clip(visible(line), WIDEST)}`), ...note];
}
