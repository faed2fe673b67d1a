import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Staged} from '../model/graph.ts';
import {couldFit} from '../yaml/schema-paths.ts';
import {type CelMistake, parseCel} from './cel.ts';
import {stepOf, typeOf} from './cel-check.ts';
import {CelEvaluator, type Step} from './cel-evaluator.ts';
import {bannedIn, rootsOf, type Tree, treeOf} from './cel-tree.ts';
import {Evaluation} from './evaluation.ts';
import {type Origin, originOfScalar} from './origin.ts';
import type {Scope} from './scope.ts';
import {reportOnce, stageOf} from './stage.ts';
import {NOTHING_LATE, staged} from './staged.ts';
import {BOOLEAN, TypeOnly} from './type-only.ts';
import {typeName} from './values.ts';

/** An expression in CEL, read and checked once, evaluated for each host. */
export interface CelExpression<Value> {
  /** The names of the scope with which its paths begin. */
  readonly names: readonly string[];
  evaluate(scope: Scope, problems: Problems): Staged<Value>;
}

/** An expression over plain values: `check`'s `assert`. */
export interface PlainExpression {
  readonly names: readonly string[];
  /** `problem` is a sentence; it quotes no value. */
  run(values: {readonly [name: string]: unknown}): PlainResult;
}

export type PlainResult =
  | {readonly ok: true; readonly value: unknown}
  | {readonly ok: false; readonly problem: string};

/** What decides whether a task runs. `undefined`: it is wrong, and that was reported. */
export function compileCondition(
  text: string,
  range: SourceRange,
  problems: Problems,
): CelExpression<boolean> | undefined {
  const read = readReporting(text, range, problems);
  if (!read) return undefined;
  const type = typeOf(read.step);
  if (type === 'bool' || type === 'dyn') return expression(read, asCondition);
  const detail = `A condition is true or false, and this one gives ${type}.`;
  reportOnce(problems, {code: 'E303', range: read.origin.whole, detail});
  return undefined;
}

/** A value that is computed: what a `loop` goes over. */
export function compileExpression(
  text: string,
  range: SourceRange,
  problems: Problems,
): CelExpression<unknown> | undefined {
  const read = readReporting(text, range, problems);
  return read && expression(read, (value) => value);
}

/** An expression without a file around it; a sentence where it is wrong. */
export function plainExpression(text: string): PlainExpression | string {
  const range = {source: {file: 'expression', text}, from: 0, to: text.length};
  const read = readCel(text, originOfScalar(text, range));
  if ('problem' in read) return read.problem;
  return {names: rootsOf(read.tree), run: (values) => runPlain(read, values)};
}

function runPlain(read: Read, values: {readonly [name: string]: unknown}): PlainResult {
  const evaluation = new Evaluation(scopeOf(values), NOTHING_LATE);
  const value = new CelEvaluator(evaluation, read.origin).value(read.step);
  const [mistake] = evaluation.mistakes;
  return mistake ? {ok: false, problem: mistake.detail} : {ok: true, value};
}

const scopeOf = (values: {readonly [name: string]: unknown}): Scope => ({
  resolve: ([root = '']) =>
    Object.hasOwn(values, root) ? {found: true, value: staged(values[root]), used: 1} : {found: false},
  names: () => Object.keys(values),
});

interface Read {
  readonly tree: Tree;
  readonly step: Step;
  readonly origin: Origin;
}

function readReporting(text: string, range: SourceRange, problems: Problems): Read | undefined {
  const origin = originOfScalar(text, range);
  const read = readCel(text, origin);
  if (!('problem' in read)) return read;
  const hint = isLikeJinja(text) ? CEL_WORDS : undefined;
  const at = origin.rangeOf(read.from, read.to);
  reportOnce(problems, {code: 'E303', range: at, detail: read.problem, ...(hint && {hint})});
  return undefined;
}

const CEL_WORDS = 'Conditions are CEL: has(a.b), &&, || and !, where Jinja has "is defined", and, or, not.';

const isLikeJinja = (text: string): boolean => /\b(?:and|or|not|is|defined)\b|\|(?!\|)/.test(text);

function readCel(text: string, origin: Origin): Read | CelMistake {
  if (text.includes('{{'))
    return {problem: 'An expression is no template: leave out the braces.', from: 0, to: text.length};
  const parsed = parseCel(text);
  if ('problem' in parsed) return parsed;
  const [banned] = bannedIn(parsed.ast);
  if (banned)
    return {...banned, problem: `"${banned.name}" is not part of the language: a pattern can run for ever.`};
  const tree = treeOf(parsed.ast);
  const mistakes: CelMistake[] = [];
  const step = stepOf(tree, mistakes);
  return mistakes[0] ?? {tree, step, origin};
}

function expression<Value>(read: Read, finish: Finish<Value>): CelExpression<Value> {
  return {
    names: rootsOf(read.tree),
    evaluate: (scope, problems) => stageOf((run) => valueOf(read, finish, run), scope, problems),
  };
}

function valueOf<Value>(
  {step, origin}: Read,
  finish: Finish<Value>,
  evaluation: Evaluation,
): Value | TypeOnly {
  return finish(new CelEvaluator(evaluation, origin).value(step), evaluation, origin.whole);
}

type Finish<Value> = (value: unknown, evaluation: Evaluation, at: SourceRange) => Value | TypeOnly;

const asCondition: Finish<boolean> = (value, evaluation, at) => {
  if (typeof value === 'boolean') return value;
  if (value instanceof TypeOnly && couldFit(value.schema, BOOLEAN)) return value;
  return evaluation.fail('E303', at, `A condition is true or false, and this one gives ${typeName(value)}.`);
};
