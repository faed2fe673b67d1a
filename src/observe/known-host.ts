import {FactStore} from '../facts/fact-store.ts';
import type {FactQuery, Subject} from '../model/fact.ts';
import type {Host} from '../model/host.ts';
import type {HostProfile} from '../model/profile.ts';
import {isTransportError} from '../model/transport.ts';
import type {Session} from '../shell/session.ts';
import {ask} from './ask.ts';

/** A host that was reached: its session, its profile, and what each user sees there. */
export class KnownHost {
  readonly host: Host;
  session: Session;
  profile: HostProfile;
  /** As whom the host is asked what it is. */
  readonly mainUser: string | undefined;
  /** Jobs that a dead run left: they have ended, their results are of no use to anybody. */
  leftJobs: readonly string[] = [];
  readonly #stores = new Map<string | undefined, FactStore>();
  #last: Promise<unknown> = Promise.resolve();
  #lost: Session | undefined;

  constructor(host: Host, session: Session, profile: HostProfile, mainUser: string | undefined) {
    this.host = host;
    this.session = session;
    this.profile = profile;
    this.mainUser = mainUser;
  }

  facts(user: string | undefined): FactStore {
    const store = this.#stores.get(user) ?? new FactStore();
    this.#stores.set(user, store);
    return store;
  }

  /** Behind a lost connection nothing is certain that was known. */
  renew(session: Session, profile: HostProfile): void {
    this.session = session;
    this.profile = profile;
    this.forget('everything');
  }

  /** Whether the session that was lost last is another than this one: somebody has connected again since. */
  get isRenewed(): boolean {
    return this.#lost !== undefined && this.#lost !== this.session;
  }

  forget(touched: readonly Subject[] | 'everything'): void {
    for (const store of this.#stores.values()) store.forget(touched);
  }

  async learn(queries: readonly FactQuery[], user: string | undefined): Promise<void> {
    this.facts(user).learn(await ask(queries, this.session, user));
  }

  /** One at a time: a failed step in the shell would make it skip what somebody else sent. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const watched = () => this.#watched(work);
    const next = this.#last.then(watched, watched);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #watched<Result>(work: () => Promise<Result>): Promise<Result> {
    const {session} = this;
    try {
      return await work();
    } catch (error) {
      if (isTransportError(error)) this.#lost = session;
      throw error;
    }
  }
}
