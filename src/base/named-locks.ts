/** Names of which one at a time may hold each. Taken in one order, so that nobody waits in a ring. */
export class NamedLocks<Holder> {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #kept = new Map<string, Holder>();

  async holding<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const [first, ...rest] = [...new Set(names)].sort();
    if (first === undefined) return work();
    const before = this.#tails.get(first) ?? Promise.resolve();
    const mine = before.then(() => this.holding(rest, work));
    this.#tails.set(first, mine.then(noop, noop));
    return mine;
  }

  /** They are not given back: what they guard may be half done. */
  keep(names: readonly string[], holder: Holder): void {
    for (const name of names) this.#kept.set(name, holder);
  }

  /** Who has kept one of them. */
  keeperOf(names: readonly string[]): Holder | undefined {
    return names.map((name) => this.#kept.get(name)).find((holder) => holder !== undefined);
  }
}

const noop = (): void => undefined;
