import type {Code} from '../diagnostics/codes.ts';
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

  /** Under which the manual tells more. */
  get code(): Code {
    return CODES_BY_REASON[this.reason];
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

const CODES_BY_REASON: Readonly<Record<TransportReason, Code>> = {
  unreachable: 'E801',
  lost: 'E801',
  'timed-out': 'E801',
  'host-key': 'E802',
  authentication: 'E803',
  become: 'E804',
  'missing-tool': 'E807',
};

export const isTransportError = (error: unknown): error is TransportError => error instanceof TransportError;

/** Who is talked to, in messages. */
export const addressOf = ({name, connection}: Host): string =>
  connection.transport === 'local' ? name : `${name} (${connection.address}:${connection.port})`;
