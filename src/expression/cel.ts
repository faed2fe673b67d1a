import {Environment, EvaluationError, ParseError, type ParseResult, TypeError} from '@marcbachmann/cel-js';
import {Secret} from '../base/secret.ts';
import {celTypeOf} from './cel-types.ts';
import {HelperMistake} from './helper.ts';
import {CIDR_HELPERS} from './helpers-cidr.ts';
import {isMap} from './values.ts';
import {versionAtLeast} from './versions.ts';

/** Anything is dynamic: names get their types when they get their values. */
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
}).registerFunction('version_at_least(string, string): bool', versionAtLeast);

/** What templates can do with addresses, conditions can too. */
for (const [name, helper] of CIDR_HELPERS)
  environment.registerFunction(
    `${name}(${helper.takes.map(celTypeOf).join(', ')}): ${celTypeOf(helper.gives([]))}`,
    (...args: readonly unknown[]) => celValue(helper.run(args.map(fromCel), {})),
  );

/** What is wrong with an expression, at an offset of its text. */
export interface CelMistake {
  readonly problem: string;
  readonly from: number;
  readonly to: number;
}

export interface CelProgram {
  readonly parsed: ParseResult;
  /** What is known of the type of its value: `bool`, `dyn`, … */
  readonly type: string;
}

/** Reads a text. Types are checked once its names are replaced: they may be called as CEL's types are. */
export function parseCel(text: string): ParseResult | CelMistake {
  try {
    return environment.parse(text);
  } catch (error) {
    return mistakeOf(error, text);
  }
}

/** Reads a text without any name of the scope in it, and checks its types. */
export function checkCel(text: string): CelProgram | CelMistake {
  const parsed = parseCel(text);
  return 'problem' in parsed ? parsed : checkParsed(parsed, text);
}

/** The same, where its variables `_v0`, `_v1`, … have these types. */
export function checkTypedCel(text: string, types: readonly string[]): CelProgram | CelMistake {
  const typed = environment.clone();
  for (const [index, type] of types.entries()) typed.registerVariable(`_v${index}`, type);
  return checkParsed(typed.parse(text), text);
}

function checkParsed(parsed: ParseResult, text: string): CelProgram | CelMistake {
  const {valid, type, error} = parsed.check();
  return valid ? {parsed, type: type ?? 'dyn'} : mistakeOf(error, text);
}

/** Its value with these variables; a mistake where CEL cannot do what it says. */
export function runCel({parsed}: CelProgram, values: {readonly [name: string]: unknown}): unknown {
  return fromCel(parsed(toCel(values)));
}

export function mistakeOf(error: unknown, text: string): CelMistake {
  if (error instanceof HelperMistake) return {problem: error.message, from: 0, to: text.length};
  const known = error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError;
  if (!known) throw error;
  const {summary, range} = error;
  return {
    problem: `${summary.replace(/dyn<(\w+)>/g, '$1').replace(/\.$/, '')}.`,
    from: range?.start ?? 0,
    to: range?.end ?? text.length,
  };
}

/** CEL's integers are BigInt, and `1` and `1.0` are of two types to its operators. */
function toCel(value: unknown): {readonly [name: string]: unknown} {
  return Object(celValue(value));
}

function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(celValue);
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
  return value ?? null;
}

/** Plain data again. What has no such form is refused with a sentence. */
function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return safeNumber(value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), fromCel(item)]));
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromCel(item)]));
  if (typeof value === 'object' && value !== null)
    throw new NoPlainValue('Its value is neither text, number, list nor map.');
  return value;
}

/** The value of an expression has no place in YAML. */
export class NoPlainValue extends Error {}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new NoPlainValue('The number is too large.');
}

function isPlain(value: unknown): value is {readonly [key: string]: unknown} {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
