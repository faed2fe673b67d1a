import {visibleLine} from '../base/visible.ts';
import {secretsIn} from './secrets.ts';
import {locate, type SourceRange} from './source.ts';

/** A line of a file as it is shown, and the marks below it. */
export interface Snippet {
  readonly lineNumber: number;
  readonly line: string;
  /** Spaces, then carets: as wide as what they mark is shown. */
  readonly indent: string;
  readonly carets: string;
}

/** A character as it is shown. */
interface Cell {
  readonly offset: number;
  readonly text: string;
  readonly columns: number;
}

/** What fits on a terminal of 110 columns beside the line number. */
const MAX_COLUMNS = 100;

/** The first line of a range. Of long lines the part around it; secrets and control characters are masked. */
export function snippetOf(range: SourceRange): Snippet {
  const {source} = range;
  const start = source.text.lastIndexOf('\n', range.from - 1) + 1;
  const end = endOfLine(source.text, range.from);
  const cells = masked(cellsOf(source.text.slice(start, end), start), secretsIn(source, start, end));
  const isMarked = ({offset}: Cell): boolean =>
    offset >= range.from && offset < Math.max(range.to, range.from + 1);
  const shown = window(cells, cells.findIndex(isMarked));
  const first = shown.findIndex(isMarked);
  const before = first < 0 ? shown : shown.slice(0, first);
  return {
    lineNumber: locate(range).line,
    line: shown
      .map(({text}) => text)
      .join('')
      .trimEnd(),
    indent: ' '.repeat(columnsOf(before)),
    carets: '^'.repeat(Math.max(1, columnsOf(shown.filter(isMarked)))),
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  const stop = end < 0 ? text.length : end;
  return text.charAt(stop - 1) === '\r' && stop > from ? stop - 1 : stop;
}

const columnsOf = (cells: readonly Cell[]): number => cells.reduce((sum, {columns}) => sum + columns, 0);

function cellsOf(line: string, start: number): readonly Cell[] {
  let offset = start;
  return Array.from(line, (character) => {
    const text = character === '\t' ? '    ' : visibleLine(character);
    const cell = {offset, text, columns: text === character ? columnsOfCharacter(character) : text.length};
    offset += character.length;
    return cell;
  });
}

/** Marks over letters take no column; the scripts of East Asia and pictures take two. */
function columnsOfCharacter(character: string): number {
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  const isWide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\u{20000}-\u{3fffd}]/u;
  return isWide.test(character) ? 2 : 1;
}

/** Each secret as three stars, however long it is. */
function masked(cells: readonly Cell[], secrets: readonly SourceRange[]): readonly Cell[] {
  const secretAt = (offset: number): SourceRange | undefined =>
    secrets.find(({from, to}) => offset >= from && offset < to);
  return cells.flatMap((cell, index) => {
    const secret = secretAt(cell.offset);
    if (!secret) return [cell];
    const previous = cells[index - 1];
    return previous && secretAt(previous.offset) ? [] : [{offset: cell.offset, text: '***', columns: 3}];
  });
}

const CUT: Omit<Cell, 'offset'> = {text: '…', columns: 1};

function window(cells: readonly Cell[], marked: number): readonly Cell[] {
  if (columnsOf(cells) <= MAX_COLUMNS) return cells;
  const centre = marked < 0 ? cells.length : marked;
  const from = Math.max(0, Math.min(centre - MAX_COLUMNS / 4, cells.length - MAX_COLUMNS));
  const shown: Cell[] = from > 0 ? [{...CUT, offset: -1}] : [];
  for (const cell of cells.slice(from)) {
    if (columnsOf(shown) + cell.columns >= MAX_COLUMNS) return [...shown, {...CUT, offset: -1}];
    shown.push(cell);
  }
  return shown;
}
