import {onceForEach} from '../base/once-for-each.ts';
import {Secret} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Staged} from '../model/graph.ts';
import type {Schema} from '../yaml/inline.ts';
import type {YamlEntry, YamlNode} from '../yaml/node.ts';
import type {Evaluation} from './evaluation.ts';
import {Interpreter} from './interpret.ts';
import {declareType, derivedType, lateTypeOf} from './late-types.ts';
import {originOfScalar} from './origin.ts';
import {isMistake, parseTemplate, type SyntaxMistake} from './parse-template.ts';
import type {Scope} from './scope.ts';
import {broken, reportOnce, stageOf} from './stage.ts';
import {allStaged, mapStaged, NOTHING_LATE, resolveNow, staged, thenStaged} from './staged.ts';
import type {Template} from './template.ts';
import {LIST, MAP} from './type-only.ts';

/**
 * Renders all templates in a value, in keys too. `"{{ name }}"` alone keeps the type of its value. What reads
 * late values is itself late; the rest is rendered now, and its mistakes are reported at their places.
 */
export function evaluate(node: YamlNode, scope: Scope, problems: Problems): Staged<unknown> {
  return compiledOf(node)(scope, problems);
}

type Compiled = (scope: Scope, problems: Problems) => Staged<unknown>;

/** Read once, evaluated for each host. */
const compiledOf = onceForEach(compile);
const constants = new WeakSet<Compiled>();

function compile(node: YamlNode): Compiled {
  switch (node.type) {
    case 'scalar':
      return typeof node.value === 'string' ? compileText(node.value, node.range) : constant(node.value);
    case 'list':
      return compileList(node.items.map(compiledOf));
    case 'map':
      return compileMap([...node.entries].map(([key, entry]) => compileEntry(key, entry)));
    default:
      return unreachable(node);
  }
}

function constant(value: unknown): Compiled {
  const always = staged(value);
  const made: Compiled = () => always;
  constants.add(made);
  return made;
}

/** What reads nothing is built once and shared by all hosts. */
function sharedWhereConstant(parts: readonly Compiled[], made: Compiled): Compiled {
  if (!parts.every((part) => constants.has(part))) return made;
  constants.add(made);
  let value: Staged<unknown> | undefined;
  const shared: Compiled = (scope, problems) => {
    value ??= made(scope, problems);
    return value;
  };
  constants.add(shared);
  return shared;
}

function compileText(text: string, range: SourceRange): Compiled {
  if (!text.includes('{{')) return constant(text);
  const template = parseTemplate(originOfScalar(text, range));
  if (isMistake(template)) return refuse(template);
  const run = (evaluation: Evaluation) => runTemplate(template, evaluation);
  return (scope, problems) => stageOf(run, scope, problems);
}

/** The value of a text: of an expression alone with its type, else the rendered text. */
function runTemplate({alone, body}: Template, evaluation: Evaluation): unknown {
  const interpreter = new Interpreter(evaluation);
  return alone ? interpreter.value(alone) : interpreter.render(body);
}

const refuse =
  (mistake: SyntaxMistake): Compiled =>
  (_scope, problems) => {
    const {detail, at, hint} = mistake;
    reportOnce(problems, {code: 'E302', range: at, detail, ...(hint === undefined ? {} : {hint})});
    return broken(detail, at);
  };

function compileList(items: readonly Compiled[]): Compiled {
  return sharedWhereConstant(items, (scope, problems) => {
    const values = items.map((item) => item(scope, problems));
    return typed(allStaged(values), values, () => LIST);
  });
}

interface CompiledEntry {
  readonly key: Compiled;
  readonly at: SourceRange;
  readonly value: Compiled;
}

const compileEntry = (key: string, entry: YamlEntry): CompiledEntry => ({
  key: compileText(key, entry.key),
  at: entry.key,
  value: compiledOf(entry.value),
});

function compileMap(entries: readonly CompiledEntry[]): Compiled {
  const parts = entries.flatMap(({key, value}) => [key, value]);
  return sharedWhereConstant(parts, (scope, problems) => {
    const keys = entries.map(({key, at}) => checkedKey(key(scope, problems), at, problems));
    const values = entries.map(({value}) => value(scope, problems));
    const whole = mapStaged(allStaged([...keys, ...values]), (known) =>
      Object.fromEntries(keys.map((_, index) => [String(known[index]), known[keys.length + index]])),
    );
    return typed(whole, [...keys, ...values], () => typeOfMap(keys, values));
  });
}

function typed<Value>(
  value: Staged<Value>,
  parts: readonly Staged<unknown>[],
  schema: () => Schema,
): Staged<Value> {
  return value.stage === 'static' ? value : declareType(value, derivedType(parts.map(lateTypeOf), schema()));
}

/** What is known of its properties, where their names are. */
function typeOfMap(keys: readonly Staged<unknown>[], values: readonly Staged<unknown>[]): Schema {
  const names = keys.map((key) => (key.stage === 'static' ? resolveNow(key) : undefined));
  const properties = names.flatMap((name, index) => {
    const value = values[index];
    return name?.ok && value ? [[String(name.value), lateTypeOf(value).schema] as const] : [];
  });
  return properties.length < keys.length ? MAP : {...MAP, properties: Object.fromEntries(properties)};
}

function checkedKey(key: Staged<unknown>, at: SourceRange, problems: Problems): Staged<unknown> {
  const checked = thenStaged(key, (name) =>
    name instanceof Secret || typeof name === 'object'
      ? {ok: false, problem: KEY_IS_NO_TEXT, at}
      : {ok: true, value: name},
  );
  const now = checked.stage === 'static' ? checked.resolve(NOTHING_LATE) : undefined;
  if (now && !now.ok && now.problem === KEY_IS_NO_TEXT)
    reportOnce(problems, {code: 'E307', range: at, detail: now.problem});
  return checked;
}

const KEY_IS_NO_TEXT = 'A key is a text or a number, and never secret.';
