import {hostname, userInfo} from 'node:os';
import type {HostName} from '../model/names.ts';
import {isTransportError, type TransportError} from '../model/transport.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Session} from '../shell/session.ts';

/** Another run has a host, or had it since this one looked at it, and said this of itself. */
interface Taken {
  readonly state: 'held' | 'changed';
  readonly holder: string;
}

/** Why a host cannot be had: also where it has no lock that anybody could take. */
export type Hindrance = Taken | {readonly state: 'lockless'; readonly error: TransportError};

const ourselves = (): string => `${userInfo().username}@${hostname()}, process ${process.pid},`;

/** Who we are, for whoever finds a host locked. */
const holder = (): string => `${ourselves()} since ${new Date().toISOString()}`;

/**
 * A machine that the inventory has under two names is locked by the first of them. Between taking a lock and
 * saying who took it there is a moment.
 */
function shown(other: string): string {
  if (other === '') return 'a run that has just begun, or this one for another host on the same machine';
  return other.startsWith(ourselves()) ? 'this run itself, for another host on the same machine' : other;
}

/** Who stands in the way, if anybody does. From here on our death ends what we started there. */
export async function lockSession(session: Session): Promise<Taken | undefined> {
  await session.protect();
  const answer = await session.lock(holder());
  if (!answer.taken) return {state: 'held', holder: shown(answer.holder)};
  return answer.since === undefined ? undefined : {state: 'changed', holder: answer.since};
}

/**
 * All of these hosts, or none: a run that waits while it holds some could wait for ever. A plan that was made before
 * another run has changed a host is worth nothing: that one stands in the way as well. One that is lost
 * meanwhile is left to its lane where it does not come back: nothing runs through a closed session.
 */
export async function takeLocks(
  hosts: readonly KnownHost[],
  reconnect: (host: KnownHost, because: string) => Promise<boolean>,
): Promise<ReadonlyMap<HostName, Hindrance>> {
  const answers = await Promise.all(hosts.map((host) => lockHost(host, reconnect)));
  const busy = new Map<HostName, Hindrance>();
  for (const [index, {host}] of hosts.entries()) if (answers[index]) busy.set(host.name, answers[index]);
  const isOurs = ({host}: KnownHost): boolean => (busy.get(host.name)?.state ?? 'changed') === 'changed';
  if (busy.size > 0) await releaseLocks(hosts.filter(isOurs));
  return busy;
}

async function lockHost(
  host: KnownHost,
  reconnect: (host: KnownHost, because: string) => Promise<boolean>,
): Promise<Hindrance | undefined> {
  try {
    return await lockSession(host.session);
  } catch (error) {
    if (!isTransportError(error)) throw error;
    if (error.reason === 'missing-tool') return {state: 'lockless', error};
    await reconnect(host, error.message); // Takes the lock as well.
    return undefined;
  }
}

/** A connection that is gone has released its lock already. */
export async function releaseLocks(hosts: readonly KnownHost[]): Promise<void> {
  await Promise.allSettled(hosts.map(({session}) => session.unlock()));
}
