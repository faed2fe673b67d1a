interface Claim<Holder> {
  readonly names: readonly string[];
  readonly holder: Holder;
  readonly grant: () => void;
}

/** Names of which one at a time may hold each, from when it takes them until it gives all back. */
export class NamedLocks<Holder> {
  readonly #holders = new Map<string, Holder>();
  readonly #kept = new Map<string, Holder>();
  #claims: Claim<Holder>[] = [];

  /** All of them at once, so that nobody waits in a ring; in the order of who asks. Who has them already goes on. */
  take(names: readonly string[], holder: Holder): Promise<void> {
    return new Promise((grant) => {
      this.#claims.push({names, holder, grant});
      this.#review();
    });
  }

  release(holder: Holder): void {
    for (const [name, each] of this.#holders) if (each === holder) this.#holders.delete(name);
    this.#review();
  }

  /** Others get them, and are told that they are not to be used: what they guard may be half done. */
  keep(names: readonly string[], holder: Holder): void {
    for (const name of names) this.#kept.set(name, holder);
  }

  /** Who has kept one of them. */
  keeperOf(names: readonly string[]): Holder | undefined {
    return names.map((name) => this.#kept.get(name)).find((holder) => holder !== undefined);
  }

  #review(): void {
    for (const claim of this.#claims.splice(0)) {
      const {names, holder, grant} = claim;
      if (names.some((name) => (this.#holders.get(name) ?? holder) !== holder)) this.#claims.push(claim);
      else {
        for (const name of names) this.#holders.set(name, holder);
        grant();
      }
    }
  }
}
