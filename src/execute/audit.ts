import {Secret} from '../base/secret.ts';
import {sha256Hex} from '../base/sha256-hex.ts';
import type {Answer} from '../model/answer.ts';
import {ANYTHING, covers, type FactQuery, idOf} from '../model/fact.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {RunContext} from './context.ts';
import type {ChangeMove} from './turn.ts';

/**
 * Does the work, and with `--audit-touches` asks everything that was known of the host again: what reads
 * differently now, and is not covered by what the change said that it would touch, is returned.
 */
export async function audited<Result>(
  host: KnownHost,
  move: ChangeMove,
  run: RunContext,
  work: () => Promise<Result>,
): Promise<readonly [Result, readonly string[]]> {
  if (!run.auditTouches || move.change.touches === 'everything') return [await work(), []];
  const {user} = move.task;
  const store = host.facts(user);
  const before = new Map(store.all().map(({query, answer}) => [idOf(query), comparable(answer)]));
  const queries = store.all().map(({query}) => query);
  const result = await work();
  await host.exclusively(() => host.learn(queries, user));
  const {touches} = move.change;
  const isCovered = ({subject}: FactQuery): boolean => touches.some((touched) => covers(touched, subject));
  const changed = store.all().filter(({query, answer}) => before.get(idOf(query)) !== comparable(answer));
  const isHonest = (query: FactQuery): boolean =>
    query.kind.derived === true || query.subject === ANYTHING || isCovered(query);
  return [result, changed.filter(({query}) => !isHonest(query)).map(({query}) => idOf(query))];
}

/** A secret is compared by its digest, and never written out. */
const comparable = (answer: Answer<unknown>): string =>
  answer.state === 'known' && answer.value instanceof Secret
    ? sha256Hex(answer.value.reveal())
    : JSON.stringify(answer);
