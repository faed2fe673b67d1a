import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PipelinedShell} from '../../src/shell/pipelined-shell.ts';
import {spawnChannel} from '../../src/transport/local-channel.ts';

/** A resident shell on this machine: what an SSH channel is to the engine. */
export class LocalShell extends PipelinedShell implements AsyncDisposable {
  readonly #cleanUp: () => void;

  constructor(
    command: readonly [string, ...string[]] = ['/bin/sh', '-s'],
    env: NodeJS.ProcessEnv = {},
    cleanUp: () => void = () => undefined,
  ) {
    super(spawnChannel(command, {...process.env, ...env}), killGroup);
    this.#cleanUp = cleanUp;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.gone;
    this.#cleanUp();
  }
}

/** Ends a process group, and waits until none of it runs. */
async function killGroup(group: number): Promise<void> {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    return;
  }
  while (isRunning(group)) await new Promise((resolve) => setImmediate(resolve));
}

/** Whether any process of the group runs; one that ended and was not reaped yet does not. */
export function isRunning(group: number): boolean {
  const processes = spawnSync('ps', ['-eo', 'pgid=,stat=']).stdout.toString().split('\n');
  return processes
    .map((line) => line.trim().split(/\s+/))
    .some(([pgid, state = 'Z']) => Number(pgid) === group && !/^[ZX]/.test(state));
}

const has = (command: string): boolean => spawnSync(command, ['-c', ':']).error === undefined;

/** Every shell of its own that this machine has, by name, as a resident. */
export const SHELL_COMMANDS: readonly (readonly [string, readonly [string, ...string[]]])[] = (
  [
    ['dash', ['dash', '-s']],
    ['bash', ['bash', '-s']],
    ['bash --posix', ['bash', '--posix', '-s']],
    ['mksh', ['mksh', '-s']],
    ['yash', ['yash', '-s']],
    ['busybox sh', ['busybox', 'sh', '-s']],
  ] as const
).filter(([, [command]]) => has(command));

/** The same for steps; busybox with its own tools and no others. */
export const SHELLS: readonly (readonly [string, () => LocalShell])[] = SHELL_COMMANDS.map(
  ([name, command]) => [name, command[0] === 'busybox' ? busyboxShell : () => new LocalShell(command)],
);

/** A resident busybox whose PATH holds nothing but its applets, and `flock`, which Debian's leaves out. */
export function busyboxShell(): LocalShell {
  const applets = mkdtempSync(join(tmpdir(), 'busybox-'));
  execFileSync('busybox', ['--install', '-s', applets]);
  if (!existsSync(join(applets, 'flock'))) symlinkSync('/usr/bin/flock', join(applets, 'flock'));
  return new LocalShell([join(applets, 'sh'), '-s'], {PATH: applets}, () =>
    rmSync(applets, {recursive: true}),
  );
}
