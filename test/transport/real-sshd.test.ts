import {userInfo} from 'node:os';
import {createInterface} from 'node:readline';
import {Readable} from 'node:stream';
import {describe, expect, test, vi} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import type {Session} from '../../src/shell/session.ts';
import {sh} from '../../src/shell/sh.ts';
import {SshTransport} from '../../src/transport/ssh-transport.ts';
import {hostAt} from '../support/host-at.ts';
import {isRunning} from '../support/local-shell.ts';
import {noSshd, RealSshd} from '../support/real-sshd.ts';
import {spawnTypescript} from '../support/spawn-typescript.ts';

async function connect(sshd: RealSshd): Promise<Session> {
  const {knownHosts, keyFile, port} = sshd;
  const transport = new SshTransport({
    knownHosts: {files: [knownHosts], policy: 'strict'},
    identityFiles: [],
  });
  const host = hostAt({port, user: userInfo().username, privateKeyFile: keyFile});
  return await transport.connect(host);
}

async function output(session: Session, script: Script, user?: string): Promise<string> {
  const result = await (await session.shell(user)).send(script, {onFailure: 'go-on'});
  if (result === 'skipped') throw new Error('skipped');
  return Buffer.from(result.stdout).toString().trim();
}

describe.skipIf(noSshd)(`a real sshd (${noSshd ?? 'runs'})`, () => {
  test('runs steps, as the login and as others, and takes files', async () => {
    await using sshd = await RealSshd.start();
    const session = await connect(sshd);
    expect(await output(session, sh`id -un`)).toBe('root');
    expect(await output(session, sh`id -un`, 'nobody')).toBe('nobody');
    const input = Readable.from([Buffer.alloc(3_000_000)]);
    const result = await session.pipe(undefined, sh`wc -c; exit 5`, input);
    expect(result).toMatchObject({exitCode: 5, stdout: Buffer.from('3000000\n')});
    await session.close();
  });

  test('a host that allows one channel a connection gets more connections', async () => {
    await using sshd = await RealSshd.start(['MaxSessions 1']);
    const session = await connect(sshd);
    await session.shell(undefined);
    await session.protect();
    expect(await output(session, sh`id -un`, 'nobody')).toBe('nobody');
    await session.close();
  });

  test('a step that takes too long is ended on the host, before the life-line was asked for too', async () => {
    await using sshd = await RealSshd.start();
    const session = await connect(sshd);
    const group = Number(await output(session, sh`echo $$`));
    const shell = await session.shell(undefined);
    const endless = shell.send(sh`sleep 1000`, {onFailure: 'go-on', timeoutMs: 20});
    await expect(endless).rejects.toMatchObject({reason: 'timed-out'});
    expect(isRunning(group)).toBe(false);
    expect(await output(session, sh`echo again`)).toBe('again');
    await session.close();
  });

  test('a controller that is killed leaves no process on the host', async () => {
    await using sshd = await RealSshd.start();
    const file = new URL('../support/endless-controller.ts', import.meta.url);
    const controller = spawnTypescript(file, [String(sshd.port), sshd.keyFile, sshd.knownHosts]);
    const group = await firstLine(controller.stdout);
    expect(isRunning(Number(group))).toBe(true);
    const before = sshd.processes();
    expect(before.length).toBeGreaterThan(3);
    controller.kill('SIGKILL');
    await vi.waitFor(() => expect(sshd.processes()).toEqual([]), {timeout: 5_000, interval: 50});
    expect(isRunning(Number(group))).toBe(false);
  });
});

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('The controller ended without a word');
}
