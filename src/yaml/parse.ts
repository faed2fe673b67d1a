import {Composer, type CST, type Document, Parser, type YAMLError} from 'yaml';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';
import type {Environment} from './conversion.ts';
import {toNode} from './convert.ts';
import {isTooDeep, MAX_DEPTH} from './depth.ts';
import type {YamlNode} from './node.ts';

/** The values of a YAML 1.2 file, each with its place. `undefined` after a mistake that was reported. */
export function parseYaml(
  source: Source,
  problems: Problems,
  environment: Environment = process.env,
): YamlNode | undefined {
  const tokens = [...new Parser().parse(source.text)];
  if (isTooDeep(tokens)) {
    problems.report('E102', {
      range: {source, from: 0, to: 0},
      detail: `Its values are nested more than ${MAX_DEPTH} levels deep.`,
    });
    return undefined;
  }
  const [document, second] = composed(tokens, source);
  const [error] = document?.errors ?? [];
  if (error)
    reportSyntax(source, error, problems); // What follows the first mistake is mostly its echo.
  else if (second) reportSecond(source, second, problems);
  else if (document) return toNode(document, {source, problems, environment});
  return undefined;
}

function composed(tokens: readonly CST.Token[], {text}: Source): readonly Document.Parsed[] {
  const composer = new Composer({
    version: '1.2',
    merge: true,
    uniqueKeys: false, // Found by us, so that the diagnostic can show both places.
  });
  return [...composer.compose(tokens, true, text.length)];
}

function reportSecond(source: Source, {range: [from]}: Document.Parsed, problems: Problems): void {
  problems.report('E102', {
    range: {source, from, to: from + 1},
    detail: 'A second YAML document begins here; a file holds one.',
    hint: 'Move it into a file of its own, or remove the "---".',
  });
}

function reportSyntax(source: Source, error: YAMLError, problems: Problems): void {
  const [from, to] = error.pos;
  const range = {source, from, to: Math.max(to, from + 1)};
  const hint = hintFor(source, from) ?? HINTS[error.code];
  problems.report('E102', {range, detail: `${error.message.replace(/\.?$/, '')}.`, ...(hint && {hint})});
}

const HINTS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_INDENT: 'Check how far this line and the next are indented.',
  BLOCK_AS_IMPLICIT_KEY: 'Check how far the next line is indented: it reads as a part of this one.',
  MULTILINE_IMPLICIT_KEY: 'Check whether a quote, a bracket or a ":" is missing.',
};

/** Most mistakes of syntax near a template come from its missing quotes. */
function hintFor(source: Source, offset: number): string | undefined {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1;
  const line = source.text.slice(start).split('\n', 1)[0] ?? '';
  if (/[:-]\s+\{\{/.test(line)) return 'A value that begins with "{{" needs quotes: "{{ name }}".';
  if (line.includes('\t')) return 'YAML is indented with spaces, never with tabs.';
  return undefined;
}
