import type {Host} from '../model/host.ts';
import {isTransportError} from '../model/transport.ts';
import {NO_COLOUR} from '../report/palette.ts';
import type {Session, Transport} from '../shell/session.ts';
import {EXIT} from './exit-codes.ts';
import type {ConnectionFlags} from './flags.ts';
import {withCancellation} from './interrupts.ts';
import {silence} from './on-hosts.ts';
import {transportFor} from './run-graph.ts';
import type {World} from './world.ts';

interface Asking<Found> {
  readonly hosts: readonly Host[];
  /** What a host has to say, or as a text why it cannot. */
  readonly ask: (session: Session, host: Host) => Promise<Found | string>;
  /** Of the first that could; gives the exit code. */
  readonly tell: (found: Found, host: Host) => number | Promise<number>;
}

/** Asks hosts that know the same, one after the other, until one tells. Why the others did not is said. */
export function askInTurn<Found extends object>(
  {hosts, ask, tell}: Asking<Found>,
  flags: ConnectionFlags,
  world: World,
): Promise<number> {
  return withCancellation(world, async (cancel) => {
    const transport = transportFor(flags, world);
    const begun = (session: Session): void => cancel.onChange(() => void session.interrupt());
    for (const host of hosts) {
      if (cancel.state !== 'running') return EXIT.interrupted;
      const found = await inSession(host, transport, (session) => {
        begun(session);
        return ask(session, host);
      });
      if (typeof found !== 'string') return tell(found, host);
      world.err.write(`${host.name}: ${found}\n`);
    }
    return cancel.state === 'running' ? EXIT.unreachable : EXIT.interrupted;
  });
}

/** What is asked in a session, or why the host was silent. */
async function inSession<Found>(
  host: Host,
  transport: Transport,
  work: (session: Session) => Promise<Found>,
): Promise<Found | string> {
  try {
    const session = await transport.connect(host);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!isTransportError(error)) throw error;
    return silence(error, NO_COLOUR).trimEnd();
  }
}
