import type {Source, SourceRange} from './source.ts';

const marked = new WeakMap<Source, SourceRange[]>();

/** The text at this place is never shown, although the line around it may be. */
export function markSecret(range: SourceRange): void {
  const ranges = marked.get(range.source);
  if (ranges) ranges.push(range);
  else marked.set(range.source, [range]);
}

/** Whether a value of this name is a secret by all experience, whatever a schema says. */
export const isSecretName = (name: string): boolean => /pass(word|wd|phrase)?$/i.test(name);

/** What looks like a secret where the text could not be parsed. */
const LOOKS_SECRET = /(?:!secret[ \t]+|pass(?:word|wd|phrase)?["']?[ \t]*[:=][ \t]*)(\S[^\n]*)/gi;

/** The places of a source, between two offsets of it, whose text is never shown. */
export function secretsIn(source: Source, from: number, to: number): readonly SourceRange[] {
  const guessed = [...source.text.slice(from, to).matchAll(LOOKS_SECRET)].map(
    ({0: whole, 1: text = '', index}) => {
      const end = from + index + whole.length;
      return {source, from: end - text.length, to: end};
    },
  );
  const known = (marked.get(source) ?? []).filter((range) => range.from < to && range.to > from);
  return [...known, ...guessed];
}
