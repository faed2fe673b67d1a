import {basename} from 'node:path';
import type {Readable} from 'node:stream';
import type {Script} from '../../src/base/script.ts';
import type {Host} from '../../src/model/host.ts';
import type {HostName} from '../../src/model/names.ts';
import {TransportError} from '../../src/model/transport.ts';
import type {LockAnswer} from '../../src/shell/lock.ts';
import type {Session, Transport} from '../../src/shell/session.ts';
import type {SendOptions, Shell, StepResult} from '../../src/shell/shell.ts';
import {profileRecord} from './profile-record.ts';

/** How the test ends a step. */
export interface End {
  readonly exitCode?: number;
  readonly stderr?: string;
}

interface Sent {
  readonly script: Script;
  readonly options: SendOptions;
  readonly resolve: (result: StepResult | 'skipped') => void;
  readonly reject: (error: Error) => void;
}

/** Says whether a step of this name waits for the test, or is done at once. */
export type Control = 'by-hand' | 'at-once';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * A host whose commands the test ends by hand. It understands `look NAMES` (facts), `make NAME`, `drop NAME`,
 * `break` (ends with 1) and written files, which are markers as well; what a step does is done when it ends.
 */
export class ControlledHost {
  readonly name: HostName;
  readonly has = new Set<string>();
  readonly steps: string[] = [];
  /** The names of markers that it was asked about. */
  readonly looked = new Set<string>();
  bootId = 'boot-1';
  reachable = true;
  lockedBy: string | undefined;
  /** Why nobody can lock it. */
  lockless: string | undefined;
  /** Who had the lock while this run looked. */
  lockedSince: string | undefined;
  connections = 0;
  control: (command: string) => Control = () => 'at-once';
  /** How many steps the controller sends ahead. */
  window = 16;
  session: ControlledSession | undefined;
  readonly #watchers: (() => void)[] = [];

  constructor(name: string) {
    this.name = name as HostName;
  }

  /** The commands that run now. */
  get running(): readonly string[] {
    return this.session?.running ?? [];
  }

  /** Settles when a command runs that waits for the test. */
  async started(command: string): Promise<void> {
    while (!this.running.includes(command)) await this.changed();
  }

  finish(command: string, end: End = {}): void {
    this.session?.finish(command, end);
  }

  /** The connection breaks. What runs may have been done, or not. */
  cut(): void {
    this.session?.cut();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  notify(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }

  perform(command: string): number {
    const [verb, name = ''] = command.split(' ');
    if (verb === 'make') this.has.add(name);
    if (verb === 'drop') this.has.delete(name);
    for (const [, path = ''] of command.matchAll(/^write (\S+)/gm)) this.has.add(basename(path));
    return verb === 'break' ? 1 : 0;
  }
}

class ControlledSession implements Session {
  roundTrips = 0;
  readonly closed: Promise<void>;
  readonly #host: ControlledHost;
  readonly #shell: ControlledShell;
  #close: () => void = () => undefined;

  constructor(host: ControlledHost) {
    this.#host = host;
    this.#shell = new ControlledShell(host);
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  get running(): readonly string[] {
    return this.#shell.running;
  }

  shell(): Promise<Shell> {
    return Promise.resolve(this.#shell);
  }

  pipe(_user: string | undefined, script: Script, _input: Readable): Promise<StepResult> {
    return this.#shell.send(script, {onFailure: 'go-on'}) as Promise<StepResult>; // Nothing fails before it.
  }

  protect(): Promise<void> {
    return this.#shell.whileOpen();
  }

  lock(holder: string): Promise<LockAnswer> {
    return this.#shell.whileOpen().then(() => {
      if (this.#host.lockless !== undefined) throw new TransportError('missing-tool', this.#host.lockless);
      const taken = this.#host.lockedBy;
      if (taken !== undefined) return {taken: false, holder: taken};
      this.#host.lockedBy = holder;
      const {lockedSince: since} = this.#host;
      return since === undefined ? {taken: true} : {taken: true, since};
    });
  }

  unlock(): Promise<void> {
    this.#host.lockedBy = undefined;
    return Promise.resolve();
  }

  interrupt(): Promise<void> {
    this.#shell.end('interrupted');
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#shell.end('closed');
    this.#close();
    return Promise.resolve();
  }

  finish(command: string, end: End): void {
    this.#shell.finish(command, end);
  }

  cut(): void {
    this.#host.lockedBy = undefined;
    this.#shell.end('the connection was cut');
    this.#close();
  }
}

class ControlledShell implements Shell {
  roundTrips = 0;
  readonly #host: ControlledHost;
  /** What has left the controller; the first of these runs. */
  #queue: Sent[] = [];
  #waiting: Sent[] = [];
  #current: Sent | undefined;
  #failed = false;
  #over: string | undefined;

  constructor(host: ControlledHost) {
    this.#host = host;
  }

  get running(): readonly string[] {
    const [first] = this.#queue;
    return first ? [first.script.display] : [];
  }

  send(script: Script, options: SendOptions): Promise<StepResult | 'skipped'> {
    if (this.#over !== undefined) return Promise.reject(new TransportError('lost', this.#over));
    if (this.#queue.length + this.#waiting.length === 0) this.roundTrips += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.push({script, options, resolve, reject});
      if (this.#waiting.length === 1) queueMicrotask(() => this.#advance());
    });
  }

  whileOpen(): Promise<void> {
    return this.#over === undefined
      ? Promise.resolve()
      : Promise.reject(new TransportError('lost', this.#over));
  }

  resume(): void {
    this.#failed = false;
  }

  end(because: string): void {
    if (this.#over !== undefined) return;
    this.#over = because;
    const left = [...this.#queue.splice(0), ...this.#waiting.splice(0)];
    for (const {reject} of left) reject(new TransportError('lost', because));
  }

  finish(command: string, {exitCode, stderr = ''}: End): void {
    const [first] = this.#queue;
    if (first?.script.display !== command)
      throw new Error(`${command} does not run, but ${first?.script.display}`);
    const code = exitCode ?? this.#host.perform(command);
    this.#end({exitCode: code, stdout: bytes(''), stderr: bytes(stderr), truncated: false});
  }

  #fill(): void {
    while (this.#queue.length < this.#host.window) {
      const step = this.#waiting.shift();
      if (!step) return;
      if (this.#failed || step.options.begin?.() === false) step.resolve('skipped');
      else this.#queue.push(step);
    }
  }

  #advance(): void {
    this.#fill();
    const [first] = this.#queue;
    if (!first || first === this.#current) return;
    this.#current = first;
    const {display: command, wire} = first.script;
    if (this.#failed) this.#end('skipped');
    else if (wire.startsWith('look ')) this.#end(this.#look(wire));
    else if (!/^(make|drop|break|write)\b/.test(command)) this.#end(this.#other());
    else {
      this.#host.steps.push(command);
      this.#host.notify();
      if (this.#host.control(command) === 'at-once') this.finish(command, {});
    }
  }

  /** Whatever else is asked of a host when it is connected: its profile, its jobs. */
  #other(): StepResult {
    const isProfile = this.#queue[0]?.script.wire.includes('os-release') === true;
    return {
      exitCode: 0,
      stdout: isProfile ? profileRecord(this.#host) : bytes(''),
      stderr: bytes(''),
      truncated: false,
    };
  }

  #look(wire: string): StepResult {
    const names = wire.split(' ').slice(1);
    for (const name of names) this.#host.looked.add(name);
    const said = names.map((name) => (this.#host.has.has(name) ? 'yes' : 'no')).join('\n');
    return {exitCode: 0, stdout: bytes(said), stderr: bytes(''), truncated: false};
  }

  #end(result: StepResult | 'skipped'): void {
    const step = this.#queue.shift();
    if (result !== 'skipped' && result.exitCode !== 0 && step?.options.onFailure === 'skip-rest')
      this.#failed = true;
    step?.resolve(result);
    this.#host.notify();
    queueMicrotask(() => this.#advance());
  }
}

/** Connects to controlled hosts by name. */
export class ControlledTransport implements Transport {
  readonly #hosts: ReadonlyMap<string, ControlledHost>;

  constructor(hosts: readonly ControlledHost[]) {
    this.#hosts = new Map(hosts.map((host) => [host.name, host]));
  }

  connect({name}: Host): Promise<Session> {
    const host = this.#hosts.get(name);
    if (!host?.reachable) return Promise.reject(new TransportError('unreachable', `${name} does not answer`));
    host.connections += 1;
    host.session = new ControlledSession(host);
    return Promise.resolve(host.session);
  }
}
