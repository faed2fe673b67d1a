import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {createInterface} from 'node:readline';
import {TempDir} from './temp-dir.ts';

const SSHD = '/usr/sbin/sshd';

/** Why no real sshd can run here; `undefined` where one can. */
export const noSshd: string | undefined =
  process.getuid?.() !== 0
    ? 'not root'
    : existsSync(SSHD) && spawnSync('ssh-keygen', ['-?']).error === undefined
      ? undefined
      : 'OpenSSH is not installed';

/** OpenSSH on the loopback, that lets in whoever has `keyFile`, as the user that runs the tests. */
export class RealSshd implements AsyncDisposable {
  readonly port: number;
  readonly keyFile: string;
  readonly knownHosts: string;
  readonly #directory: TempDir;
  readonly #server: ChildProcess;

  private constructor(directory: TempDir, port: number, server: ChildProcess) {
    this.#directory = directory;
    this.port = port;
    this.keyFile = directory.at('key');
    this.knownHosts = directory.at('known_hosts');
    this.#server = server;
  }

  static async start(settings: readonly string[] = []): Promise<RealSshd> {
    const directory = new TempDir();
    const port = await freePort();
    for (const name of ['key', 'host']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', directory.at(name)]);
    }
    copyFileSync(directory.at('key.pub'), directory.at('authorized'));
    const key = execFileSync('ssh-keygen', ['-y', '-f', directory.at('host')], {encoding: 'utf8'});
    writeFileSync(directory.at('known_hosts'), `[127.0.0.1]:${port} ${key}`);
    writeFileSync(directory.at('config'), config(directory, port, settings));
    mkdirSync('/run/sshd', {recursive: true, mode: 0o755}); // Where sshd goes to be without privileges.
    const server = spawn(SSHD, ['-D', '-e', '-f', directory.at('config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for await (const line of createInterface(server.stderr)) if (line.includes('listening')) break;
    server.stderr.resume();
    return new RealSshd(directory, port, server);
  }

  /** What runs in its sessions, and whatever that started: they inherit a variable that is this server's alone. */
  processes(): readonly number[] {
    const mark = markOf(this.port);
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && environmentOf(pid).includes(mark));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once('exit', resolve));
    this.#server.kill();
    await ended;
    this.#directory[Symbol.dispose]();
  }
}

const markOf = (port: number): string => `PROVISION_TEST_SSHD=${port}`;

/** Empty for a process that ended. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

const config = (directory: TempDir, port: number, settings: readonly string[]): string =>
  [
    ...settings,
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${directory.at('host')}`,
    `AuthorizedKeysFile ${directory.at('authorized')}`,
    `SetEnv ${markOf(port)}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    '',
  ].join('\n');

/** A port of the loopback that nothing listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
