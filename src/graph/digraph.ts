/** A directed graph over ids that knows nothing of what they stand for. Nodes keep the order in which they came. */
export class Digraph<Id extends string = string> {
  readonly #indexes = new Map<Id, number>();
  readonly #ids: Id[] = [];
  readonly #successors: number[][] = [];
  readonly #predecessors: number[][] = [];

  constructor(ids: Iterable<Id> = [], edges: Iterable<readonly [from: Id, to: Id]> = []) {
    for (const id of ids) this.addNode(id);
    for (const [from, to] of edges) this.addEdge(from, to);
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** In the order in which they came. */
  get ids(): readonly Id[] {
    return this.#ids;
  }

  /** Adding a node twice changes nothing. */
  addNode(id: Id): number {
    const known = this.#indexes.get(id);
    if (known !== undefined) return known;
    this.#indexes.set(id, this.#ids.length);
    this.#successors.push([]);
    this.#predecessors.push([]);
    return this.#ids.push(id) - 1;
  }

  /** Adds the ends where they are not there. */
  addEdge(from: Id, to: Id): void {
    const [source, target] = [this.addNode(from), this.addNode(to)];
    this.#successors[source]?.push(target);
    this.#predecessors[target]?.push(source);
  }

  has(id: Id): boolean {
    return this.#indexes.has(id);
  }

  successors(id: Id): readonly Id[] {
    return this.after(this.indexOf(id)).map((index) => this.idAt(index));
  }

  predecessors(id: Id): readonly Id[] {
    return this.before(this.indexOf(id)).map((index) => this.idAt(index));
  }

  /** The place of a node in the order of insertion: what the algorithms compute with. */
  indexOf(id: Id): number {
    const index = this.#indexes.get(id);
    if (index === undefined) throw new Error(`Internal error: ${id} is not in the graph`);
    return index;
  }

  idAt(index: number): Id {
    const id = this.#ids[index];
    if (id === undefined) throw new Error(`Internal error: the graph has no node ${index}`);
    return id;
  }

  /** The indexes of the successors. */
  after(index: number): readonly number[] {
    return this.#successors[index] ?? [];
  }

  /** The indexes of the predecessors. */
  before(index: number): readonly number[] {
    return this.#predecessors[index] ?? [];
  }
}
