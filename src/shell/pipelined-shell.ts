import {randomBytes} from 'node:crypto';
import type {Script} from '../base/script.ts';
import {withResolvers} from '../base/with-resolvers.ts';
import {within} from '../base/within.ts';
import {TransportError, type TransportReason} from '../model/transport.ts';
import {type Channel, type ChannelEnd, describeEnd} from './channel.ts';
import {type Framed, type Framing, frame, normalizedExitCode, PREAMBLE, RESET, Unframer} from './framing.ts';
import {sh} from './sh.ts';
import type {SendOptions, Shell, StepResult} from './shell.ts';

/** Steps in flight: enough to keep the host busy across the latency, few enough to stop soon. */
const WINDOW_STEPS = 16;
const WINDOW_BYTES = 64 * 1024;
/** For steps that state none: everything ends some day. */
const DEFAULT_TIMEOUT_MS = 3_600_000;
/** How long a shell may take to die before we stop waiting for it. */
const KILL_TIMEOUT_MS = 20_000;

interface Sent {
  readonly text: string;
  readonly options: SendOptions;
  /** Counts the resumes: a failure skips only what was sent before the next one. */
  readonly epoch: number;
  readonly resolve: (result: StepResult | 'skipped') => void;
  readonly reject: (error: TransportError) => void;
}

/** How a shell ends whose user is not there: sysexits.h names it EX_NOUSER. */
export const NO_SUCH_USER = 67;

/** Kills the process group of a shell, and returns when none of it is left. */
export type Kill = (group: number) => Promise<void>;

/** Feeds a `sh -s` at the other end of a channel with framed steps, ahead of their results. */
export class PipelinedShell implements Shell {
  roundTrips = 0;
  /** Settles when the shell can take no more steps. */
  readonly gone: Promise<void>;
  /** The process group of the shell; its first step asks for it. Never settles in a shell that never answers. */
  readonly group: Promise<number>;
  readonly #channel: Channel;
  readonly #kill: Kill;
  readonly #nonce = randomBytes(16).toString('hex');
  readonly #waiting: Sent[] = [];
  readonly #inFlight: Sent[] = [];
  readonly #received = {stdout: [] as Framed[], stderr: [] as Framed[]};
  #bytesInFlight = 0;
  #dry = true;
  #filling = false;
  #epoch = 0;
  #sentEpoch = 0;
  #failedEpoch = -1;
  #timer: NodeJS.Timeout | undefined;
  #expired: Sent | undefined;
  #death: TransportError | undefined;
  #groupId: number | undefined;
  #setGone: () => void = () => undefined;

  constructor(channel: Channel, kill: Kill) {
    this.#channel = channel;
    this.#kill = kill;
    this.gone = new Promise((resolve) => {
      this.#setGone = resolve;
    });
    const leftover = [this.#listen('stdout'), this.#listen('stderr')];
    void channel.ended.then(
      async (end) => await this.#onEnd(end, Buffer.concat(leftover.map((rest) => rest()))),
    );
    channel.write(PREAMBLE);
    this.group = this.#askGroup();
  }

  send(script: Script, options: SendOptions): Promise<StepResult | 'skipped'> {
    return this.#enqueue(script, {onFailure: options.onFailure, runs: 'apart'}, options);
  }

  /** For a program of our own that changes the shell itself, and never exits. */
  sendInside(script: Script, options: SendOptions): Promise<StepResult | 'skipped'> {
    return this.#enqueue(script, {onFailure: options.onFailure, runs: 'inside'}, options);
  }

  resume(): void {
    this.#epoch += 1;
  }

  /** Kills what runs, and the shell with it. */
  async interrupt(because: string): Promise<void> {
    if (this.#death !== undefined) return;
    await this.#killGroup();
    this.#die(because);
  }

  /** Lets the shell end: it has no more steps. */
  close(): void {
    this.#channel.end();
  }

  async #askGroup(): Promise<number> {
    const never = new Promise<number>(() => undefined);
    const answer = this.sendInside(sh`read -r _ _ _ _ _group _ <"/proc/$$/stat"; echo "$_group"`, {
      onFailure: 'go-on',
    });
    this.#dry = true; // Our own question is no round trip of the caller's.
    this.#fill();
    this.#dry = true;
    this.roundTrips = 0;
    const result = await answer.catch(() => 'skipped' as const);
    if (result === 'skipped') return never;
    this.#groupId = Number(Buffer.from(result.stdout).toString());
    return this.#groupId;
  }

  #enqueue(script: Script, framing: Framing, options: SendOptions): Promise<StepResult | 'skipped'> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    if (this.#epoch === this.#failedEpoch) return Promise.resolve('skipped');
    const {promise, resolve, reject} = withResolvers<StepResult | 'skipped'>();
    const text = frame(script, framing, this.#nonce);
    this.#waiting.push({text, options, epoch: this.#epoch, resolve, reject});
    this.#fillSoon();
    return promise;
  }

  /** Once for all that is sent in this turn: one packet instead of many. */
  #fillSoon(): void {
    if (this.#filling) return;
    this.#filling = true;
    queueMicrotask(() => {
      this.#filling = false;
      this.#fill();
    });
  }

  #fill(): void {
    if (this.#death !== undefined) return;
    let text = '';
    for (let step = this.#nextToSend(); step; step = this.#nextToSend()) {
      if (step.options.begin?.() === false) step.resolve('skipped');
      else text += this.#depart(step);
    }
    if (text === '') return;
    this.#channel.write(text);
    this.#watchFirst();
  }

  #nextToSend(): Sent | undefined {
    const [next] = this.#waiting;
    if (!next) return undefined;
    const full =
      this.#inFlight.length >= WINDOW_STEPS || this.#bytesInFlight + next.text.length > WINDOW_BYTES;
    return full && this.#inFlight.length > 0 ? undefined : this.#waiting.shift();
  }

  #depart(step: Sent): string {
    if (this.#dry) this.roundTrips += 1;
    this.#dry = false;
    const reset = step.epoch === this.#sentEpoch ? '' : RESET;
    this.#sentEpoch = step.epoch;
    this.#inFlight.push(step);
    this.#bytesInFlight += step.text.length;
    return reset + step.text;
  }

  /** The first in flight is the one that runs: its time begins. */
  #watchFirst(): void {
    const [first] = this.#inFlight;
    if (!first || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#expire(first), first.options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  }

  #listen(stream: 'stdout' | 'stderr'): () => Buffer {
    const unframer = new Unframer(this.#nonce);
    this.#channel.receive(stream, (chunk) => {
      this.#received[stream].push(...unframer.push(chunk));
      this.#settle();
    });
    return () => unframer.leftover();
  }

  #settle(): void {
    const {stdout, stderr} = this.#received;
    while (stdout.length > 0 && stderr.length > 0) {
      const [out, err] = [stdout.shift(), stderr.shift()];
      const step = this.#inFlight.shift();
      if (out && err && step) this.#finish(step, out, err);
    }
    this.#dry ||= this.#inFlight.length === 0;
    this.#fill();
    this.#watchFirst();
  }

  #finish(step: Sent, out: Framed, err: Framed): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytesInFlight -= step.text.length;
    if (out.note === 'skipped') return step.resolve('skipped');
    const exitCode = normalizedExitCode(Number(out.note));
    const truncated = out.truncated || err.truncated;
    step.resolve({exitCode, stdout: out.body, stderr: err.body, truncated});
    if (exitCode !== 0 && step.options.onFailure === 'skip-rest') this.#skipWaiting(step.epoch);
  }

  /** What was not sent yet need not be sent to be skipped. */
  #skipWaiting(epoch: number): void {
    this.#failedEpoch = epoch;
    while (this.#waiting[0]?.epoch === epoch) this.#waiting.shift()?.resolve('skipped');
  }

  async #expire(step: Sent): Promise<void> {
    this.#expired = step;
    await this.#killGroup();
    this.#die('The shell was ended with the step before, which took too long');
  }

  async #killGroup(): Promise<void> {
    if (this.#groupId !== undefined) await within(KILL_TIMEOUT_MS, this.#kill(this.#groupId));
  }

  async #onEnd(end: ChannelEnd, leftover: Buffer): Promise<void> {
    if (this.#expired) return; // Whoever ended it goes on when nothing of it is left.
    clearTimeout(this.#timer);
    if (this.#inFlight.length > 0 && end.error === undefined) await this.#killGroup();
    const words = leftover.toString('utf8').trim().slice(-400);
    const reason = this.#groupId === undefined ? neverBegan(end) : 'lost';
    this.#die(`The shell ended (${describeEnd(end)})${words === '' ? '' : `: ${words}`}`, reason);
  }

  #die(because: string, reason: TransportReason = 'lost'): void {
    if (this.#death !== undefined) return;
    this.#death = new TransportError(reason, because);
    clearTimeout(this.#timer);
    this.#channel.destroy();
    for (const step of [...this.#inFlight.splice(0), ...this.#waiting.splice(0)]) {
      step.reject(step === this.#expired ? timedOut(step) : this.#death);
    }
    this.#setGone();
  }
}

/** A shell that never answered since a program or its user was not found never will. */
function neverBegan({exitCode}: ChannelEnd): TransportReason {
  if (exitCode === 127) return 'missing-tool';
  return exitCode === NO_SUCH_USER ? 'become' : 'lost';
}

const timedOut = ({options}: Sent): TransportError =>
  new TransportError('timed-out', `No end within ${(options.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000} s`);
