import type {Readable} from 'node:stream';
import type {Script} from '../base/script.ts';
import {within} from '../base/within.ts';
import type {Connection} from '../model/host.ts';
import {TransportError} from '../model/transport.ts';
import type {Channel} from '../shell/channel.ts';
import {type LockAnswer, noteLock, readLockAnswer, releaseLock, takeLock} from '../shell/lock.ts';
import {PipelinedShell} from '../shell/pipelined-shell.ts';
import type {Session} from '../shell/session.ts';
import type {Shell, StepResult} from '../shell/shell.ts';
import {Accounts, type Route} from './accounts.ts';
import {collect} from './collect.ts';
import {LifeLine, lifeLine} from './life-line.ts';
import type {Opener} from './opener.ts';

const LOCK_TIMEOUT_MS = 30_000;
/** Enough to end what ignores the first signal; a host that does not answer is not waited for. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Shells, life-lines and pipes on one host, whatever the way to it is. */
export class HostSession implements Session {
  readonly closed: Promise<void>;
  readonly #opener: Opener;
  readonly #accounts: Accounts;
  readonly #shells = new Map<string | undefined, Promise<PipelinedShell>>();
  readonly #lifeLines = new Map<string | undefined, Promise<LifeLine>>();
  readonly #pipes = new Set<Channel>();
  #protected = false;
  #closing = false;
  #pastRoundTrips = 0;
  #openShells: readonly PipelinedShell[] = [];

  constructor(opener: Opener, connection: Connection) {
    this.#opener = opener;
    this.#accounts = new Accounts(opener, connection);
    this.closed = opener.closed;
  }

  get roundTrips(): number {
    return this.#openShells.reduce((sum, shell) => sum + shell.roundTrips, this.#pastRoundTrips);
  }

  async shell(user: string | undefined): Promise<Shell> {
    return await this.#shell(user);
  }

  async pipe(user: string | undefined, script: Script, input: Readable): Promise<StepResult> {
    const channel = await this.#accounts.open(this.#accounts.route(user), script);
    this.#pipes.add(channel);
    const reading = new Reading(input);
    const [result] = await Promise.allSettled([collect(channel), channel.feed(reading.bytes)]);
    this.#pipes.delete(channel);
    channel.destroy();
    // A program that ends early breaks its pipe, and its exit code says why; a file that cannot be read is ours.
    if (reading.failure) throw reading.failure;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  async protect(): Promise<void> {
    this.#protected = true;
    const opened = [...this.#shells].map(async ([user, shell]) => this.#watch(user, await shell));
    await Promise.all(opened);
  }

  async lock(holder: string): Promise<LockAnswer> {
    const shell = await this.#shell(this.#accounts.principal);
    const result = await shell.sendInside(takeLock(holder), {onFailure: 'go-on', timeoutMs: LOCK_TIMEOUT_MS});
    const answer = result === 'skipped' ? undefined : readLockAnswer(result);
    if (answer) return answer;
    const why =
      result === 'skipped' ? 'a step before it failed' : new TextDecoder().decode(result.stderr).trim();
    throw new TransportError('missing-tool', `The host's lock cannot be taken: ${why}`);
  }

  async unlock(): Promise<void> {
    const shell = await this.#shell(this.#accounts.principal);
    await shell.sendInside(releaseLock, {onFailure: 'go-on', timeoutMs: LOCK_TIMEOUT_MS});
  }

  async interrupt(): Promise<void> {
    for (const pipe of this.#pipes) pipe.destroy(); // Its program sees the end of its input.
    const shells = await Promise.allSettled(this.#shells.values());
    const open = shells.flatMap((shell) => (shell.status === 'fulfilled' ? [shell.value] : []));
    await Promise.all(open.map((shell) => shell.interrupt('The shell was ended on request')));
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const shell of this.#openShells) shell.close();
    if (!this.#protected) return await this.#opener.close('leave');
    const lines = [...this.#lifeLines.values()].map(async (line) => await (await line).close());
    await within(CLOSE_TIMEOUT_MS, Promise.allSettled(lines));
    await this.#opener.close('wait');
  }

  #shell(user: string | undefined): Promise<PipelinedShell> {
    const name = this.#accounts.nameOf(user);
    const shell = this.#shells.get(name) ?? this.#openShell(name);
    this.#shells.set(name, shell);
    shell.catch(() => this.#shells.delete(name));
    return shell;
  }

  async #openShell(user: string | undefined): Promise<PipelinedShell> {
    if (this.#closing) throw new TransportError('lost', 'The session was closed');
    const route = this.#accounts.route(user);
    const channel = await this.#accounts.resident(route);
    const kill = async (group: number): Promise<void> => await (await this.#lifeLine(route)).kill(group);
    const shell = new PipelinedShell(channel, kill);
    this.#openShells = [...this.#openShells, shell];
    void shell.gone.then(() => this.#onGone(user, shell));
    if (user === this.#accounts.nameOf(this.#accounts.principal)) note(shell);
    if (this.#protected) await this.#watch(user, shell);
    return shell;
  }

  #onGone(user: string | undefined, shell: PipelinedShell): void {
    this.#shells.delete(user);
    this.#openShells = this.#openShells.filter((other) => other !== shell);
    this.#pastRoundTrips += shell.roundTrips;
    if (this.#closing) return;
    const line = this.#lifeLines.get(this.#accounts.guardOf(this.#accounts.route(user)));
    void Promise.all([line, shell.group]).then(
      ([line, group]) => line?.forget(group),
      () => undefined,
    );
  }

  async #watch(user: string | undefined, shell: PipelinedShell): Promise<void> {
    const line = await this.#lifeLine(this.#accounts.route(user));
    line.watch(await Promise.race([shell.group, shell.gone.then(lostBeforeItAnswered)]));
  }

  #lifeLine(route: Route): Promise<LifeLine> {
    const guard = this.#accounts.guardOf(route);
    const open = this.#lifeLines.get(guard) ?? this.#openLifeLine(guard);
    this.#lifeLines.set(guard, open);
    open.catch(() => this.#lifeLines.delete(guard));
    return open;
  }

  async #openLifeLine(guard: string | undefined): Promise<LifeLine> {
    const line = new LifeLine(await this.#accounts.open(this.#accounts.route(guard), lifeLine()));
    void line.gone.then(() => this.#lifeLines.delete(guard));
    return line;
  }
}

/** Ahead of all else, and waited for by nobody: a shell that is gone is noticed by who uses it. */
function note(shell: PipelinedShell): void {
  shell.sendInside(noteLock, {onFailure: 'go-on', timeoutMs: LOCK_TIMEOUT_MS}).catch(() => undefined);
}

function lostBeforeItAnswered(): never {
  throw new TransportError('lost', 'The shell ended before it answered');
}

/** Tells a source that cannot be read from a program that does not read it. */
class Reading {
  failure: unknown;
  readonly bytes: AsyncIterable<unknown>;

  constructor(input: Readable) {
    this.bytes = this.#read(input);
  }

  async *#read(input: Readable): AsyncGenerator {
    try {
      yield* input;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
