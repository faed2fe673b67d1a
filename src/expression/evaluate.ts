import {onceForEach} from '../base/once-for-each.ts';
import {Secret} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Staged} from '../model/graph.ts';
import type {YamlEntry, YamlNode} from '../yaml/node.ts';
import type {Evaluation} from './evaluation.ts';
import {Interpreter} from './interpret.ts';
import {originOfScalar} from './origin.ts';
import {isMistake, parseTemplate, type SyntaxMistake} from './parse-template.ts';
import type {Scope} from './scope.ts';
import {broken, reportOnce, stageOf} from './stage.ts';
import {allStaged, mapStaged, NOTHING_LATE, staged, thenStaged} from './staged.ts';
import type {Template} from './template.ts';

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
  return sharedWhereConstant(items, (scope, problems) =>
    allStaged(items.map((item) => item(scope, problems))),
  );
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
  return sharedWhereConstant(parts, (scope, problems) =>
    mapStaged(allStaged(entries.map((entry) => pairOf(entry, scope, problems))), (pairs) =>
      Object.fromEntries(pairs),
    ),
  );
}

function pairOf(
  {key, at, value}: CompiledEntry,
  scope: Scope,
  problems: Problems,
): Staged<readonly [string, unknown]> {
  const name = checkedKey(key(scope, problems), at, problems);
  return mapStaged(allStaged([name, value(scope, problems)]), ([known, item]) => [String(known), item]);
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
