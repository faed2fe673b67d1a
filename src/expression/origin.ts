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
  const rangeOf = (from: number, to: number): SourceRange => {
    const place =
      plain === undefined ? placeIn(written, text, {from, to}) : {from: plain + from, to: plain + to};
    return place ? {source: whole.source, from: whole.from + place.from, to: whole.from + place.to} : whole;
  };
  return {text, whole, rangeOf};
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function writtenAt(text: string, written: string): number | undefined {
  if (written === text) return 0;
  return written.length === text.length + 2 && written.slice(1, -1) === text ? 1 : undefined;
}

function placeIn(written: string, text: string, {from, to}: Span): Span | undefined {
  const marks = text.slice(0, from + 2).split('{{').length - 1;
  if (marks === 0) return onlyPlace(written, text.slice(from, to));
  const mark = nth(written, '{{', marks);
  if (mark < 0) return undefined;
  const start = mark + from - text.lastIndexOf('{{', from);
  const span = {from: start, to: start + to - from};
  return written.slice(span.from, span.to) === text.slice(from, to) ? span : {from: mark, to: mark + 2};
}

/** In an expression, which has no braces. */
function onlyPlace(written: string, part: string): Span | undefined {
  const from = written.indexOf(part);
  const only = part !== '' && from >= 0 && from === written.lastIndexOf(part);
  return only ? {from, to: from + part.length} : undefined;
}

function nth(text: string, mark: string, count: number): number {
  let at = -1;
  for (let found = 0; found < count; found++) {
    at = text.indexOf(mark, at + 1);
    if (at < 0) return -1;
  }
  return at;
}
