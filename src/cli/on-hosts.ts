import pLimit from 'p-limit';
import {visibleLine} from '../base/visible.ts';
import type {Host} from '../model/host.ts';
import {isTransportError, type TransportError} from '../model/transport.ts';
import type {Palette} from '../report/palette.ts';
import type {Session, Transport} from '../shell/session.ts';
import {EXIT} from './exit-codes.ts';

/** What one host answered, or why it could not. */
export type HostAnswer<Value> =
  | {readonly host: Host; readonly ok: true; readonly value: Value}
  | {readonly host: Host; readonly ok: false; readonly error: TransportError};

export interface OnHosts {
  readonly hosts: readonly Host[];
  readonly transport: Transport;
  readonly forks: number;
}

/** Does something on all hosts at once; `tell` hears of each as soon as it has answered. */
export async function onHosts<Value>(
  {hosts, transport, forks}: OnHosts,
  work: (session: Session, host: Host) => Promise<Value>,
  tell: (answer: HostAnswer<Value>) => void,
): Promise<readonly HostAnswer<Value>[]> {
  const limit = pLimit(forks);
  return Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const answer = await answerOf(host, transport, work);
        tell(answer);
        return answer;
      }),
    ),
  );
}

async function answerOf<Value>(
  host: Host,
  transport: Transport,
  work: (session: Session, host: Host) => Promise<Value>,
): Promise<HostAnswer<Value>> {
  try {
    const session = await transport.connect(host);
    try {
      return {host, ok: true, value: await work(session, host)};
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!isTransportError(error)) throw error;
    return {host, ok: false, error};
  }
}

/** Who is asked: a host's usual user, which is root unless the inventory says otherwise. */
export const userOf = ({connection: {become}}: Host): string | undefined =>
  become.enabled ? become.user : undefined;

/** Why a host has no answer, for people: what it did wrong, if it was reached at all. */
export function silence({reason, message, hint}: TransportError, palette: Palette): string {
  const word = reason === 'timed-out' ? 'timed out' : 'unreachable';
  const line = `${palette.bad(word)}: ${visibleLine(message)}\n`;
  return hint === undefined ? line : `${line}  hint: ${visibleLine(hint)}\n`;
}

/** The exit code of a command that needs all of its hosts. */
export const reachedAll = (answers: readonly HostAnswer<unknown>[]): number =>
  answers.every(({ok}) => ok) ? EXIT.done : EXIT.unreachable;
