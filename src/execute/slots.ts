import type {PlayNode} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';

/**
 * The slots of one play: taken before a host's first change that takes it away from its users, kept until its
 * gate has passed. A host that failed, or could not be reached, counts as unavailable for good.
 */
export class Slots {
  readonly #play: PlayNode;
  readonly #holders = new Set<HostName>();
  readonly #down = new Set<HostName>();
  readonly #started = new Set<HostName>();
  #waiting: {readonly host: HostName; readonly tell: (granted: boolean) => void}[] = [];
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

  /** Waits for a free slot. `false`: there will be none, or the play was stopped. */
  acquire(host: HostName): Promise<boolean> {
    if (this.holds(host)) return Promise.resolve(true);
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
    for (const {tell} of this.#waiting.splice(0)) tell(false);
  }

  #judge(): void {
    const {maxFailures, onFailure} = this.#play.rollout;
    const allowed = onFailure === 'stop' ? 0 : (maxFailures?.of(this.#play.hosts.length) ?? Infinity);
    if (this.#down.size > allowed) this.#stopped = true;
  }

  #grant(): void {
    const total = this.#play.rollout.maxUnavailable?.of(this.#play.hosts.length) ?? Infinity;
    if (this.#down.size >= total) return this.close(); // Nobody will ever give one back.
    while (this.#waiting.length > 0 && new Set([...this.#holders, ...this.#down]).size < total) {
      const [next] = this.#waiting.splice(0, 1);
      if (next && !this.admits(next.host)) next.tell(false);
      else if (next) {
        this.#holders.add(next.host);
        next.tell(true);
      }
    }
    if (this.#stopped) this.#dismiss();
  }

  /** In a stopped play only those that had begun go on. */
  #dismiss(): void {
    const gone = this.#waiting.filter(({host}) => !this.admits(host));
    this.#waiting = this.#waiting.filter(({host}) => this.admits(host));
    for (const {tell} of gone) tell(false);
  }
}
