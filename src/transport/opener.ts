import type {Channel} from '../shell/channel.ts';

/** What a way to a host must be able to do; all else is built on it. */
export interface Opener {
  /** Runs a command line of the login shell on a channel of its own. */
  open(command: string, kind: ChannelKind): Promise<Channel>;
  close(): Promise<void>;
  /** Settles when the way is gone. */
  readonly closed: Promise<void>;
}

/** `terminal`: for hosts whose sudo wants one. Its two streams arrive as one. */
export type ChannelKind = 'streams' | 'terminal';
