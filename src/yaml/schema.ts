import type {Code} from '../diagnostics/codes.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {rangeAt, toJs} from './access.ts';
import {explain} from './explain.ts';
import type {Schema} from './inline.ts';
import type {YamlNode} from './node.ts';
import type {SchemaProblem} from './problem.ts';
import {type Verdict, validate} from './validate.ts';
import {nameOf} from './wording.ts';

/** What a value is after its schema: with defaults, and with what is wrong in it. */
export interface CheckedValue {
  readonly problems: readonly SchemaProblem[];
  /** Meaningful only where there are no problems. */
  readonly value: unknown;
}

/**
 * Checks a rendered value and fills in defaults; the value that was given stays as it is. A Secret may stand
 * only where the schema says `x-secret: true`; its text is checked, and never told.
 */
export function checkValue(value: unknown, schema: Schema): CheckedValue {
  const verdict = validate(value, schema);
  if (verdict.errors.length === 0 && verdict.misplaced.length === 0)
    return {problems: [], value: verdict.value};
  const problems = explain(verdict.errors, {root: verdict.value, secrets: verdict.secrets});
  return {problems: [...problems, ...misplacedSecrets(verdict, problems)], value: verdict.value};
}

/** Where the property itself is unknown, or its value is wrong anyway, that has been said. */
function misplacedSecrets({misplaced}: Verdict, told: readonly SchemaProblem[]): readonly SchemaProblem[] {
  const known = new Set(told.map(({path}) => JSON.stringify(path)));
  return misplaced
    .filter((path) => !path.some((_, index) => known.has(JSON.stringify(path.slice(0, index + 1)))))
    .map((path) => ({
      kind: 'misplaced-secret',
      path,
      message: `${nameOf(path)} is a secret, and what stands here is shown in plans and logs.`,
      hint: 'Use a secret only where the manual says that one may stand.',
    }));
}

/** Checks what a file says, before anything is rendered in it. */
export interface SchemaChecker {
  /** Whether it is right; what is not is reported in its place. */
  check(node: YamlNode, problems: Problems): boolean;
}

export function createSchemaChecker(schema: Schema): SchemaChecker {
  return {
    check(node, problems) {
      const found = checkValue(toJs(node), schema).problems;
      for (const problem of found) reportSchemaProblem(problem, node, problems);
      return found.length === 0;
    },
  };
}

/** A problem as a diagnostic in the file that has the value. */
export function reportSchemaProblem(problem: SchemaProblem, node: YamlNode, problems: Problems): void {
  const {kind, message, hint} = problem;
  problems.report(CODE_OF[kind], {
    range: placeOfProblem(problem, node),
    detail: message,
    ...(hint && {hint}),
  });
}

const CODE_OF: Readonly<Record<SchemaProblem['kind'], Code>> = {
  'unknown-property': 'E103',
  'missing-property': 'E104',
  'wrong-value': 'E105',
  'wrong-name': 'E105',
  'misplaced-secret': 'E105',
};

/** At the key where the key is the mistake, or where the value would be a whole block. */
function placeOfProblem({kind, path}: SchemaProblem, node: YamlNode): SourceRange {
  if (kind !== 'wrong-value' && kind !== 'misplaced-secret') return rangeAt(node, path, 'key');
  const value = rangeAt(node, path, 'value');
  const isBlock = value.source.text.slice(value.from, value.to).trimEnd().includes('\n');
  return isBlock ? rangeAt(node, path, 'key') : value;
}
