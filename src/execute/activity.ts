import {withResolvers} from '../base/with-resolvers.ts';

/**
 * Counts who works. Where nobody does any more and somebody still waits, they wait for each other, and would do
 * so for ever.
 */
export class Activity {
  readonly #onStall: () => void;
  readonly #hopeless = withResolvers<never>();
  #working = 0;
  #waiting = 0;

  /** `onStall` lets somebody go on, or throws what all who wait are told then. */
  constructor(onStall: () => void) {
    this.#onStall = onStall;
    this.#hopeless.promise.catch(() => undefined); // Nobody may be waiting when it is said.
  }

  async working<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#working += 1;
    try {
      return await work();
    } finally {
      this.#working -= 1;
      this.#review();
    }
  }

  /** Of somebody who works otherwise. */
  async waiting<Result>(end: Promise<Result>): Promise<Result> {
    this.#working -= 1;
    this.#waiting += 1;
    this.#review();
    try {
      return await Promise.race([end, this.#hopeless.promise]);
    } finally {
      this.#waiting -= 1;
      this.#working += 1;
    }
  }

  /** Behind all that is about to go on: who was woken works again by then. */
  #review(): void {
    if (this.#working === 0 && this.#waiting > 0) setImmediate(() => this.#judge());
  }

  #judge(): void {
    if (this.#working > 0 || this.#waiting === 0) return;
    try {
      this.#onStall();
    } catch (error) {
      this.#hopeless.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
