import type {Edge, EdgeReason} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';

/** What edges lead to and from, while the graph is made: the things themselves, so that no id is looked up. */
export interface DraftNode {
  readonly id: TaskId;
  /** What it waits for. Only the list of edges adds to it. */
  into: DraftEdge[];
  /** In the order in which all could run one after the other. */
  place: number;
}

export interface DraftEdge {
  readonly from: DraftNode;
  readonly requires: Edge['requires'];
  readonly because: EdgeReason;
}

/** From here on a list is looked through by a map: most tasks wait for one other, a few for thousands. */
const MANY = 8;

/** One edge for each pair: the strictest demand, and of several reasons the one that a person wrote. */
export class EdgeList {
  readonly #places = new Map<DraftNode, Map<DraftNode, number>>();

  add(to: DraftNode, edge: DraftEdge): void {
    const {into} = to;
    const place = this.#placeOf(edge.from, to);
    const before = into[place];
    if (before) into[place] = merged(before, edge);
    else {
      this.#places.get(to)?.set(edge.from, into.length);
      into.push(edge);
    }
  }

  #placeOf(from: DraftNode, to: DraftNode): number {
    const {into} = to;
    if (into.length < MANY) return into.findIndex((edge) => edge.from === from);
    const places = this.#places.get(to) ?? new Map(into.map((edge, place) => [edge.from, place]));
    this.#places.set(to, places);
    return places.get(from) ?? -1;
  }
}

/** What tells a reader most comes first. */
const ORDER: readonly EdgeReason['type'][] = ['output', 'needs', 'bracket', 'written-order', 'barrier'];

function merged(a: DraftEdge, b: DraftEdge): DraftEdge {
  const better = ORDER.indexOf(b.because.type) < ORDER.indexOf(a.because.type) ? b : a;
  const requires = a.requires === 'success' || b.requires === 'success' ? 'success' : 'end';
  return {...better, requires};
}
