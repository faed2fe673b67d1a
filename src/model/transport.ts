import type {Host} from './host.ts';

/** Why a host cannot be talked to. */
export class TransportError extends Error {
  readonly reason: TransportReason;
  readonly hint: string | undefined;

  constructor(reason: TransportReason, message: string, hint?: string) {
    super(message);
    this.name = 'TransportError';
    this.reason = reason;
    this.hint = hint;
  }
}

export type TransportReason =
  | 'unreachable'
  | 'host-key'
  | 'authentication'
  | 'become'
  | 'lost'
  | 'timed-out'
  | 'missing-tool';

export const isTransportError = (error: unknown): error is TransportError => error instanceof TransportError;

/** Who is talked to, in messages. */
export const addressOf = ({name, connection}: Host): string =>
  connection.transport === 'local' ? name : `${name} (${connection.address}:${connection.port})`;
