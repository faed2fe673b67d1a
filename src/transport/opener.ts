import type {Channel} from '../shell/channel.ts';

/** What a way to a host must be able to do; all else is built on it. */
export interface Opener {
  /** Runs a command line of the login shell on a channel of its own. */
  open(command: string, kind: ChannelKind): Promise<Channel>;
  close(how: Closing): Promise<void>;
  /** Settles when the way is gone. */
  readonly closed: Promise<void>;
}

/**
 * `leave`: nothing runs there whose end the host would have to be asked for. The host is told nothing either: a word
 * of goodbye to each of many wakes them all, and its server sees the end of the connection all the same.
 */
export type Closing = 'wait' | 'leave';

/** `terminal`: for hosts whose sudo wants one. Its two streams arrive as one. */
export type ChannelKind = 'streams' | 'terminal';
