import type {EdgeReason, Requirement} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';

/** What edges lead to and from, while the graph is made: the things themselves, so that no id is looked up. */
export interface DraftNode {
  readonly id: TaskId;
  /** What it waits for. Only the list of edges adds to it. */
  into: readonly DraftEdge[];
  /** In the order in which all could run one after the other. */
  place: number;
}

export interface DraftEdge {
  readonly from: DraftNode;
  readonly requires: Requirement;
  readonly because: EdgeReason;
}

/** From here on a list is looked through by a map: most tasks wait for one other, a few for thousands. */
const MANY = 8;

/** One edge for each pair: the strictest demand, and of several reasons the one that a person wrote. */
export class EdgeList {
  readonly #many = new Map<DraftNode, Map<DraftNode, DraftEdge>>();

  add(to: DraftNode, edge: DraftEdge): void {
    const {into} = to;
    if (into.length < MANY) to.into = into.length === 0 ? [edge] : withEdge(into, edge);
    else this.#addToMany(to, edge);
  }

  #addToMany(to: DraftNode, edge: DraftEdge): void {
    const many = this.#many.get(to) ?? new Map(to.into.map((each) => [each.from, each]));
    this.#many.set(to, many);
    const before = many.get(edge.from);
    many.set(edge.from, before ? merged(before, edge) : edge);
  }

  /** Those who wait for thousands get their edges at the end. */
  close(): void {
    for (const [node, edges] of this.#many) node.into = [...edges.values()];
    this.#many.clear();
  }
}

function withEdge(into: readonly DraftEdge[], edge: DraftEdge): readonly DraftEdge[] {
  const place = into.findIndex(({from}) => from === edge.from);
  const before = into[place];
  return before ? into.with(place, merged(before, edge)) : [...into, edge];
}

/** What tells a reader most comes first. */
const ORDER: readonly EdgeReason['type'][] = ['output', 'needs', 'bracket', 'written-order', 'barrier'];

const STRICTNESS: readonly Requirement[] = ['end', 'no-failure', 'success'];

function merged(a: DraftEdge, b: DraftEdge): DraftEdge {
  const better = ORDER.indexOf(b.because.type) < ORDER.indexOf(a.because.type) ? b : a;
  const isStricter = STRICTNESS.indexOf(a.requires) > STRICTNESS.indexOf(b.requires);
  return {...better, requires: isStricter ? a.requires : b.requires};
}
