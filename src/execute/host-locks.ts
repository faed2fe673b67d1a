import {hostname, userInfo} from 'node:os';
import type {HostName} from '../model/names.ts';
import type {KnownHost} from '../observe/known-host.ts';

/** A host that another run has, and what that run said of itself. */
export interface Busy {
  readonly host: HostName;
  readonly holder: string;
}

/** Who we are, for whoever finds a host locked. */
const holder = (): string =>
  `${userInfo().username}@${hostname()}, process ${process.pid}, since ${new Date().toISOString()}`;

/** What another run says of itself, if one has the lock. */
export async function lockHost(host: KnownHost): Promise<string | undefined> {
  const answer = await host.session.lock(holder());
  return answer.taken ? undefined : answer.holder;
}

/** All of these hosts, or none: a run that waits while it holds some could wait for ever. */
export async function takeLocks(hosts: readonly KnownHost[]): Promise<readonly Busy[]> {
  const answers = await Promise.all(
    hosts.map(async (host) => {
      await host.session.protect();
      return {host: host.host.name, holder: await lockHost(host)};
    }),
  );
  const busy = answers.flatMap(({host, holder: other}) =>
    other === undefined ? [] : [{host, holder: other}],
  );
  if (busy.length > 0) await releaseLocks(hosts.filter((_, index) => answers[index]?.holder === undefined));
  return busy;
}

/** A connection that is gone has released its lock already. */
export async function releaseLocks(hosts: readonly KnownHost[]): Promise<void> {
  await Promise.allSettled(hosts.map(({session}) => session.unlock()));
}
