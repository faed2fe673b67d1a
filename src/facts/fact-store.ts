import {type Answer, unknown} from '../model/answer.ts';
import {covers, type Fact, type FactQuery, type Facts, idOf, type Subject} from '../model/fact.ts';

/** What is known of one host, as one user sees it. Later facts replace earlier ones. */
export class FactStore implements Facts {
  readonly #facts = new Map<string, Fact>();

  constructor(facts: Iterable<Fact> = []) {
    this.learn(facts);
  }

  learn(facts: Iterable<Fact>): void {
    for (const each of facts) this.#facts.set(idOf(each.query), each);
  }

  /** Drops what an alteration may have made wrong. What could not be looked at may be seen behind any of them. */
  forget(touched: readonly Subject[] | 'everything'): void {
    if (touched === 'everything') return this.#facts.clear();
    if (touched.length === 0) return;
    for (const [id, {query, answer}] of this.#facts) {
      const isTouched = touched.some((subject) => covers(subject, query.subject));
      if (isTouched || answer.state === 'unknown') this.#facts.delete(id);
    }
  }

  all(): readonly Fact[] {
    return [...this.#facts.values()];
  }

  has(query: FactQuery): boolean {
    return this.#facts.has(idOf(query));
  }

  get<Value>(query: FactQuery<Value>): Answer<Value> {
    const found = this.#facts.get(idOf(query));
    if (!found) throw new Error(`Internal error: a resource reads ${idOf(query)}, which it did not ask for`);
    return found.answer as Answer<Value>; // An id belongs to one kind, and the kind made the answer.
  }

  /** For what may not have been asked: a preview. */
  peek<Value>(query: FactQuery<Value>): Answer<Value> {
    return this.has(query) ? this.get(query) : unknown('not asked');
  }
}
