import type {SourceRange} from '../diagnostics/source.ts';
import type {Resolution, Scope} from '../expression/scope.ts';

/** One thing that an evaluation asked its scope for, and what it was told. */
export interface Read {
  readonly path: readonly string[];
  readonly at: SourceRange;
  readonly resolution: Resolution;
}

interface Question<Result> {
  readonly path: readonly string[];
  readonly at: SourceRange;
  readonly answers: Map<unknown, Node<Result>>;
}

type Node<Result> = {readonly result: Result} | Question<Result>;

const NOT_FOUND = Symbol('not found');

/**
 * Remembers what an evaluation gave, by what it read: a thousand hosts whose variables are the same cost one
 * evaluation. Scopes must answer the same question with the very same value.
 */
export class Memo<Result> {
  #root: Node<Result> | undefined;

  of(scope: Scope, evaluate: (scope: Scope) => Result): Result {
    const known = this.#known(scope);
    if (known) return known.result;
    const recorder = new Recorder(scope);
    const result = evaluate(recorder);
    this.#remember(recorder.reads, result);
    return result;
  }

  #known(scope: Scope): {readonly result: Result} | undefined {
    let node = this.#root;
    while (node && 'path' in node) {
      node = node.answers.get(identityOf(scope.resolve(node.path, node.at)));
    }
    return node;
  }

  #remember(reads: readonly Read[], result: Result): void {
    const leaf: Node<Result> = {result};
    const [first] = reads;
    if (!first) {
      this.#root = leaf;
      return;
    }
    let question = (this.#root ??= questionOf(first));
    reads.forEach((read, index) => {
      if (!('path' in question))
        throw new Error('Internal error: an evaluation does not only depend on its reads');
      const next = reads[index + 1];
      const identity = identityOf(read.resolution);
      const answer = question.answers.get(identity) ?? (next ? questionOf<Result>(next) : leaf);
      question.answers.set(identity, answer);
      question = answer;
    });
  }
}

const questionOf = <Result>({path, at}: Read): Node<Result> => ({path, at, answers: new Map()});

const identityOf = (resolution: Resolution): unknown => (resolution.found ? resolution.value : NOT_FOUND);

/** A scope that notes each question once, in order. */
export class Recorder implements Scope {
  readonly reads: Read[] = [];
  readonly #seen = new Map<string, Resolution>();
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  resolve(path: readonly string[], at: SourceRange): Resolution {
    const key = path.join('\0');
    const seen = this.#seen.get(key);
    if (seen) return seen;
    const resolution = this.#scope.resolve(path, at);
    this.#seen.set(key, resolution);
    this.reads.push({path, at, resolution});
    return resolution;
  }

  names(): Iterable<string> {
    return this.#scope.names();
  }
}
