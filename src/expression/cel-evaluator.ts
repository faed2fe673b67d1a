import {onceForEach} from '../base/once-for-each.ts';
import {unreachable} from '../base/unreachable.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {couldFit} from '../yaml/schema-paths.ts';
import {type CelMistake, type CelProgram, checkTypedCel, mistakeOf, NoPlainValue, runCel} from './cel.ts';
import type {Chain, Leaf} from './cel-tree.ts';
import {celTypeOf, schemaOfCel} from './cel-types.ts';
import {type Evaluation, MISSING, type Mode} from './evaluation.ts';
import type {Origin} from './origin.ts';
import {BOOLEAN, hiddenAs, oneOf, schemaOf, TypeOnly, UNKNOWN} from './type-only.ts';
import {hidden, holdsSecret, typeName} from './values.ts';

/** A tree that can be run. */
export type Step =
  | {readonly type: 'and' | 'or'; readonly left: Step; readonly right: Step}
  | {readonly type: 'not'; readonly of: Step; readonly from: number; readonly to: number}
  | {readonly type: 'choice'; readonly test: Step; readonly yes: Step; readonly no: Step}
  | (Leaf & {readonly program: CelProgram});

const TRUE_OR_FALSE = new TypeOnly(BOOLEAN);

const checksOf = onceForEach((_leaf: Leaf) => new Map<string, CelProgram | CelMistake>());

/** Once for each list of types, not for each host. */
function checkOnce(leaf: Leaf, types: readonly string[]): CelProgram | CelMistake {
  const key = types.join();
  const checked = checksOf(leaf).get(key) ?? checkTypedCel(leaf.text, types);
  checksOf(leaf).set(key, checked);
  return checked;
}

/**
 * Three-valued: what is false now is false, whatever the other side of `&&` will say. So a condition that needs
 * no host is decided without one.
 */
export class CelEvaluator {
  readonly #evaluation: Evaluation;
  readonly #origin: Origin;

  constructor(evaluation: Evaluation, origin: Origin) {
    this.#evaluation = evaluation;
    this.#origin = origin;
  }

  value(step: Step, mode: Mode = 'strict'): unknown {
    switch (step.type) {
      case 'leaf':
        return this.#leaf(step, mode);
      case 'not': {
        const value = this.#boolean(this.value(step.of, mode), this.#at(step), mode);
        return value instanceof TypeOnly ? value : !value;
      }
      case 'choice':
        return this.#choice(step, mode);
      case 'and':
      case 'or':
        return this.#joined(step, mode);
      default:
        return unreachable(step);
    }
  }

  #joined(step: Step & {readonly type: 'and' | 'or'}, mode: Mode): unknown {
    const decides = step.type === 'or';
    const left = this.#boolean(this.value(step.left, mode), this.#whole(), mode);
    const right = this.#boolean(this.value(step.right, left === decides ? 'dry' : mode), this.#whole(), mode);
    if (left === decides || right === decides) return decides;
    return left instanceof TypeOnly || right instanceof TypeOnly ? TRUE_OR_FALSE : !decides;
  }

  #choice({test, yes, no}: Step & {readonly type: 'choice'}, mode: Mode): unknown {
    const value = this.#boolean(this.value(test, mode), this.#whole(), mode);
    const first = this.value(yes, value === false ? 'dry' : mode);
    const second = this.value(no, value === true ? 'dry' : mode);
    if (value instanceof TypeOnly) return new TypeOnly(oneOf(schemaOf(first), schemaOf(second)));
    return value ? first : second;
  }

  #boolean(value: unknown, at: SourceRange, mode: Mode): boolean | TypeOnly {
    if (typeof value === 'boolean') return value;
    if (mode === 'dry') return UNKNOWN;
    if (value instanceof TypeOnly && couldFit(value.schema, BOOLEAN)) return TRUE_OR_FALSE;
    return this.#evaluation.fail(
      'E303',
      at,
      `True or false is expected here, and this is ${typeName(value)}.`,
    );
  }

  #leaf(leaf: Leaf & {readonly program: CelProgram}, mode: Mode): unknown {
    const values = leaf.chains.map((chain) => this.#chain(chain, mode));
    if (mode === 'dry') return UNKNOWN;
    if (values.some((value) => value instanceof TypeOnly)) return this.#unknown(leaf, values);
    const result = this.#run(leaf, values);
    return holdsSecret(values) ? hidden(result) : result;
  }

  /** Only the type of its value, and whether there can be one. */
  #unknown(leaf: Leaf & {readonly program: CelProgram}, values: readonly unknown[]): TypeOnly {
    const [first] = values;
    if (leaf.text === '_v0' && first instanceof TypeOnly) return first;
    const schemas = values.map(schemaOf);
    const checked = checkOnce(leaf, schemas.map(celTypeOf));
    if ('problem' in checked) return this.#evaluation.fail('E303', this.#at(leaf), checked.problem);
    return new TypeOnly(hiddenAs(schemaOfCel(checked.type), schemas));
  }

  #run(leaf: Leaf & {readonly program: CelProgram}, values: readonly unknown[]): unknown {
    try {
      return runCel(leaf.program, Object.fromEntries(values.map((value, index) => [`_v${index}`, value])));
    } catch (error) {
      if (error instanceof NoPlainValue) return this.#evaluation.fail('E303', this.#at(leaf), error.message);
      const {problem} = mistakeOf(error, leaf.text);
      const detail = holdsSecret(values)
        ? 'It cannot be evaluated with these values, of which one is secret.'
        : problem;
      return this.#evaluation.fail('E303', this.#at(leaf), detail);
    }
  }

  #chain(chain: Chain, mode: Mode): unknown {
    const path = this.#path(chain, mode);
    if (path === undefined) return UNKNOWN;
    if (chain.asks === 'value') return this.#evaluation.lookUp(path, this.#at(chain), mode);
    const value = this.#evaluation.isThere(path, this.#at(chain), mode);
    return value instanceof TypeOnly ? TRUE_OR_FALSE : value !== MISSING;
  }

  #path(chain: Chain, mode: Mode): readonly string[] | undefined {
    const path: string[] = [];
    for (const part of chain.parts) {
      const value = typeof part === 'string' ? part : this.#chain(part, mode);
      if (value instanceof TypeOnly) return this.#evaluation.unknownPart(path, this.#at(chain), mode);
      if (typeof value !== 'string' && typeof value !== 'number') return this.#noPart(value, chain);
      path.push(String(value));
    }
    return path;
  }

  #noPart(value: unknown, chain: Chain): undefined {
    const detail = `A text or a number stands between brackets, and this is ${typeName(value)}.`;
    this.#evaluation.fail('E303', this.#at(chain), detail);
    return undefined;
  }

  #whole = (): SourceRange => this.#origin.whole;

  #at = ({from, to}: {readonly from: number; readonly to: number}): SourceRange =>
    this.#origin.rangeOf(from, to);
}
