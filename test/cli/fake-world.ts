import type {World} from '../../src/cli/world.ts';

/** A machine to type commands on: its answers are prepared, what it shows is kept. */
export class FakeWorld implements World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isInteractive: boolean;
  readonly questions: string[] = [];
  readonly #answers: (string | undefined)[];
  readonly #listeners = new Set<() => void>();
  #shown = {out: '', err: ''};

  constructor(
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly isInteractive?: boolean;
      readonly answers?: readonly (string | undefined)[];
    } = {},
  ) {
    this.env = options.env ?? {};
    this.isInteractive = options.isInteractive ?? false;
    this.#answers = [...(options.answers ?? [])];
  }

  readonly out = this.#output('out');
  readonly err = this.#output('err');

  /** All that was written to stdout. */
  get stdout(): string {
    return this.#shown.out;
  }

  get stderr(): string {
    return this.#shown.err;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  ask(question: string): Promise<string | undefined> {
    this.questions.push(question);
    return Promise.resolve(this.#answers.shift());
  }

  askSecret(question: string): Promise<string | undefined> {
    return this.ask(question);
  }

  onInterrupt(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  interrupt(): void {
    for (const listener of this.#listeners) listener();
  }

  #output(name: 'out' | 'err'): World['out'] {
    return {
      write: (text) => {
        this.#shown = {...this.#shown, [name]: this.#shown[name] + text};
      },
      isTTY: false,
      size: () => ({columns: 80, rows: 24}),
    };
  }
}
