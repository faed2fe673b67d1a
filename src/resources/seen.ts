import {type Unknown, valueOf} from '../model/answer.ts';
import type {FactQuery, Facts} from '../model/fact.ts';

/** The first of several questions that could not be answered: a diff hands it on before it reads any of them. */
export function firstUnknown(facts: Facts, queries: readonly FactQuery[]): Unknown | undefined {
  for (const query of queries) {
    const answer = facts.get(query);
    if (answer.state === 'unknown') return answer;
  }
  return undefined;
}

/** What the host said; `undefined` where absent. For questions that `firstUnknown` has let pass. */
export function seen<Value>(facts: Facts, query: FactQuery<Value>): Value | undefined {
  const answer = facts.get(query);
  if (answer.state === 'unknown')
    throw new Error(`Internal error: an unknown answer was read: ${answer.reason}`);
  return valueOf(answer);
}
