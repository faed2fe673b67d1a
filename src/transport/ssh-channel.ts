import {pipeline} from 'node:stream/promises';
import type {ClientChannel} from 'ssh2';
import type {Channel} from '../shell/channel.ts';
import {Ending} from './ending.ts';

/** A program on a host, on a channel of an SSH connection. `whyLost` says what is known when it breaks. */
export function sshChannel(stream: ClientChannel, whyLost: () => string): Channel {
  const ending = new Ending();
  stream.on('exit', (code: number | null, signal?: string) =>
    ending.exited({exitCode: code ?? undefined, signal, error: undefined}),
  );
  stream.on('close', () => ending.closed(whyLost()));
  stream.on('error', () => undefined); // What matters of it arrives as the end.
  return {
    write: (data) => void stream.write(data),
    feed: async (input) => await pipeline(input, stream),
    receive: (name, listener) => {
      const source = name === 'stdout' ? stream : stream.stderr;
      source.on('data', (chunk: Buffer) => {
        ending.heard();
        listener(chunk);
      });
    },
    ended: ending.promise,
    end: () => void stream.end(),
    destroy: () => stream.close(),
  };
}
