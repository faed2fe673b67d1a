import type {Event, Listener} from '../model/event.ts';

/** Somewhere that events go. */
export interface Reporter {
  /** Must not throw, must not wait. */
  readonly listen: Listener;
  /** Writes what is left. Called once, after the last event. */
  close(): Promise<void>;
}

/** Where a reporter writes. */
export type Write = (text: string) => void;

/** Several reporters as one. */
export const together = (reporters: readonly Reporter[]): Reporter => ({
  listen: (event: Event) => {
    for (const reporter of reporters) reporter.listen(event);
  },
  close: async () => {
    await Promise.all(reporters.map((reporter) => reporter.close()));
  },
});
