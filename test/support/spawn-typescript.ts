import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable} from 'node:stream';

const HOOKS = new URL('typescript-hooks.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import {register} from 'node:module'; register('${HOOKS}')`;

/** A Node process of its own that runs a source file of ours. */
export function spawnTypescript(
  file: URL,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ['--import', REGISTER, file.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
