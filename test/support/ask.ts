import {FactStore} from '../../src/facts/fact-store.ts';
import type {Answer} from '../../src/model/answer.ts';
import type {FactQuery} from '../../src/model/fact.ts';
import {ask as askAll} from '../../src/observe/ask.ts';
import type {Session} from '../../src/shell/session.ts';
import type {Shell} from '../../src/shell/shell.ts';

/** A session that has nothing but one shell. */
export const sessionOf = (shell: Shell): Session => ({
  shell: () => Promise.resolve(shell),
  pipe: () => Promise.reject(new Error('no channel of its own here')),
  protect: () => Promise.resolve(),
  interrupt: () => Promise.resolve(),
  close: () => Promise.resolve(),
  closed: new Promise(() => undefined),
  lock: () => Promise.resolve({taken: true}),
  unlock: () => Promise.resolve(),
  roundTrips: 0,
});

/** What a real shell answers, in the order of the questions. */
export async function askShell(
  queries: readonly FactQuery[],
  shell: Shell,
): Promise<readonly Answer<unknown>[]> {
  const store = new FactStore(await askAll(queries, sessionOf(shell), undefined));
  return queries.map((query) => store.get(query));
}
