import type {FactStore} from '../facts/fact-store.ts';
import type {Answer} from '../model/answer.ts';
import type {PendingChange} from '../model/change.ts';
import {ANYTHING, covers, type Fact, type FactQuery, type Facts, idOf, type Subject} from '../model/fact.ts';
import type {HostName, TaskId} from '../model/names.ts';

/** What a change, or a task that is not decided yet, does to the facts behind it. */
interface Effect {
  readonly by: TaskId;
  readonly touches: readonly Subject[] | 'everything';
  readonly predicts: ReadonlyMap<string, Fact>;
}

/** The facts of all hosts as they will read behind the changes so far. */
export class Outlook {
  readonly #hosts = new Map<HostName, Effects>();
  readonly #cluster = new Effects();
  readonly #views = new Map<FactStore, Facts>();

  expect(where: HostName, {touches, predicts}: PendingChange, by: TaskId): void {
    this.#add(where, {by, touches, predicts: new Map(predicts.map((each) => [idOf(each.query), each]))});
  }

  /** A task that is decided later may touch what its type says, and predicts nothing. */
  expectAnything(where: HostName, touches: readonly Subject[] | 'everything', by: TaskId): void {
    this.#add(where, {by, touches, predicts: new Map()});
  }

  /** The changes that may alter one of the answers in a way that is not predicted. */
  openBy(where: HostName, queries: readonly FactQuery[]): readonly TaskId[] {
    const open: TaskId[] = [];
    for (const query of queries) {
      const last = this.#effects(where, query.subject)?.last(query.subject);
      if (last && !last.predicts.has(idOf(query)) && !open.includes(last.by)) open.push(last.by);
    }
    return open;
  }

  /** Tasks look at one host by the hundred: one view serves them all. */
  view(where: HostName, store: FactStore): Facts {
    const known = this.#views.get(store) ?? this.#viewOf(where, store);
    this.#views.set(store, known);
    return known;
  }

  #viewOf(where: HostName, store: FactStore): Facts {
    return {
      get: <Value>(query: FactQuery<Value>): Answer<Value> => {
        const last = this.#effects(where, query.subject)?.last(query.subject);
        const predicted = last?.predicts.get(idOf(query));
        return predicted ? (predicted.answer as Answer<Value>) : store.get(query); // An id belongs to one kind.
      },
    };
  }

  #effects(where: HostName, subject: Subject): Effects | undefined {
    return subject.startsWith('cluster:') ? this.#cluster : this.#hosts.get(where);
  }

  #add(where: HostName, effect: Effect): void {
    const effects = this.#hosts.get(where) ?? new Effects();
    this.#hosts.set(where, effects);
    effects.add(effect);
    const {touches} = effect;
    if (touches === 'everything' || touches.some((subject) => subject.startsWith('cluster:'))) {
      this.#cluster.add(effect);
    }
  }
}

/** Effects in order, found by what they touch: hundreds of tasks ask hundreds of questions. */
class Effects {
  readonly #all: Effect[] = [];
  readonly #bySubject = new Map<Subject, number>();
  /** Where `tree:` subjects are: few, and each may cover any path. */
  readonly #trees = new Map<Subject, number>();
  #everything = -1;

  add(effect: Effect): void {
    if (effect.touches.length === 0) return;
    const index = this.#all.push(effect) - 1;
    if (effect.touches === 'everything') {
      this.#everything = index;
      return;
    }
    for (const subject of effect.touches) {
      this.#bySubject.set(subject, index);
      if (subject.startsWith('tree:')) this.#trees.set(subject, index);
    }
  }

  /** The latest effect that touches what is asked. */
  last(asked: Subject): Effect | undefined {
    if (asked === ANYTHING) return this.#all.at(-1);
    let found = Math.max(this.#everything, this.#bySubject.get(asked) ?? -1);
    const candidates = asked.startsWith('tree:') ? this.#bySubject : this.#trees;
    for (const [subject, index] of candidates) if (index > found && covers(subject, asked)) found = index;
    return this.#all[found];
  }
}
