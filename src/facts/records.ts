import type {Answer} from '../model/answer.ts';

/** What a program printed, as records that each end in NUL. */
export const recordsOf = (output: Uint8Array): readonly string[] =>
  new TextDecoder().decode(output).split('\0').slice(0, -1);

/** Reads a record for each key, in their order; `undefined` where the program told nothing any more. */
export const oneEach =
  <Value>(answerOf: (record: string | undefined) => Answer<Value>) =>
  (output: Uint8Array, keys: readonly string[]): readonly Answer<Value>[] => {
    const records = recordsOf(output);
    return keys.map((_, index) => answerOf(records[index]));
  };

/** The same of records that come in any order, each behind the index of its key and a blank. */
export const numberedEach =
  <Value>(answerOf: (record: string | undefined) => Answer<Value>) =>
  (output: Uint8Array, keys: readonly string[]): readonly Answer<Value>[] => {
    const numbered = recordsOf(output).map((record): [string, string] => {
      const space = record.indexOf(' ');
      return [record.slice(0, space), record.slice(space + 1)];
    });
    const records = new Map(numbered);
    return keys.map((_, index) => answerOf(records.get(String(index))));
  };

/** The records up to an empty one, which is left out. */
export function untilEmpty(records: Iterator<string>): readonly string[] {
  const found: string[] = [];
  for (let next = records.next(); !next.done && next.value !== ''; next = records.next())
    found.push(next.value);
  return found;
}
