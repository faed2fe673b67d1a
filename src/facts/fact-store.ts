import {type Answer, unknown} from '../model/answer.ts';
import {covers, type Fact, type FactQuery, type Facts, idOf, type Subject} from '../model/fact.ts';

/**
 * What is known of one host, as one user sees it. Later facts replace earlier ones. By kind, then key: to join the
 * two for each of many look-ups would be most of what these cost.
 */
export class FactStore implements Facts {
  readonly #facts = new Map<string, Map<string, Fact>>();

  constructor(facts: Iterable<Fact> = []) {
    this.learn(facts);
  }

  learn(facts: Iterable<Fact>): void {
    for (const each of facts) {
      const {kind, key} = each.query;
      const known = this.#facts.get(kind.name) ?? new Map<string, Fact>();
      this.#facts.set(kind.name, known.set(key, each));
    }
  }

  /** Drops what an alteration may have made wrong. What could not be looked at may be seen behind any of them. */
  forget(touched: readonly Subject[] | 'everything'): void {
    if (touched === 'everything') return this.#facts.clear();
    if (touched.length === 0) return;
    for (const {query, answer} of this.all()) {
      const isTouched = touched.some((subject) => covers(subject, query.subject));
      if (isTouched || answer.state === 'unknown') this.#facts.get(query.kind.name)?.delete(query.key);
    }
  }

  all(): readonly Fact[] {
    return [...this.#facts.values()].flatMap((known) => [...known.values()]);
  }

  has(query: FactQuery): boolean {
    return this.#find(query) !== undefined;
  }

  get<Value>(query: FactQuery<Value>): Answer<Value> {
    const found = this.#find(query);
    if (!found) throw new Error(`Internal error: a resource reads ${idOf(query)}, which it did not ask for`);
    return found.answer as Answer<Value>; // Kind and key belong together, and the kind made the answer.
  }

  /** For what may not have been asked: a preview. */
  peek<Value>(query: FactQuery<Value>): Answer<Value> {
    return this.has(query) ? this.get(query) : unknown('not asked');
  }

  #find({kind, key}: FactQuery): Fact | undefined {
    return this.#facts.get(kind.name)?.get(key);
  }
}
