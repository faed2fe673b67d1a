import type {HostName} from '../model/names.ts';
import type {HostProfile} from '../model/profile.ts';
import {isTransportError} from '../model/transport.ts';
import {readLeftJobs, readProfile} from '../observe/connect.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Session, Transport} from '../shell/session.ts';
import type {RunContext} from './context.ts';
import {lockSession} from './host-locks.ts';
import {forgetJobs} from './jobs.ts';

/** The first wait after a lost connection; doubled each time, up to the most. Half of it is chance. */
const FIRST_WAIT_MS = 250;
const MOST_WAIT_MS = 10_000;

/** Connects again to hosts whose connection was lost: one attempt at a time, whoever asks. */
export class Reconnecting {
  readonly #transport: Transport;
  readonly #run: RunContext;
  readonly #underWay = new Map<HostName, Promise<boolean>>();

  constructor(transport: Transport, run: RunContext) {
    this.#transport = transport;
    this.#run = run;
  }

  reconnect(host: KnownHost, because: string): Promise<boolean> {
    const {name} = host.host;
    const found = this.#underWay.get(name);
    if (found) return found;
    if (host.isRenewed) return Promise.resolve(true); // Or what others do there by now would be lost as well.
    const work = this.#reconnect(host, because).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, work);
    return work;
  }

  async #reconnect(host: KnownHost, because: string): Promise<boolean> {
    const {name, connection} = host.host;
    this.#run.emit({type: 'host-lost', host: name, because});
    const startedAt = Date.now();
    await host.session.close();
    for (
      let wait = FIRST_WAIT_MS;
      this.#run.cancel.state !== 'killing';
      wait = Math.min(wait * 2, MOST_WAIT_MS)
    ) {
      const rebooted = await this.#attempt(host);
      if (rebooted !== undefined) {
        this.#run.emit({type: 'host-back', host: name, rebooted, afterMs: Date.now() - startedAt});
        return true;
      }
      if (Date.now() - startedAt > connection.reconnectTimeoutMs) return false;
      await this.#run.cancel.delay(wait / 2 + Math.random() * (wait / 2), 'killing');
    }
    return false;
  }

  /** Whether the host was restarted meanwhile; `undefined`: it cannot be reached, or somebody else locked it. */
  async #attempt(host: KnownHost): Promise<boolean | undefined> {
    let session: Session | undefined;
    try {
      session = await this.#transport.connect(host.host);
      const profile = await prepare(session, host);
      if (!profile) return await this.#without(session);
      const rebooted = profile.boot_id !== host.profile.boot_id;
      host.renew(session, profile);
      return rebooted;
    } catch (error) {
      if (isTransportError(error)) return this.#without(session);
      throw error;
    }
  }

  async #without(session: Session | undefined): Promise<undefined> {
    await session?.close();
  }
}

/** Nobody gets to work through the new session before its lock is ours, and all jobs have ended. */
async function prepare(session: Session, {mainUser}: KnownHost): Promise<HostProfile | undefined> {
  const profile = await readProfile(session, mainUser);
  if ((await lockSession(session))?.state === 'held') return undefined;
  await forgetJobs(session, mainUser, await readLeftJobs(session, mainUser));
  return profile;
}
