/** Names of which one task in the whole run may hold each. Taken in one order, so that nobody waits in a ring. */
export class NamedLocks {
  readonly #tails = new Map<string, Promise<void>>();

  async holding<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const [first, ...rest] = [...new Set(names)].sort();
    if (first === undefined) return work();
    const before = this.#tails.get(first) ?? Promise.resolve();
    const mine = before.then(() => this.holding(rest, work));
    this.#tails.set(first, mine.then(noop, noop));
    return mine;
  }
}

const noop = (): void => undefined;
