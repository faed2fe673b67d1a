import type {Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {Schema} from '../yaml/inline.ts';

/** What is known of a value that is not known yet. */
export interface LateType {
  readonly schema: Schema;
  /** Whose output it is. */
  readonly output?: {readonly producer: TaskId; readonly name: string};
  /** Of which bracket: secret, and there only while the bracket is. */
  readonly bracket?: TaskId;
}

const types = new WeakMap<Staged<unknown>, LateType>();

/** Notes the type of a value; the value itself stays what every scope gives, so that it is the same for all. */
export function declareType(value: Staged<unknown>, type: LateType): Staged<unknown> {
  types.set(value, type);
  return value;
}

/** `undefined` where nothing is known: a value that was computed from others. */
export const typeOf = (value: Staged<unknown>): LateType | undefined => types.get(value);
