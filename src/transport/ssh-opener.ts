import type {Client, ClientChannel} from 'ssh2';
import {withResolvers} from '../base/with-resolvers.ts';
import {within} from '../base/within.ts';
import {TransportError} from '../model/transport.ts';
import type {Channel} from '../shell/channel.ts';
import type {ChannelKind, Closing, Opener} from './opener.ts';
import {sshChannel} from './ssh-channel.ts';

/** Channels on one connection. sshd allows 10 unless told otherwise; some hosts are told to allow 1. */
const MOST_CHANNELS = 4;
/** For the host to say goodbye. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Opens channels on a connection, and on further ones where the host allows no more on the first. The way is
 * gone when the first connection is.
 */
export class SshOpener implements Opener {
  readonly closed: Promise<void>;
  readonly #reconnect: () => Promise<Client>;
  readonly #lines: SshLine[];

  constructor(client: Client, reconnect: () => Promise<Client>) {
    const first = new SshLine(client);
    this.closed = first.closed;
    this.#reconnect = reconnect;
    this.#lines = [first];
  }

  async open(command: string, kind: ChannelKind): Promise<Channel> {
    for (const line of this.#lines) {
      const channel = await line.open(command, kind);
      if (channel) return channel;
    }
    const line = new SshLine(await this.#reconnect());
    this.#lines.push(line);
    const channel = await line.open(command, kind);
    if (channel) return channel;
    throw new TransportError('unreachable', 'The host refuses to run programs over SSH');
  }

  async close(how: Closing): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.close(how)));
  }
}

/** One connection and its channels. */
class SshLine {
  readonly closed: Promise<void>;
  readonly #client: Client;
  #channels = 0;
  #isOpen = true;
  #why = 'the connection was closed';

  constructor(client: Client) {
    this.#client = client;
    const {promise, resolve} = withResolvers<void>();
    this.closed = promise;
    client.on('error', (error) => {
      this.#why = `the connection was lost: ${error.message}`;
    });
    client.on('close', () => {
      this.#isOpen = false;
      resolve();
    });
  }

  /** `undefined` where there is no room for one more. */
  async open(command: string, kind: ChannelKind): Promise<Channel | undefined> {
    if (!this.#isOpen) throw new TransportError('lost', this.#why);
    if (this.#channels >= MOST_CHANNELS) return undefined;
    this.#channels += 1;
    try {
      const stream = await this.#exec(command, kind);
      stream.on('close', () => {
        this.#channels -= 1;
      });
      return sshChannel(stream, () => this.#why);
    } catch (error) {
      this.#channels -= 1;
      if (isRefusal(error)) return undefined;
      throw new TransportError('lost', error instanceof Error ? error.message : String(error));
    }
  }

  async close(how: Closing): Promise<void> {
    if (!this.#isOpen) return;
    if (how === 'wait') {
      this.#client.end();
      await within(CLOSE_TIMEOUT_MS, this.closed);
    }
    this.#client.destroy(); // Does nothing to one that is closed.
  }

  async #exec(command: string, kind: ChannelKind): Promise<ClientChannel> {
    const {promise, resolve, reject} = withResolvers<ClientChannel>();
    const lost = (): void => reject(new Error(this.#why));
    this.#client.once('close', lost);
    this.#client.exec(command, {pty: kind === 'terminal'}, (error, stream) => {
      this.#client.off('close', lost);
      if (error) reject(error);
      else resolve(stream);
    });
    return await promise;
  }
}

/** The server answers, and says that it has no room: it numbers its reasons. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'reason' in error && typeof error.reason === 'number';
