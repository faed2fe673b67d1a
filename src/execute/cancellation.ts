export type CancelState = 'running' | 'stopping' | 'killing';

/** Ctrl-C. The first request lets finish what runs and starts nothing new; the second ends it on the hosts too. */
export class Cancellation {
  #state: CancelState = 'running';
  readonly #listeners: ((state: CancelState) => void)[] = [];

  get state(): CancelState {
    return this.#state;
  }

  request(): void {
    if (this.#state === 'killing') return;
    this.#state = this.#state === 'running' ? 'stopping' : 'killing';
    for (const listener of this.#listeners) listener(this.#state);
  }

  onChange(listener: (state: CancelState) => void): void {
    this.#listeners.push(listener);
  }

  /** Ends after the time, or as soon as something is cancelled. */
  delay(ms: number): Promise<void> {
    if (this.#state !== 'running') return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.onChange(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
