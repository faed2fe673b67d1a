import {groupedBy} from '../base/grouped.ts';
import {unknown} from '../model/answer.ts';
import type {FactQuery} from '../model/fact.ts';
import type {HostName} from '../model/names.ts';
import {isTransportError} from '../model/transport.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Question} from '../plan/decision.ts';
import type {RunContext} from './context.ts';

/** Asks one host, as one user, and keeps the answers. */
export type Asker = (
  host: HostName,
  queries: readonly FactQuery[],
  user: string | undefined,
) => Promise<void>;

/** Asks several hosts at once, each what concerns it. */
export async function askAll(questions: readonly Question[], asker: Asker): Promise<void> {
  const groups = groupedBy(questions, ({host, user}) => `${host} ${user ?? ''}`).values();
  await Promise.all(
    [...groups].map(async (group) => {
      const [{host, user}] = group as [Question, ...Question[]]; // A group has at least one member.
      const queries = group.map(({query}) => query);
      await asker(host, queries, user);
    }),
  );
}

/**
 * While changes are made. Another host's lane may be at work there: it is not disturbed. And where another host is
 * lost, who asks is not the one to be connected again.
 */
export async function askDuringRun(
  questions: readonly Question[],
  asker: KnownHost,
  run: Pick<RunContext, 'world' | 'reconnect'>,
): Promise<void> {
  await askAll(questions, async (name, queries, user) => {
    const host = run.world.get(name);
    const learn = async (): Promise<void> => host?.exclusively(() => host.learn(queries, user));
    if (!host || host === asker) return learn();
    const because = await lossOf(learn);
    if (because === undefined) return;
    const again = (await run.reconnect(host, because)) ? await lossOf(learn) : because;
    if (again === undefined) return;
    const answer = unknown(`${name} was lost: ${again}`);
    host.facts(user).learn(queries.map((query) => ({query, answer})));
  });
}

async function lossOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isTransportError(error)) return error.message;
    throw error;
  }
}
