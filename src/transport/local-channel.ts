import {spawn, type ChildProcess} from 'node:child_process';
import {pipeline} from 'node:stream/promises';
import {withResolvers} from '../base/with-resolvers.ts';
import type {Channel, ChannelEnd} from '../shell/channel.ts';

/** A program on this machine, in a process group of its own. */
export function spawnChannel(
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Channel {
  const child = spawn(command, args, {env, detached: true, stdio: 'pipe'});
  // A program that ended does not read: its end says more than the broken pipe.
  child.stdin.on('error', () => undefined);
  return {
    write: (data) => void child.stdin.write(data),
    feed: async (input) => await pipeline(input, child.stdin),
    receive: (stream, listener) => void child[stream].on('data', listener),
    ended: endOf(child),
    end: () => void child.stdin.end(),
    destroy: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/** How long a program's descendants may hold its streams open after it ended. */
const LINGER_MS = 500;

/** Descendants may live on and hold the streams: the end of the program is the end. */
async function endOf(child: ChildProcess): Promise<ChannelEnd> {
  const {promise, resolve} = withResolvers<ChannelEnd>();
  child.on('error', (error) => resolve({exitCode: undefined, signal: undefined, error: error.message}));
  child.on('exit', (code, signal) => {
    const end = {exitCode: code ?? undefined, signal: signal ?? undefined, error: undefined};
    const timer = setTimeout(resolve, LINGER_MS, end);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(end);
    });
  });
  return await promise;
}
