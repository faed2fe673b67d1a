/** Numbers of which the smallest comes first. */
export class IndexHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    let hole = this.#items.push(item) - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#at(parent) <= item) break;
      this.#items[hole] = this.#at(parent);
      hole = parent;
    }
    this.#items[hole] = item;
  }

  pop(): number | undefined {
    const smallest = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return smallest;
  }

  #sink(item: number): void {
    let hole = 0;
    for (;;) {
      const child = this.#smallerChild(hole);
      if (child === undefined || this.#at(child) >= item) break;
      this.#items[hole] = this.#at(child);
      hole = child;
    }
    this.#items[hole] = item;
  }

  #smallerChild(hole: number): number | undefined {
    const [left, right] = [2 * hole + 1, 2 * hole + 2];
    if (left >= this.#items.length) return undefined;
    return right < this.#items.length && this.#at(right) < this.#at(left) ? right : left;
  }

  #at(index: number): number {
    return this.#items[index] ?? Number.POSITIVE_INFINITY;
  }
}
