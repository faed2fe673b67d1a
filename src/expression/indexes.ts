/** Marks a path segment that is itself a path: `hosts[this]`. No name holds it. */
export const DYNAMIC = '\u0001';

/** A template in Handlebars' own words, and the way back to the places of what people wrote. */
export interface Rewritten {
  readonly text: string;
  /** An offset in `text` to the offset in what was written. */
  back(offset: number): number;
}

/** What the scanner cannot read, and where. */
export class TemplateMistake extends Error {
  readonly from: number;
  readonly to: number;
  readonly hint: string | undefined;

  constructor(message: string, from: number, to: number, hint?: string) {
    super(message);
    this.from = from;
    this.to = to;
    this.hint = hint;
  }
}

interface Piece {
  readonly out: number;
  readonly in: number;
}

/** `hosts['cp1'].x`, `list[0]` and `hosts[name]` become Handlebars' `hosts.[cp1].x`, `list.[0]`, … */
export function rewriteIndexes(text: string): Rewritten {
  const pieces: Piece[] = [{out: 0, in: 0}];
  let out = '';
  let copied = 0;
  for (const tag of tagsIn(text)) {
    for (const index of indexesIn(text, tag.from, tag.to)) {
      out += text.slice(copied, index.from) + index.segment;
      copied = index.to;
      pieces.push({out: out.length, in: copied});
    }
  }
  return {text: out + text.slice(copied), back: (offset) => backThrough(pieces, offset)};
}

function backThrough(pieces: readonly Piece[], offset: number): number {
  const piece = pieces.findLast(({out}) => out <= offset) ?? {out: 0, in: 0};
  return piece.in + offset - piece.out;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The insides of all mustaches that are not comments and not escaped. */
function* tagsIn(text: string): Generator<Span> {
  let at = text.indexOf('{{');
  while (at >= 0) {
    const comment = /^\{\{~?!/.test(text.slice(at, at + 4));
    const end = endOfTag(text, at, comment);
    const escaped = text[at - 1] === '\\' && text[at - 2] !== '\\';
    if (end < 0 && !escaped) throw new TemplateMistake('This "{{" is never closed by "}}".', at, at + 2);
    if (!comment && !escaped) yield {from: at + 2, to: end};
    at = text.indexOf('{{', escaped ? at + 2 : end + 2);
  }
}

function endOfTag(text: string, at: number, comment: boolean): number {
  if (comment && /^\{\{~?!--/.test(text.slice(at, at + 6))) return text.indexOf('--}}', at);
  if (comment) return text.indexOf('}}', at);
  let here = at + 2;
  while (here < text.length) {
    if (text.startsWith('}}', here)) return here;
    here = afterQuoted(text, here);
  }
  return -1;
}

/** Behind the string that begins here, else behind this character. */
function afterQuoted(text: string, at: number): number {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return at + 1;
  let here = at + 1;
  while (here < text.length && text[here] !== quote) here += text[here] === '\\' ? 2 : 1;
  return here < text.length ? here + 1 : at + 1;
}

interface Index extends Span {
  readonly segment: string;
}

function* indexesIn(text: string, from: number, to: number): Generator<Index> {
  let here = from;
  while (here < to) {
    if (text[here] === '[') {
      const end = closingBracket(text, here, to);
      if (/[\w\])\-@]/.test(text[here - 1] ?? '')) yield indexAt(text, here, end);
      here = end;
    } else here = afterQuoted(text, here);
  }
}

function closingBracket(text: string, from: number, to: number): number {
  let here = from + 1;
  while (here < to && text[here] !== ']') here = afterQuoted(text, here);
  if (here >= to) throw new TemplateMistake('This "[" is never closed by "]".', from, from + 1);
  return here + 1;
}

function indexAt(text: string, from: number, to: number): Index {
  const inner = text.slice(from + 1, to - 1).trim();
  const quoted = /^(['"])(.*)\1$/s.exec(inner);
  if (quoted) return {from, to, segment: `.[${literal(quoted[2] ?? '', from, to)}]`};
  if (/^\d+$/.test(inner)) return {from, to, segment: `.[${inner}]`};
  if (/^@?[A-Za-z_][\w\-.]*$/.test(inner)) return {from, to, segment: `.[${DYNAMIC}${inner}]`};
  throw new TemplateMistake(
    'Between brackets stands a text in quotes, a number or a name.',
    from,
    to,
    'Write hosts["cp1"], list[0] or hosts[inventory_hostname].',
  );
}

function literal(text: string, from: number, to: number): string {
  if (!/[[\]\\]/.test(text)) return text;
  throw new TemplateMistake('A key between brackets cannot hold a bracket or a backslash.', from, to);
}
