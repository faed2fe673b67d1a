import {parseDuration} from '../base/duration.ts';
import type {TaskTemplate} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {evaluate} from '../expression/evaluate.ts';
import type {Scope} from '../expression/scope.ts';
import {resolveNow} from '../expression/staged.ts';
import {isMap} from '../expression/values.ts';
import type {Retries} from '../model/graph.ts';
import type {YamlNode} from '../yaml/node.ts';

/** What the engine's own words say about a task. */
export interface EngineWords {
  readonly become: boolean | string | undefined;
  readonly retries: Retries;
  readonly timeoutMs: number;
  readonly locks: readonly string[];
  /** The pattern of hosts that it is delegated to. */
  readonly delegateTo: string | undefined;
}

/** Long enough for a package manager, short enough to notice what hangs. */
const TIMEOUT_MS = 600_000;
const NO_RETRIES: Retries = {count: 0, delayMs: 0};
const RETRY_DELAY_MS = 1_000;

/** They have to be known before any host is, because the order of a run depends on them. */
export function engineWords(template: TaskTemplate, scope: Scope, problems: Problems): EngineWords {
  const read = new Words(scope, problems);
  return {
    become: read.word(template.become, BECOME),
    retries: read.word(template.retries, RETRIES) ?? NO_RETRIES,
    timeoutMs: read.word(template.timeout, DURATION) ?? TIMEOUT_MS,
    locks: read.word(template.locks, NAMES) ?? [],
    delegateTo: read.word(template.delegateTo, NAME),
  };
}

interface Word<Value> {
  readonly is: string;
  parse(value: unknown): Value | undefined;
}

class Words {
  readonly #scope: Scope;
  readonly #problems: Problems;

  constructor(scope: Scope, problems: Problems) {
    this.#scope = scope;
    this.#problems = problems;
  }

  word<Value>(node: YamlNode | undefined, word: Word<Value>): Value | undefined {
    if (!node) return undefined;
    const value = evaluate(node, this.#scope, this.#problems);
    if (value.stage !== 'static') {
      this.#problems.report('E403', {
        range: node.range,
        detail: 'This has to be known before any host is, and it depends on one.',
      });
      return undefined;
    }
    const now = resolveNow(value);
    const parsed = now.ok ? word.parse(now.value) : undefined;
    if (now.ok && parsed === undefined)
      this.#problems.report('E105', {range: node.range, detail: `This must be ${word.is}.`});
    return parsed;
  }
}

const BECOME: Word<boolean | string> = {
  is: 'true, false or the name of a user',
  parse: (value) => (typeof value === 'boolean' || isName(value) ? value : undefined),
};

const NAME: Word<string> = {
  is: 'a pattern of hosts',
  parse: (value) => (isName(value) ? value : undefined),
};

const NAMES: Word<readonly string[]> = {
  is: 'a name or a list of names',
  parse: (value) => {
    const names = Array.isArray(value) ? value : [value];
    return names.every(isName) ? names : undefined;
  },
};

const DURATION: Word<number> = {
  is: 'a duration such as 90s or 5m',
  parse: (value) =>
    typeof value === 'number' || typeof value === 'string' ? parseDuration(value) : undefined,
};

const RETRIES: Word<Retries> = {
  is: 'how often it is tried again: a number, or {count: 3, delay: 10s}',
  parse: (value) => {
    const {count, delay = RETRY_DELAY_MS / 1_000} = isMap(value) ? value : {count: value};
    const delayMs = DURATION.parse(delay);
    const times = Number(count);
    return Number.isInteger(times) && times >= 0 && delayMs !== undefined
      ? {count: times, delayMs}
      : undefined;
  },
};

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
