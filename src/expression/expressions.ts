import {unreachable} from '../base/unreachable.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {couldFit, namedTypes} from '../yaml/schema-paths.ts';
import {type Evaluation, hasOwn, type Look, MISSING, type Mode} from './evaluation.ts';
import {type Helper, HelperMistake} from './helper.ts';
import {HELPERS} from './helpers.ts';
import type {Call, Expression, PathExpression} from './template.ts';
import {hiddenAs, schemaOf, TypeOnly, UNKNOWN} from './type-only.ts';
import {hidden, holdsSecret, isMap, revealed, typeName} from './values.ts';

/** What a block put before the names of the scope. */
export interface Frame {
  readonly value: unknown;
  /** `as |item key|` */
  readonly named: ReadonlyMap<string, unknown>;
  /** `@index` and its like. */
  readonly data: ReadonlyMap<string, unknown>;
}

/** Evaluates single expressions, inside of blocks. */
export class Expressions {
  readonly evaluation: Evaluation;
  mode: Mode = 'strict';
  /** The innermost block first. */
  frames: readonly Frame[] = [];

  constructor(evaluation: Evaluation) {
    this.evaluation = evaluation;
  }

  /** The value of an expression, of whichever type. */
  value(expression: Expression): unknown {
    const value = this.#lookUp(expression, this.mode);
    return value === MISSING ? UNKNOWN : value;
  }

  #lookUp(expression: Expression, mode: Mode): unknown {
    switch (expression.type) {
      case 'literal':
        return expression.value;
      case 'path':
        return this.#path(expression, mode);
      case 'call':
        return this.#call(expression);
      default:
        return unreachable(expression);
    }
  }

  #path(expression: PathExpression, mode: Mode): unknown {
    const {from, up, at} = expression;
    const path = this.#pathParts(expression, mode);
    if (path === undefined) return UNKNOWN;
    if (from === 'root') return this.evaluation.lookUp(path, at, mode);
    if (from === 'data') return this.#data(path, up, {at, mode});
    if (from === 'name') return this.#name(path, {at, mode});
    const frame = this.frames[up];
    if (frame) return this.evaluation.walk(frame.value, path, 0, {at, mode});
    if (up > this.frames.length)
      return this.evaluation.fail('E302', at, 'There are not so many blocks around this.');
    if (path.length > 0) return this.evaluation.lookUp(path, at, mode);
    return this.evaluation.fail('E302', at, '"this" means something only in #each and #with.');
  }

  /** Inside blocks a name is the item's first, if it has one like that; else it is the scope's. */
  #name(path: readonly string[], look: Look): unknown {
    const [name = ''] = path;
    for (const {value, named} of this.frames) {
      if (named.has(name)) return this.evaluation.walk(named.get(name), path, 1, look);
      if (hasOwn(value, name) && isMap(value)) return this.evaluation.walk(value, path, 0, look);
      if (value instanceof TypeOnly && this.evaluation.lookUp([name], look.at, 'optional') === MISSING)
        return UNKNOWN;
    }
    return this.evaluation.lookUp(path, look.at, look.mode);
  }

  #data(path: readonly string[], up: number, look: Look): unknown {
    const [name = ''] = path;
    const frame = this.frames.slice(up).find(({data}) => data.has(name));
    if (frame) return this.evaluation.walk(frame.data.get(name), path, 1, look);
    const detail = `"@${name}" is not defined here.`;
    return this.evaluation.fail(
      'E301',
      look.at,
      detail,
      '@index, @key, @first and @last are defined in #each.',
    );
  }

  /** Names in brackets must be known now: what they lead to is looked for before any host is asked. */
  #pathParts({parts, at}: PathExpression, mode: Mode): readonly string[] | undefined {
    const known: string[] = [];
    for (const part of parts) {
      const value = typeof part === 'string' ? part : this.value(part);
      if (value instanceof TypeOnly) return this.evaluation.unknownPart(known, at, mode);
      if (typeof value !== 'string' && typeof value !== 'number') return this.#badPart(value, part);
      known.push(String(value));
    }
    return known;
  }

  #badPart(value: unknown, part: string | PathExpression): undefined {
    if (typeof part === 'string') return undefined;
    this.evaluation.fail(
      'E307',
      part.at,
      `A text or a number stands between brackets, and this is ${typeName(value)}.`,
    );
    return undefined;
  }

  #call({helper, args, options, at}: Call): unknown {
    const known = HELPERS.get(helper);
    if (!known) return this.evaluation.fail('E302', at, `There is no helper "${helper}".`);
    const values = args.map((arg, index) => this.#argument(arg, helper === 'default' && index === 0));
    const named = [...options].map(([key, value]) => [key, this.value(value)] as const);
    if ([...values, ...named.map(([, value]) => value)].some((value) => value instanceof TypeOnly))
      return this.#unknown(known, args, values);
    if (known.keepsSecrets) return this.#run(at, () => known.run(values, Object.fromEntries(named)));
    const secret = holdsSecret(values);
    const result = this.#run(at, () => known.run(values.map(revealed), Object.fromEntries(named)));
    return secret ? hidden(result) : result;
  }

  /** Only the type of what it will give, and whether what it gets can be right. */
  #unknown(helper: Helper, args: readonly Expression[], values: readonly unknown[]): TypeOnly {
    if (this.mode === 'dry') return UNKNOWN;
    for (const [index, arg] of args.entries()) {
      const [value, wanted] = [values[index], helper.takes[index] ?? helper.takes.at(-1) ?? {}];
      if (value === undefined || couldFit(schemaOf(value), wanted)) continue;
      const detail = `This is ${typeName(value)}, and ${namedTypes(wanted)} is expected here.`;
      return this.evaluation.fail('E302', arg.at, detail);
    }
    const schemas = values.map(schemaOf);
    const schema = helper.gives(schemas);
    return new TypeOnly(helper.keepsSecrets ? schema : hiddenAs(schema, schemas));
  }

  #argument(arg: Expression, optional: boolean): unknown {
    if (!optional) return this.value(arg);
    if (this.mode === 'dry') return UNKNOWN;
    const value = this.#lookUp(arg, 'optional');
    return value === MISSING ? undefined : value;
  }

  #run(at: SourceRange, helper: () => unknown): unknown {
    try {
      return helper();
    } catch (error) {
      if (!(error instanceof HelperMistake)) throw error;
      return this.mode === 'dry' ? UNKNOWN : this.evaluation.fail('E302', at, error.message);
    }
  }
}
