/** A file's text, kept so that a mistake can be shown in its place. */
export interface Source {
  /** As the user named it: relative to where the program runs, or `-e` for the command line. */
  readonly file: string;
  readonly text: string;
}

/** From one offset of a source up to, and without, another. */
export interface SourceRange {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** One-based, as editors count. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export function locate({source, from}: SourceRange): Location {
  const before = source.text.slice(0, from);
  const line = before.split('\n').length;
  return {file: source.file, line, column: from - before.lastIndexOf('\n')};
}

/** `file:line:column`, which terminals and editors make clickable. */
export function placeOf(range: SourceRange): string {
  const {file, line, column} = locate(range);
  return `${file}:${line}:${column}`;
}
