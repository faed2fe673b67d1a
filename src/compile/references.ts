import {didYouMean} from '../base/nearest.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {declareType} from '../expression/late-types.ts';
import type {Resolution} from '../expression/scope.ts';
import {SECRET_TEXT} from '../expression/type-only.ts';
import type {Late, Resolved, Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import {isObject, type Schema} from '../yaml/inline.ts';

/** A task or a bracket, as far as a reference to it needs to know. */
export interface Target {
  readonly id: TaskId;
  readonly kind: string;
}

/** What a kind gives to others; `undefined`: nothing. */
export type OutputsOf = (kind: string) => Schema | undefined;

/** Makes values of outputs, each once, so that whoever reads the same output reads the same value. */
export class OutputValues {
  readonly #outputsOf: OutputsOf;
  readonly #known = new Map<string, Staged<unknown>>();

  constructor(outputsOf: OutputsOf) {
    this.#outputsOf = outputsOf;
  }

  /** `path` as written, of which `outputs` is at `start`. */
  value(target: Target, path: readonly string[], start: number, at: SourceRange): Resolution {
    const schema = this.#outputsOf(target.kind);
    const names = path.slice(start + 1);
    const [name] = names;
    if (!schema) return noOutputs(target);
    if (name === undefined) return unnamedOutput(schema);
    const typed = walkSchema(schema, names);
    if (!typed) return unknownOutput(target, name, schema);
    const key = [target.id, ...names.slice(0, typed.used)].join('\0');
    const value = this.#known.get(key) ?? taskOutput(target, names.slice(0, typed.used), typed.schema, at);
    this.#known.set(key, value);
    return {found: true, value, used: start + 1 + typed.used};
  }

  bracketValue(target: Target, path: readonly string[], start: number, at: SourceRange): Resolution {
    const resolution = this.value(target, path, start, at);
    if (!resolution.found) return resolution;
    const name = path[start + 1] ?? '';
    const key = `bracket\0${target.id}\0${name}`;
    const value = this.#known.get(key) ?? bracketOutput(target, name, at);
    this.#known.set(key, value);
    return {found: true, value, used: start + 2};
  }
}

interface Typed {
  readonly schema: Schema;
  readonly used: number;
}

/** As deep as the schema knows; `undefined` where it knows that there is no such thing. */
function walkSchema(schema: Schema, names: readonly string[]): Typed | undefined {
  let at = schema;
  for (const [used, name] of names.entries()) {
    const properties = at['properties'];
    if (!isObject(properties)) return {schema: at, used};
    const next = properties[name];
    if (!isObject(next)) return isObject(at['additionalProperties']) ? {schema: {}, used} : undefined;
    at = next;
  }
  return {schema: at, used: names.length};
}

const noOutputs = ({kind}: Target): Resolution => ({
  found: false,
  code: 'E504',
  detail: `A "${kind}" has no outputs.`,
  hint: 'The manual of resource types says which have some. Every command with `read` has stdout.',
});

const unnamedOutput = (schema: Schema): Resolution => ({
  found: false,
  code: 'E504',
  detail: 'Name an output: tasks.NAME.outputs.OUTPUT.',
  hint: `It has ${outputNames(schema).join(', ')}.`,
});

const outputNames = ({properties}: Schema): readonly string[] =>
  isObject(properties) ? Object.keys(properties) : [];

function unknownOutput({id, kind}: Target, name: string, schema: Schema): Resolution {
  const names = outputNames(schema);
  return {
    found: false,
    code: 'E504',
    detail: `"${name}" is no output of ${id}, a "${kind}".`,
    hint: didYouMean(name, names) ?? `It has ${names.join(', ')}.`,
  };
}

function taskOutput(
  {id}: Target,
  names: readonly string[],
  schema: Schema,
  at: SourceRange,
): Staged<unknown> {
  const resolve = (late: Late): Resolved<unknown> => pick(late.outputsOf(id), id, names, at);
  const output = {producer: id, name: names.join('.')};
  return declareType({stage: 'output', reads: [id], resolve}, {schema, output});
}

function bracketOutput({id}: Target, name: string, at: SourceRange): Staged<unknown> {
  const resolve = (late: Late): Resolved<unknown> => pick(late.bracketOutputsOf(id), id, [name], at);
  return declareType({stage: 'output', reads: [], resolve}, {schema: SECRET_TEXT, bracket: id});
}

function pick(outputs: unknown, id: TaskId, names: readonly string[], at: SourceRange): Resolved<unknown> {
  const value = names.reduce<unknown>((found, name) => (isObject(found) ? found[name] : undefined), outputs);
  if (value === undefined) return {ok: false, problem: `${id} gave no output "${names.join('.')}".`, at};
  return {ok: true, value};
}
