/** Moves bytes to a program on a host and back: an SSH channel, or a process on this machine. */
export interface Channel {
  write(data: string | Uint8Array): void;
  /** Sends all of a stream at the pace of the other end, and ends the input. */
  feed(input: AsyncIterable<unknown>): Promise<void>;
  /** Called for all that arrives from now on; one listener a stream. */
  receive(stream: 'stdout' | 'stderr', listener: (chunk: Buffer) => void): void;
  /** Settles when nothing more will arrive, after all that did. */
  readonly ended: Promise<ChannelEnd>;
  /** The program sees the end of its input. */
  end(): void;
  /** Lets go of it at once, whatever is under way. */
  destroy(): void;
}

/** How the program at the other end ended, as far as is known. */
export interface ChannelEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Why there is no more, where the way to the host broke. */
  readonly error: string | undefined;
}

/** For messages: "exit code 3". */
export function describeEnd({exitCode, signal, error}: ChannelEnd): string {
  if (error !== undefined) return error;
  if (signal !== undefined) return `signal ${signal}`;
  return exitCode === undefined ? 'the connection was closed' : `exit code ${exitCode}`;
}
