import type {Host} from '../model/host.ts';
import type {Session, Transport} from '../shell/session.ts';

/** Each host by the way that its inventory names. */
export class Transports implements Transport {
  readonly #ways: Readonly<Record<Host['connection']['transport'], Transport>>;

  constructor(ways: Readonly<Record<Host['connection']['transport'], Transport>>) {
    this.#ways = ways;
  }

  connect(host: Host): Promise<Session> {
    return this.#ways[host.connection.transport].connect(host);
  }
}
