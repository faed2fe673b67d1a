import {withResolvers} from '../base/with-resolvers.ts';

export type CancelState = 'running' | 'stopping' | 'killing';

/** Ctrl-C. The first request lets finish what runs and starts nothing new; the second ends it on the hosts too. */
export class Cancellation {
  #state: CancelState = 'running';
  readonly #listeners = new Set<(state: CancelState) => void>();

  get state(): CancelState {
    return this.#state;
  }

  request(): void {
    if (this.#state === 'killing') return;
    this.#state = this.#state === 'running' ? 'stopping' : 'killing';
    for (const listener of this.#listeners) listener(this.#state);
  }

  onChange(listener: (state: CancelState) => void): void {
    this.#listeners.add(listener);
  }

  /** Ends after the time, or as soon as so much is cancelled. */
  async delay(ms: number, until: Exclude<CancelState, 'running'>): Promise<void> {
    const {promise, resolve} = withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const review = (): void => {
      if (this.#state === until || this.#state === 'killing') resolve();
    };
    review();
    this.#listeners.add(review);
    await promise;
    clearTimeout(timer);
    this.#listeners.delete(review);
  }
}
