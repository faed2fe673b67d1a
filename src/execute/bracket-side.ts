import type {Bracket} from '../model/bracket.ts';
import type {BracketNode} from '../model/graph.ts';
import type {Failure} from '../model/outcome.ts';
import type {Supply} from '../model/supply.ts';
import {isTransportError} from '../model/transport.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {BoundBrackets} from './bound-brackets.ts';
import type {Side} from './brackets.ts';
import type {RunContext} from './context.ts';
import {deliver} from './deliver.ts';
import {parcelsOf} from './parcels.ts';

/** Opens or closes a bracket on its host. A connection that is lost meanwhile is made again, once. */
export async function performBracket(
  node: BracketNode,
  side: Side,
  run: RunContext,
  brackets: BoundBrackets,
): Promise<Failure | undefined> {
  const bracket = brackets.bind(node, run.ledger);
  const host = brackets.hostOf(node);
  if (typeof bracket === 'string') return {reason: 'invalid-value', because: bracket, at: node.id};
  if (!host) return {reason: 'connection-lost', because: 'its host was not reached'};
  // What it asks is what it alters, and tasks inside may ask the same.
  const alters = bracket.facts.map(({subject}) => subject);
  const work = () =>
    attempt(node, side, bracket, {host, supply: run.supply}).finally(() => run.forget(host, alters));
  const first = await work();
  if (first?.reason !== 'connection-lost') return first;
  return (await run.reconnect(host, first.because)) ? work() : first;
}

/** With its facts as they are now: what is open is not opened twice. */
async function attempt(
  node: BracketNode,
  side: Side,
  bracket: Bracket,
  {host, supply}: {readonly host: KnownHost; readonly supply: Supply},
): Promise<Failure | undefined> {
  try {
    return await host.exclusively(async () => {
      await host.learn(bracket.facts, node.user);
      const facts = host.facts(node.user);
      const steps = side.name === 'open' ? bracket.open(facts) : bracket.close(facts, side.ending);
      const parcels = parcelsOf([{owner: node, steps, timeoutMs: node.timeoutMs}]);
      const sender = {user: node.user, supply, begin: () => true};
      const {failure} = await deliver(host, sender, parcels, []);
      return failure?.failure;
    });
  } catch (error) {
    if (isTransportError(error)) return {reason: 'connection-lost', because: error.message};
    throw error;
  }
}
