import {groupedBy} from '../base/grouped.ts';
import {onceForEach} from '../base/once-for-each.ts';
import {type Answer, unknown} from '../model/answer.ts';
import type {Fact, FactKind, FactQuery} from '../model/fact.ts';
import {isTransportError} from '../model/transport.ts';
import type {Session} from '../shell/session.ts';
import type {Shell, StepResult} from '../shell/shell.ts';

/** Long enough for a slow package database, short enough to notice a hanging mount. */
const ASK_TIMEOUT_MS = 60_000;

/** Asks for all facts at once, one program for each kind. A kind that fails is unknown, and alone so. */
export async function ask(
  queries: readonly FactQuery[],
  session: Session,
  user: string | undefined,
): Promise<readonly Fact[]> {
  if (queries.length === 0) return [];
  const shell = await shellOf(user, session);
  if (typeof shell === 'string') return allUnknown(queries, shell);
  const answered = await Promise.all(byKind(queries).map((group) => askKind(group, shell)));
  const facts = answered.flatMap((each) => (each.state === 'interrupted' ? [] : each.facts));
  const interrupted = answered.filter((each) => each.state === 'interrupted');
  if (interrupted[0] === undefined) return facts;
  if (!answered.some(({state}) => state === 'hung')) throw interrupted[0].error;
  // A kind that hung took the shell with it: the others are asked again, in a new one.
  const again = interrupted.flatMap((each) => each.queries);
  return [...facts, ...(await ask(again, session, user))];
}

/** Somebody who is not there yet, or may not be become, sees nothing; the host answers others all the same. */
async function shellOf(user: string | undefined, session: Session): Promise<Shell | string> {
  try {
    return await session.shell(user);
  } catch (error) {
    if (isTransportError(error) && error.reason === 'become') return error.message;
    throw error;
  }
}

const allUnknown = (queries: readonly FactQuery[], because: string): readonly Fact[] =>
  queries.map((query) => ({query, answer: unknown(because)}));

type Asked =
  | {readonly state: 'answered' | 'hung'; readonly facts: readonly Fact[]}
  | {readonly state: 'interrupted'; readonly queries: readonly FactQuery[]; readonly error: unknown};

/** Hosts that are alike are asked with one list. */
const byKind = onceForEach((queries: readonly FactQuery[]): readonly (readonly FactQuery[])[] => {
  const kinds = groupedBy(queries, ({kind}) => kind).values();
  return [...kinds].map((group) => [...new Map(group.map((query) => [query.key, query])).values()]);
});

async function askKind(queries: readonly FactQuery[], shell: Shell): Promise<Asked> {
  const kind = queries[0]?.kind as FactKind<unknown>; // A group has at least one member.
  const keys = queries.map(({key}) => key);
  try {
    const result = await shell.send(kind.program(keys), {onFailure: 'go-on', timeoutMs: ASK_TIMEOUT_MS});
    return {state: 'answered', facts: read(kind, queries, result)};
  } catch (error) {
    if (!isTransportError(error)) throw error;
    if (error.reason === 'become') return {state: 'answered', facts: allUnknown(queries, error.message)};
    if (error.reason !== 'timed-out') return {state: 'interrupted', queries, error};
    const silent = `${kind.name} did not answer within ${ASK_TIMEOUT_MS / 1000} s`;
    return {state: 'hung', facts: allUnknown(queries, silent)};
  }
}

function read(
  kind: FactKind<unknown>,
  queries: readonly FactQuery[],
  result: StepResult | 'skipped',
): readonly Fact[] {
  const failure = failureOf(result);
  const keys = queries.map(({key}) => key);
  const answers: readonly Answer<unknown>[] =
    failure !== undefined || result === 'skipped' ? [] : kind.parse(result.stdout, keys);
  const silent = unknown(failure ?? `${kind.name} gave no answer`);
  return queries.map((query, index) => ({query, answer: answers[index] ?? silent}));
}

function failureOf(result: StepResult | 'skipped'): string | undefined {
  if (result === 'skipped') return 'not asked';
  if (result.truncated) return 'the host printed more than a fact may hold';
  if (result.exitCode === 0) return undefined;
  return new TextDecoder().decode(result.stderr).trim() || `the look-up ended with ${result.exitCode}`;
}
