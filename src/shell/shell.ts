import type {Script} from '../base/script.ts';

/** What one step printed and how it ended. Bytes, capped: a host's output may be huge, binary or hostile. */
export interface StepResult {
  /** 0 is success; above 128 a signal, normalised over shells. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Whether more was printed than the cap kept. */
  readonly truncated: boolean;
}

export interface SendOptions {
  /** `skip-rest`: where it fails, the shell skips all that was sent behind it, until `resume`. */
  readonly onFailure: 'skip-rest' | 'go-on';
  /** Counted from when the step is the first in flight. */
  readonly timeoutMs?: number;
  /** Asked when the step is about to leave for the host. `false`: it stays here, and counts as skipped. */
  readonly begin?: () => boolean;
}

/**
 * A resident shell on one host, as one user. Steps run in the order in which they are sent. A promise rejects
 * with a `TransportError` when the connection is lost or the step timed out (then the shell is gone, and a new
 * one must be asked for).
 */
export interface Shell {
  /** Sends a step without waiting for those before it. `skipped` behind a failed one. */
  send(script: Script, options: SendOptions): Promise<StepResult | 'skipped'>;
  /** Ends the skipping. */
  resume(): void;
  /** How often the host had nothing left to do while it waited for us. */
  readonly roundTrips: number;
}
