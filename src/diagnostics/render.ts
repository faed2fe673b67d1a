import {visible, visibleLine} from '../base/visible.ts';
import {CODES} from './codes.ts';
import type {Diagnostic} from './diagnostic.ts';
import {snippetOf} from './snippet.ts';
import {locate, placeOf, type SourceRange} from './source.ts';

export interface RenderOptions {
  readonly color: boolean;
}

/** A mistake with its line and a caret below it, as people read it. Ends without a line break. */
export function renderDiagnostic(diagnostic: Diagnostic, {color}: RenderOptions): string {
  const {code, severity, range, detail, hint, notes = []} = diagnostic;
  const paint = color ? ANSI : PLAIN;
  const tone = paint[severity];
  return [
    `${tone(`${severity}[${code}]`)}${paint.strong(`: ${CODES[code]}`)}`,
    ...(range ? place(range, tone, paint) : []),
    indented(visible(detail)),
    ...(hint === undefined ? [] : [indented(`${paint.strong('hint:')} ${visible(hint)}`)]),
    ...notes.map((note) =>
      indented(`${paint.strong('note:')} ${visibleLine(placeOf(note.range))}: ${visible(note.message)}`),
    ),
  ].join('\n');
}

/** All mistakes of a stage in the order of their places, each once, and how many there are. */
export function renderAll(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  const all = inOrder(diagnostics);
  if (all.length === 0) return '';
  const texts = all.map((diagnostic) => renderDiagnostic(diagnostic, options));
  const errors = all.filter(({severity}) => severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(all.length - errors, 'warning')];
  return `${texts.join('\n\n')}\n\n${counts.filter((count) => count !== '').join(', ')}\n`;
}

/** For programs: one object for each mistake. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string;
  readonly at?: PlaceJson;
  readonly notes: readonly {readonly message: string; readonly at: PlaceJson}[];
}

/** One-based; the end is the first position behind. */
export interface PlaceJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function diagnosticJson({
  code,
  severity,
  detail,
  hint,
  range,
  notes = [],
}: Diagnostic): DiagnosticJson {
  return {
    code,
    severity,
    summary: CODES[code],
    detail,
    ...(hint !== undefined && {hint}),
    ...(range && {at: placeJson(range)}),
    notes: notes.map((note) => ({message: note.message, at: placeJson(note.range)})),
  };
}

/** As `renderAll`: ordered, each once. */
export const diagnosticsJson = (diagnostics: readonly Diagnostic[]): readonly DiagnosticJson[] =>
  inOrder(diagnostics).map(diagnosticJson);

function placeJson(range: SourceRange): PlaceJson {
  const end = locate({source: range.source, from: range.to, to: range.to});
  return {...locate(range), endLine: end.line, endColumn: end.column};
}

/** What many hosts share is found once for each of them, and told once. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const once = new Map(diagnostics.map((each) => [JSON.stringify(diagnosticJson(each)), each]));
  const unique = [...once.values()];
  const files = [...new Set(unique.map(({range}) => range?.source.file))];
  const rank = ({range}: Diagnostic): number => files.indexOf(range?.source.file);
  return unique.sort((a, b) => rank(a) - rank(b) || (a.range?.from ?? 0) - (b.range?.from ?? 0));
}

const counted = (count: number, word: string): string =>
  count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;

type Paint = (text: string) => string;

interface Paints {
  readonly error: Paint;
  readonly warning: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

const same: Paint = (text) => text;
const PLAIN: Paints = {error: same, warning: same, strong: same, faint: same};

const ansi =
  (start: string, end: string): Paint =>
  (text) =>
    `\u001b[${start}m${text}\u001b[${end}m`;
const ANSI: Paints = {
  error: ansi('1;31', '22;39'),
  warning: ansi('1;33', '22;39'),
  strong: ansi('1', '22'),
  faint: ansi('36', '39'),
};

function place(range: SourceRange, tone: Paint, {faint}: Paints): readonly string[] {
  const {lineNumber, line, indent, carets} = snippetOf(range);
  const number = String(lineNumber);
  const gutter = faint(`  ${' '.repeat(number.length)} |`);
  return [
    `  ${faint('-->')} ${visibleLine(placeOf(range))}`,
    gutter,
    `${faint(`  ${number} |`)}${line === '' ? '' : ` ${line}`}`,
    `${gutter} ${indent}${tone(carets)}`,
  ];
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
