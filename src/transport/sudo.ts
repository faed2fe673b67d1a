import {randomBytes} from 'node:crypto';
import type {Secret} from '../base/secret.ts';
import {withResolvers} from '../base/with-resolvers.ts';
import {TransportError} from '../model/transport.ts';
import {type Channel, describeEnd} from '../shell/channel.ts';
import {type SudoWords, sudoCommand} from './boot.ts';
import type {ChannelKind, Opener} from './opener.ts';

/** Account services that answer slowly are common; ones that take longer hang. */
const SUDO_TIMEOUT_MS = 60_000;

export interface Sudo {
  readonly user: string;
  readonly password: Secret | undefined;
}

/**
 * A channel on which `BOOT` waits for its program as another user. The password is sent only when sudo asks for
 * it, by a prompt that nobody can know; else it would be run as a command where sudo does not ask. A second
 * prompt means that it was wrong.
 */
export async function openSudo(opener: Opener, sudo: Sudo, kind: ChannelKind): Promise<Channel> {
  const nonce = randomBytes(16).toString('hex');
  const words: SudoWords = {prompt: `prompt-${nonce}`, marker: `ready-${nonce}`};
  const channel = await opener.open(sudoCommand(sudo.user, words, kind), kind);
  const dialog = new Dialog(channel, sudo, words);
  const timer = setTimeout(() => dialog.fail('sudo did not answer'), SUDO_TIMEOUT_MS);
  try {
    await dialog.ready;
    return dialog.channel();
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

type Listener = (chunk: Buffer) => void;

class Dialog {
  readonly ready: Promise<void>;
  readonly #channel: Channel;
  readonly #sudo: Sudo;
  readonly #words: SudoWords;
  readonly #settle = withResolvers<void>();
  readonly #said = {stdout: '', stderr: ''};
  /** Once ready, the streams belong to whoever uses the channel. */
  readonly #listeners: {stdout?: Listener; stderr?: Listener} = {};
  #prompts = 0;
  #isReady = false;

  constructor(channel: Channel, sudo: Sudo, words: SudoWords) {
    this.#channel = channel;
    this.#sudo = sudo;
    this.#words = words;
    this.ready = this.#settle.promise;
    for (const stream of ['stdout', 'stderr'] as const) {
      channel.receive(stream, (chunk) => this.#receive(stream, chunk));
    }
    void channel.ended.then((end) => this.fail(`sudo ended (${describeEnd(end)})`));
  }

  channel(): Channel {
    const receive: Channel['receive'] = (stream, listener) => {
      this.#listeners[stream] = listener;
    };
    return {...this.#channel, receive};
  }

  fail(because: string): void {
    const said = this.#clean(this.#said.stderr + this.#said.stdout);
    const hint = 'Run `sudo -l` as this user on the host: it must be allowed to run /bin/sh.';
    const detail = said === '' ? because : `${because}: ${said}`;
    this.#settle.reject(new TransportError('become', `Cannot become ${this.#sudo.user}: ${detail}`, hint));
  }

  #receive(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (this.#isReady) return this.#listeners[stream]?.(chunk);
    this.#said[stream] += chunk.toString('latin1');
    if (this.#said[stream].includes(this.#words.marker)) {
      this.#isReady = true;
      return this.#settle.resolve();
    }
    const prompts = this.#said[stream].split(this.#words.prompt).length - 1;
    if (prompts > 0 && prompts !== this.#prompts) this.#answer(prompts);
  }

  #answer(prompts: number): void {
    this.#prompts = prompts;
    const {password, user} = this.#sudo;
    if (password === undefined) return this.#refuse(`Cannot become ${user}: sudo asks for a password`);
    if (prompts > 1) return this.#refuse(`Cannot become ${user}: the password for sudo is wrong`);
    this.#channel.write(`${password.reveal()}\n`);
  }

  #refuse(because: string): void {
    const hint = 'Set ansible_become_password for this host, for example with !env or !secret.';
    this.#settle.reject(new TransportError('become', because, hint));
  }

  #clean(text: string): string {
    return text.replaceAll(this.#words.prompt, '').trim().slice(-400);
  }
}
