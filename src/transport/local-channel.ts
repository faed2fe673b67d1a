import {spawn} from 'node:child_process';
import {pipeline} from 'node:stream/promises';
import type {Channel} from '../shell/channel.ts';
import {Ending} from './ending.ts';

/** A program on this machine, in a process group of its own. */
export function spawnChannel(
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Channel {
  const child = spawn(command, args, {env, detached: true, stdio: 'pipe'});
  // A program that ended does not read: its end says more than the broken pipe.
  child.stdin.on('error', () => undefined);
  const ending = new Ending();
  child.on('error', (error) => ending.closed(error.message));
  child.on('exit', (code, signal) =>
    ending.exited({exitCode: code ?? undefined, signal: signal ?? undefined, error: undefined}),
  );
  child.on('close', () => ending.closed('it ended without a word'));
  return {
    write: (data) => void child.stdin.write(data),
    feed: async (input) => await pipeline(input, child.stdin),
    receive: (stream, listener) => {
      child[stream].on('data', (chunk: Buffer) => {
        ending.heard();
        listener(chunk);
      });
    },
    ended: ending.promise,
    end: () => void child.stdin.end(),
    destroy: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}
