import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Late, Resolved, Staged} from '../model/graph.ts';
import {Evaluation, type Mistake} from './evaluation.ts';
import {declareType} from './late-types.ts';
import type {Scope} from './scope.ts';
import {staged} from './staged.ts';
import {TypeOnly} from './type-only.ts';

/**
 * Runs an expression now. Where it reads late values, it was looked through for mistakes, and is run again once
 * they are known.
 */
export function stageOf<Value>(
  run: (evaluation: Evaluation) => Value | TypeOnly,
  scope: Scope,
  problems: Problems,
): Staged<Value> {
  const first = new Evaluation(scope);
  const value = run(first);
  const [mistake] = first.mistakes;
  for (const each of first.mistakes) reportOnce(problems, each);
  if (mistake) return broken(mistake.detail, mistake.range);
  if (!(value instanceof TypeOnly)) return staged(value);
  if (first.brokenAt) return broken('It is made of a value with a mistake.', first.brokenAt);
  const {stage, reads} = first;
  return declareType({stage, reads, resolve: (late) => runLate(run, scope, late)}, first.typeOf(value));
}

function runLate<Value>(
  run: (evaluation: Evaluation) => Value | TypeOnly,
  scope: Scope,
  late: Late,
): Resolved<Value> {
  const evaluation = new Evaluation(scope, late);
  const value = run(evaluation);
  const [mistake] = evaluation.mistakes;
  if (mistake) return {ok: false, problem: mistake.detail, at: mistake.range};
  if (value instanceof TypeOnly) throw new Error('Internal error: a value is unknown when all is known');
  return {ok: true, value};
}

/** Stands for a value with a mistake that was reported, so that the others of its stage are still found. */
export const broken = (problem: string, at: SourceRange): Staged<never> => ({
  stage: 'static',
  reads: [],
  resolve: () => ({ok: false, problem, at}),
});

const reported = new WeakMap<Problems, Set<string>>();

/** A role's template is wrong once, not once a host. */
export function reportOnce(problems: Problems, {code, range, detail, hint}: Mistake): void {
  const seen = reported.get(problems) ?? new Set();
  reported.set(problems, seen);
  const key = [code, range.source.file, range.from, range.to, detail].join('\0');
  if (seen.has(key)) return;
  seen.add(key);
  problems.report(code, {range, detail, ...(hint === undefined ? {} : {hint})});
}
