import type {Source, SourceRange} from '../diagnostics/source.ts';

/** Where the characters of a text stand in their file. */
export interface Origin {
  readonly text: string;
  /** The whole of it, in its file. */
  readonly whole: SourceRange;
  rangeOf(from: number, to: number): SourceRange;
}

/** A file is its own text. */
export const originOfFile = (source: Source): Origin => ({
  text: source.text,
  whole: {source, from: 0, to: source.text.length},
  rangeOf: (from, to) => ({source, from, to}),
});

/**
 * A text that YAML may have quoted, escaped, folded or indented. A place is found by counting `{{`, which no
 * style alters; where even that does not fit, the whole text is pointed at.
 */
export function originOfScalar(text: string, whole: SourceRange): Origin {
  const written = whole.source.text.slice(whole.from, whole.to);
  const plain = writtenAt(text, written);
  if (plain !== undefined)
    return {text, whole, rangeOf: (from, to) => within(whole, plain + from, plain + to)};
  return {text, whole, rangeOf: (from, to) => counted(text, written, whole, from, to)};
}

function writtenAt(text: string, written: string): number | undefined {
  if (written === text) return 0;
  return written.length === text.length + 2 && written.slice(1, -1) === text ? 1 : undefined;
}

function counted(text: string, written: string, whole: SourceRange, from: number, to: number): SourceRange {
  const before = text.slice(0, from + 2).split('{{').length - 1;
  const mark = text.lastIndexOf('{{', from);
  const place = nth(written, '{{', before);
  if (before === 0 || place < 0) return whole;
  const start = place + from - mark;
  return written.slice(start, start + to - from) === text.slice(from, to)
    ? within(whole, start, start + to - from)
    : within(whole, place, place + 2);
}

function nth(text: string, mark: string, count: number): number {
  let at = -1;
  for (let found = 0; found < count; found++) {
    at = text.indexOf(mark, at + 1);
    if (at < 0) return -1;
  }
  return at;
}

const within = ({source, from: start}: SourceRange, from: number, to: number): SourceRange => ({
  source,
  from: start + from,
  to: start + to,
});
