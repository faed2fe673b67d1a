import type {PlayNode} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';

/** `stopped`: there will be no slot any more. `ring`: who keeps them waits for who asks. */
export type Grant = 'granted' | 'stopped' | 'ring';

/**
 * The slots of one play: taken before a host's first change that takes it away from its users, kept until its
 * gate has passed. A host that failed, or could not be reached, counts as unavailable for good.
 */
export class Slots {
  readonly #play: PlayNode;
  readonly #holders = new Set<HostName>();
  readonly #down = new Set<HostName>();
  readonly #started = new Set<HostName>();
  #waiting: {readonly host: HostName; readonly tell: (answer: Grant) => void}[] = [];
  #stopped = false;

  constructor(play: PlayNode, unreachable: readonly HostName[]) {
    this.#play = play;
    for (const host of unreachable) if (play.hosts.includes(host)) this.#down.add(host);
    this.#judge();
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** The hosts of the play that failed or were not reached. */
  get down(): readonly HostName[] {
    return [...this.#down];
  }

  holds(host: HostName): boolean {
    return this.#play.rollout.maxUnavailable === undefined || this.#holders.has(host);
  }

  /** Whether the host may begin with changes in this play. */
  admits(host: HostName): boolean {
    return !this.#stopped || this.#started.has(host);
  }

  start(host: HostName): void {
    this.#started.add(host);
  }

  /** Waits for a free slot. */
  acquire(host: HostName): Promise<Grant> {
    if (this.holds(host)) return Promise.resolve('granted');
    return new Promise((tell) => {
      this.#waiting.push({host, tell});
      this.#grant();
    });
  }

  /** The host is done with the play, and well. */
  release(host: HostName): void {
    if (this.#down.has(host)) return;
    this.#holders.delete(host);
    this.#grant();
  }

  /** The host failed: it keeps its slot. Says whether that stopped the play just now. */
  fail(host: HostName): boolean {
    const before = this.#stopped;
    this.#down.add(host);
    this.#judge();
    this.#grant();
    return this.#stopped && !before;
  }

  /** Sends all who wait away. */
  close(): void {
    for (const {tell} of this.#waiting.splice(0)) tell('stopped');
  }

  /** Sends the first who waits away, since nobody would ever give it a slot. Says whether there was one. */
  breakRing(): boolean {
    const first = this.#waiting.shift();
    first?.tell('ring');
    return first !== undefined;
  }

  #judge(): void {
    const {maxFailures, onFailure} = this.#play.rollout;
    const allowed = onFailure === 'stop' ? 0 : (maxFailures?.of(this.#play.hosts.length) ?? Infinity);
    if (this.#down.size > allowed) this.#stopped = true;
  }

  #grant(): void {
    const total = this.#play.rollout.maxUnavailable?.of(this.#play.hosts.length) ?? Infinity;
    if (this.#down.size >= total) return this.close(); // Nobody will ever give one back.
    let taken = new Set([...this.#holders, ...this.#down]).size;
    for (const each of this.#waiting.splice(0)) {
      // One host may wait more than once: its tasks can run at several places.
      if (!this.admits(each.host)) each.tell('stopped');
      else if (!this.#holders.has(each.host) && taken >= total) this.#waiting.push(each);
      else {
        if (!this.#holders.has(each.host) && !this.#down.has(each.host)) taken += 1;
        this.#holders.add(each.host);
        each.tell('granted');
      }
    }
  }
}
