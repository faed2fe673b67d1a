import {didYouMean} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {type FactQuery, idOf} from '../model/fact.ts';

/** An answer that a test tells of a host. */
export interface ToldFact {
  /** Kind and key of the question; `*` stands for any text. */
  readonly name: string;
  readonly value: unknown;
  readonly at: SourceRange;
}

/** What a test tells of one host, and what was asked of it. */
export class ToldFacts {
  readonly #exact: ReadonlyMap<string, ToldFact>;
  readonly #patterns: readonly {readonly told: ToldFact; readonly pattern: RegExp}[];
  readonly #asked = new Map<string, string>();
  readonly #used = new Set<ToldFact>();

  constructor(facts: readonly ToldFact[]) {
    this.#exact = new Map(facts.map((told) => [told.name, told]));
    this.#patterns = facts
      .filter(({name}) => name.includes('*'))
      .map((told) => ({told, pattern: patternOf(told.name)}));
  }

  /** The very question is told before one that only has its pattern, and of patterns the first. */
  find(query: FactQuery): ToldFact | undefined {
    const id = idOf(query);
    this.#asked.set(id, query.kind.name);
    const told = this.#exact.get(id) ?? this.#patterns.find(({pattern}) => pattern.test(id))?.told;
    if (told) this.#used.add(told);
    return told;
  }

  /** What nobody asked for is a test of something that the role does no longer: it would pass whatever happens. */
  reportUnused(host: string, problems: Problems): void {
    const unused = [...this.#exact.values()].filter((told) => !this.#used.has(told));
    for (const {name, at} of unused) {
      const detail = `No task of this test asks ${host} for "${name}", so it changes nothing.`;
      problems.report('E408', {range: at, detail, hint: this.#hintFor(name)});
    }
  }

  #hintFor(name: string): string {
    const [kind = ''] = name.split(' ', 1);
    const ofKind = [...this.#asked].filter(([, asked]) => asked === kind).map(([id]) => shortened(id));
    if (ofKind.length === 0) {
      const kinds = new Set(this.#asked.values());
      const near = kinds.has(kind) ? undefined : didYouMean(kind, kinds);
      return near ?? `Kinds that it is asked for: ${[...kinds].toSorted().join(', ') || 'none'}.`;
    }
    const shown = ofKind.slice(0, MOST_SHOWN).join(', ');
    const more = ofKind.length > MOST_SHOWN ? ` and ${ofKind.length - MOST_SHOWN} more` : '';
    return didYouMean(name, ofKind) ?? `It is asked for ${shown}${more}.`;
  }
}

/** More would hide the mistake itself. */
const MOST_SHOWN = 8;
/** Some keys are whole programs. */
const LONGEST_NAME = 100;

const shortened = (id: string): string =>
  id.length > LONGEST_NAME || id.includes('\n')
    ? `${(id.split('\n', 1)[0] ?? '').slice(0, LONGEST_NAME)}*`
    : id;

function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`);
}
