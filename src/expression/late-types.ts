import type {Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Schema} from '../yaml/inline.ts';

/** What is known of a value that is not known yet. */
export interface LateType {
  readonly schema: Schema;
  /** Whose output it is, or is made of. */
  readonly output?: {readonly producer: TaskId; readonly name: string};
  /** Of which bracket: there only while the bracket is. */
  readonly bracket?: TaskId;
}

const ANYTHING: LateType = {schema: {}};

const types = new WeakMap<Staged<unknown>, LateType>();

/** Notes the type of a value; the value itself stays what every scope gives, so that it is the same for all. */
export function declareType<Value>(value: Staged<Value>, type: LateType): Staged<Value> {
  types.set(value, type);
  return value;
}

export const lateTypeOf = (value: Staged<unknown>): LateType => types.get(value) ?? ANYTHING;

/** The type of what is made of others: as short-lived, and an output where it is made of one alone. */
export function derivedType(from: readonly LateType[], schema: Schema): LateType {
  const bracket = from.find((type) => type.bracket !== undefined)?.bracket;
  const outputs = from.map(({output}) => output);
  const [output] = outputs;
  return {
    schema,
    ...(output && outputs.every((other) => other === output) && {output}),
    ...(bracket !== undefined && {bracket}),
  };
}
