import type {Edge, EdgeReason} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';

/** One edge for each pair: the strictest demand, and of several reasons the one that a person wrote. */
export class EdgeList implements Iterable<Edge> {
  readonly #edges = new Map<TaskId, Map<TaskId, Edge>>();

  add(edge: Edge): void {
    const {from, to} = edge;
    const into = this.#edges.get(to) ?? new Map<TaskId, Edge>();
    this.#edges.set(to, into);
    const before = into.get(from);
    into.set(from, before ? merged(before, edge) : edge);
  }

  remove(from: TaskId, to: TaskId): void {
    this.#edges.get(to)?.delete(from);
  }

  get(from: TaskId, to: TaskId): Edge | undefined {
    return this.#edges.get(to)?.get(from);
  }

  *into(to: TaskId): Iterable<Edge> {
    yield* this.#edges.get(to)?.values() ?? [];
  }

  *[Symbol.iterator](): Iterator<Edge> {
    for (const into of this.#edges.values()) yield* into.values();
  }
}

/** What tells a reader most comes first. */
const ORDER: readonly EdgeReason['type'][] = ['output', 'needs', 'bracket', 'written-order', 'barrier'];

function merged(a: Edge, b: Edge): Edge {
  const better = ORDER.indexOf(b.because.type) < ORDER.indexOf(a.because.type) ? b : a;
  const requires = a.requires === 'success' || b.requires === 'success' ? 'success' : 'end';
  return {...better, requires};
}
