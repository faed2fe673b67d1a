import {spawn} from 'node:child_process';
import {text} from 'node:stream/consumers';
import {LabError} from './lab-error.ts';

/** A program and its arguments. A shell never sees them. */
export type Argv = readonly [string, ...string[]];

/** How a program ended, and all that it printed. `code` is 128 + signal where a signal ended it. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. A program that is not there counts as exit code 127, as in a shell. */
export async function run([program, ...args]: Argv, input = ''): Promise<Ran> {
  const child = spawn(program, args, {stdio: 'pipe'});
  const ended = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  // A program may end without having read its input: that is its affair.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return {code, stdout, stderr};
}

/** Runs a program that has no reason to fail, and gives what it printed. */
export async function must(argv: Argv, input = ''): Promise<string> {
  const {code, stdout, stderr} = await run(argv, input);
  if (code === 0) return stdout;
  const last = (stderr.trim() || stdout.trim()).split('\n').slice(-8).join('\n');
  throw new LabError(`\`${argv.join(' ')}\` failed with exit code ${code}.\n${last}`);
}
