import {userInfo} from 'node:os';
import type {Client} from 'ssh2';
import type {Host} from '../model/host.ts';
import type {Session, Transport} from '../shell/session.ts';
import {Handshakes} from './handshakes.ts';
import {HostSession} from './host-session.ts';
import {KnownHosts, type KnownHostsOptions} from './known-hosts.ts';
import {connectSsh} from './ssh-connection.ts';
import {Identities} from './ssh-identities.ts';
import {SshOpener} from './ssh-opener.ts';

export interface SshOptions {
  readonly knownHosts: KnownHostsOptions;
  /** Tried where the inventory names none. Default: those of ~/.ssh. */
  readonly identityFiles?: readonly string[];
  /** The socket of an agent. */
  readonly agent?: string;
  /** Handshakes under way at once. */
  readonly forks?: number;
}

/** One Node process does about 300 handshakes a second; more at once only wait for each other. */
const DEFAULT_FORKS = 50;

/** Hosts over SSH: one connection for each, kept for the run. */
export class SshTransport implements Transport {
  readonly #options: SshOptions;
  readonly #handshakes: Handshakes;
  readonly #identities: Identities;
  #knownHosts: KnownHosts | undefined;

  constructor(options: SshOptions) {
    this.#options = options;
    this.#handshakes = new Handshakes(options.forks ?? DEFAULT_FORKS);
    this.#identities = new Identities(options.identityFiles, options.agent);
  }

  async connect(host: Host): Promise<Session> {
    const username = host.connection.user ?? userInfo().username;
    const connectAgain = (): Promise<Client> => this.#connect(host, username);
    const opener = new SshOpener(await connectAgain(), connectAgain);
    return new HostSession(opener, {...host.connection, user: username});
  }

  async #connect(host: Host, username: string): Promise<Client> {
    this.#knownHosts ??= new KnownHosts(this.#options.knownHosts);
    const knownHosts = this.#knownHosts;
    const identities = this.#identities.of(host.connection, username);
    return await this.#handshakes.run(async () => await connectSsh(host, {username, identities, knownHosts}));
  }
}
