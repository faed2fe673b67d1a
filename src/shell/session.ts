import type {Readable} from 'node:stream';
import type {Script} from '../base/script.ts';
import type {Host} from '../model/host.ts';
import type {LockAnswer} from './lock.ts';
import type {Shell, StepResult} from './shell.ts';

/** A connection to one host, kept for the run. All promises may reject with a `TransportError`. */
export interface Session {
  /** The resident shell of a user (`undefined`: the login), opened when first asked for, then shared. */
  shell(user: string | undefined): Promise<Shell>;
  /** Runs a script of its own on a channel of its own, with `input` as its stdin. For large files. */
  pipe(user: string | undefined, script: Script, input: Readable): Promise<StepResult>;
  /**
   * Opens the life-lines: from now on, the end of this session or of the program, or a silence of 60 s, ends
   * every process that it started on the host. Called before the first change.
   */
  protect(): Promise<void>;
  /**
   * Takes the host's lock, and says who has it otherwise. It goes with `unlock`, `interrupt`, and the connection.
   * `holder` is shown to whoever finds it taken.
   */
  lock(holder: string): Promise<LockAnswer>;
  unlock(): Promise<void>;
  /** Ends what runs in the shells now, by killing their process groups. New shells can be asked for. */
  interrupt(): Promise<void>;
  close(): Promise<void>;
  /** Settles when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  /** Sum over its shells: how often the host ran dry and waited for us, channel set-up not counted. */
  readonly roundTrips: number;
}

/** How hosts are reached: ssh, local, or a fake. */
export interface Transport {
  connect(host: Host): Promise<Session>;
}
