import type {Source, SourceRange} from './source.ts';

const marked = new WeakMap<Source, SourceRange[]>();

/** The text at this place is never shown, although the line around it may be. */
export function markSecret(range: SourceRange): void {
  const ranges = marked.get(range.source);
  if (ranges) ranges.push(range);
  else marked.set(range.source, [range]);
}

/** The places of a source whose text is never shown. */
export const secretsIn = (source: Source): readonly SourceRange[] => marked.get(source) ?? [];
