import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source, SourceRange} from '../diagnostics/source.ts';
import {layerOf, type VariableLayer} from '../inventory/layer.ts';
import {VARIABLE_NAME} from '../inventory/variable-names.ts';
import type {Environment} from '../yaml/conversion.ts';
import type {YamlEntry, YamlMap, YamlScalar} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';

/** What the command line sets: one layer for each `-e`, weakest first. */
export async function readExtraVariables(
  texts: readonly string[],
  problems: Problems,
  environment: Environment = process.env,
): Promise<readonly VariableLayer[]> {
  const layers = await Promise.all(texts.map((text) => layerFor(text.trim(), problems, environment)));
  return layers.filter((layer) => layer !== undefined);
}

/** `@file.yaml`, `{json or yaml}`, or `name=value …`. */
async function layerFor(
  text: string,
  problems: Problems,
  environment: Environment,
): Promise<VariableLayer | undefined> {
  if (!text.startsWith('@') && !text.startsWith('{')) return assignments({file: '-e', text}, problems);
  const source = text.startsWith('@') ? await readSource(text.slice(1), problems) : {file: '-e', text};
  const root = source && parseYaml(source, problems, environment);
  if (!root) return undefined;
  const by = text.startsWith('@') ? `-e ${text}` : '-e';
  if (root.type === 'map') return layerOf(by, checkedNames(root, problems));
  problems.report('E602', {
    range: root.range,
    detail: `What "${by}" reads must be a map from names to values.`,
    hint: HINT,
  });
  return undefined;
}

const HINT = "Variables are given as -e name=value, -e @file.yaml or -e '{name: value}'.";

function checkedNames(map: YamlMap, problems: Problems): YamlMap {
  for (const [name, {key}] of map.entries) if (!VARIABLE_NAME.test(name)) reportName(name, key, problems);
  return map;
}

function reportName(name: string, range: SourceRange, problems: Problems): void {
  problems.report('E602', {
    range,
    detail: `"${name}" cannot be the name of a variable: letters, digits and "_" can stand in one.`,
    hint: HINT,
  });
}

/** A name, and behind the equals sign a value; quotes hold spaces together. */
const ASSIGNMENT = /([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/y;

function assignments(source: Source, problems: Problems): VariableLayer | undefined {
  const entries = new Map<string, YamlEntry>();
  let offset = 0;
  if (source.text === '') return reportRest(source, 0, problems);
  while (offset < source.text.length) {
    ASSIGNMENT.lastIndex = offset;
    const match = ASSIGNMENT.exec(source.text);
    if (!match) return reportRest(source, offset, problems);
    const [whole, name = '', raw = ''] = match;
    const key = {source, from: offset, to: offset + name.length};
    if (VARIABLE_NAME.test(name)) entries.set(name, {key, value: valueOf(raw, source, key.to + 1)});
    else reportName(name, key, problems);
    offset += whole.length;
    while (/\s/.test(source.text.charAt(offset))) offset++;
  }
  return layerOf('-e', {type: 'map', range: {source, from: 0, to: source.text.length}, entries});
}

function reportRest(source: Source, from: number, problems: Problems): undefined {
  const to = from + (/^\S*/.exec(source.text.slice(from))?.[0].length ?? 0);
  const isEmpty = source.text === '';
  problems.report('E602', {
    range: {source, from, to},
    detail: isEmpty
      ? 'No variable is given.'
      : `"${source.text.slice(from, to)}" is not of the form name=value.`,
    hint: isEmpty ? HINT : 'A value with spaces needs quotes of its own: -e \'name="two words"\'.',
  });
}

/** true, false and whole numbers are what they look like; everything else is text: 1.30 is a version. */
function valueOf(raw: string, source: Source, from: number): YamlScalar {
  const range = {source, from, to: from + raw.length};
  if (/^'.*'$/s.test(raw)) return {type: 'scalar', range, value: raw.slice(1, -1)};
  if (/^".*"$/s.test(raw))
    return {type: 'scalar', range, value: raw.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')};
  if (raw === 'true' || raw === 'false') return {type: 'scalar', range, value: raw === 'true'};
  const isNumber = /^-?(0|[1-9]\d{0,14})$/.test(raw);
  return {type: 'scalar', range, value: isNumber ? Number(raw) : raw};
}
