import {execFileSync} from 'node:child_process';
import {appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {Readable} from 'node:stream';
import type {Client} from 'ssh2';
import {describe, expect, test, vi} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {withResolvers} from '../../src/base/with-resolvers.ts';
import type {Become, Connection} from '../../src/model/host.ts';
import type {FileSend} from '../../src/model/step.ts';
import {receiveFile} from '../../src/shell/receive-file.ts';
import type {Session} from '../../src/shell/session.ts';
import {sh} from '../../src/shell/sh.ts';
import {HostSession} from '../../src/transport/host-session.ts';
import {KnownHosts} from '../../src/transport/known-hosts.ts';
import {connectSsh} from '../../src/transport/ssh-connection.ts';
import {Identities} from '../../src/transport/ssh-identities.ts';
import {SshOpener} from '../../src/transport/ssh-opener.ts';
import {type SshOptions, SshTransport} from '../../src/transport/ssh-transport.ts';
import {FakeSudo} from '../support/fake-sudo.ts';
import {hostAt} from '../support/host-at.ts';
import {noSshd, RealSshd} from '../support/real-sshd.ts';
import {output, run} from '../support/run.ts';
import {SshServer} from '../support/ssh-server.ts';
import {TempDir} from '../support/temp-dir.ts';

interface Reachable {
  readonly port: number;
  readonly keyFile: string;
  readonly knownHosts: string;
}

async function connect(
  {port, keyFile, knownHosts}: Reachable,
  connection: Partial<Connection> = {},
  options: Partial<SshOptions> = {},
): Promise<Session> {
  const transport = new SshTransport({
    knownHosts: {files: [knownHosts], policy: 'strict'},
    identityFiles: [],
    ...options,
  });
  return await transport.connect(hostAt({port, user: 'someone', privateKeyFile: keyFile, ...connection}));
}

const become = (password?: string): Become => ({
  enabled: true,
  user: 'root',
  password: password === undefined ? undefined : new Secret(password),
});

describe('steps', () => {
  test('go through one connection, whatever their number, in one round trip', async () => {
    await using server = await SshServer.start();
    const session = await connect(server);
    const shell = await session.shell(undefined);
    const results = await Promise.all([1, 2, 3].map((number) => run(shell, sh`echo ${number}`)));
    expect(results.map(({stdout}) => String(Buffer.from(stdout)))).toEqual(['1\n', '2\n', '3\n']);
    expect(session.roundTrips).toBe(1);
    expect(server.connections).toBe(1);
    await session.close();
  });

  test('and their values are on no command line', async () => {
    await using server = await SshServer.start();
    const session = await connect(server);
    await session.pipe(undefined, sh`cat >/dev/null; : s3cret`, Readable.from([Buffer.from('s3cret')]));
    await output(session, sh`echo s3cret`);
    await session.protect();
    expect(server.commands).toHaveLength(3);
    expect(server.commands.join('\n')).not.toContain('s3cret');
    await session.close();
  });

  test('of a connection that is cut in mid step are lost, and the session says that it is over', async () => {
    await using server = await SshServer.start();
    const session = await connect(server);
    const shell = await session.shell(undefined);
    const before = shell.send(sh`:`, {onFailure: 'go-on'});
    const endless = shell.send(sh`cat /dev/zero`, {onFailure: 'go-on'});
    await before;
    server.cut();
    await expect(endless).rejects.toMatchObject({reason: 'lost'});
    await session.closed;
    await expect(session.shell('other')).rejects.toMatchObject({reason: 'lost'});
    await session.close();
  });

  test('find room where the host allows two channels on a connection', async () => {
    await using server = await SshServer.start({maxSessions: 2});
    using sudo = new FakeSudo();
    await using small = await SshServer.start({maxSessions: 2, env: sudo.env});
    const session = await connect(small, {become: become()});
    await session.protect();
    expect(await output(session, sh`echo "\${FAKE_SUDO_USER-login}"`)).toBe('login');
    expect(await output(session, sh`echo "$FAKE_SUDO_USER"`, 'root')).toBe('root');
    expect(small.connections).toBe(2);
    expect(server.connections).toBe(0);
    await session.close();
  });
});

test('an interrupt ends a file on its way, and leaves nothing of it', async () => {
  await using server = await SshServer.start();
  using directory = new TempDir();
  const session = await connect(server);
  const [path, begun] = [directory.at('a'), withResolvers<void>()];
  const send: FileSend = {
    step: 'send',
    path,
    sha256: '0'.repeat(64),
    mode: '0600',
    owner: 0,
    group: 0,
    from: {file: ''},
  };
  const endless = new Readable({
    read() {
      this.push(Buffer.alloc(65536));
      if (readdirSync(directory.path).length > 0) begun.resolve();
    },
  });
  const sent = expect(session.pipe(undefined, receiveFile(send), endless)).rejects.toMatchObject({
    reason: 'lost',
  });
  await begun.promise;
  await session.interrupt();
  await sent;
  await session.close();
  await vi.waitFor(() => expect(readdirSync(directory.path)).toEqual([]));
});

describe.each(['/bin/bash', '/bin/zsh', '/bin/dash', '/usr/bin/mksh', '/usr/bin/yash'])(
  'login shell %s',
  (shell) => {
    test('understands what we ask of it', async () => {
      using sudo = new FakeSudo({password: 'right'});
      await using server = await SshServer.start({shell, env: sudo.env});
      const session = await connect(server, {become: become('right')});
      await session.protect();
      expect(await output(session, sh`echo ${"it's"}`)).toBe("it's");
      expect(await output(session, sh`echo "$FAKE_SUDO_USER"`, 'root')).toBe('root');
      await session.close();
    });
  },
);

describe('sudo', () => {
  test('that asks for nothing gets no password', async () => {
    using sudo = new FakeSudo();
    await using server = await SshServer.start({env: sudo.env});
    const session = await connect(server, {become: become('echo SENT')});
    expect(await output(session, sh`echo "$FAKE_SUDO_USER"`, 'root')).toBe('root');
    const received = await session.pipe('root', sh`cat`, Readable.from([Buffer.from('bytes')]));
    expect(String(Buffer.from(received.stdout))).toBe('bytes');
    await session.close();
  });

  test('that asks gets the password, and nobody else does', async () => {
    using sudo = new FakeSudo({password: 'right'});
    await using server = await SshServer.start({env: sudo.env});
    const session = await connect(server, {become: become('right')});
    const said = await output(session, sh`echo "$FAKE_SUDO_USER"; cat /proc/$$/cmdline`, 'root');
    expect(said).toContain('root');
    expect(said + server.commands.join('\n')).not.toContain('right');
    await session.close();
  });

  test.each([
    ['wrong', 'the password for sudo is wrong'],
    [undefined, 'sudo asks for a password'],
  ])('with the password %s is an error that says so', async (password, message) => {
    using sudo = new FakeSudo({password: 'right'});
    await using server = await SshServer.start({env: sudo.env});
    const session = await connect(server, {become: become(password)});
    await expect(session.shell('root')).rejects.toMatchObject({
      reason: 'become',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('ansible_become_password'),
    });
    expect(await output(session, sh`echo login`)).toBe('login');
    await session.close();
  });

  test('that refuses is quoted', async () => {
    using broken = new TempDir();
    writeFileSync(broken.at('sudo'), '#!/bin/sh\necho someone is not in the sudoers file >&2; exit 1\n');
    chmodSync(broken.at('sudo'), 0o755);
    await using server = await SshServer.start({env: {PATH: `${broken.path}:${process.env['PATH']}`}});
    const session = await connect(server, {become: become()});
    await expect(session.shell('root')).rejects.toMatchObject({
      reason: 'become',
      message: expect.stringContaining('someone is not in the sudoers file'),
    });
    await session.close();
  });

  test('becomes root first on the way to a third user', async () => {
    using sudo = new FakeSudo();
    await using server = await SshServer.start({env: sudo.env});
    const session = await connect(server, {become: become()});
    const third =
      process.getuid?.() === 0 ? 'nobody' : execFileSync('id', ['-un'], {encoding: 'utf8'}).trim();
    expect(await output(session, sh`echo "$FAKE_SUDO_USER"; id -un`, third)).toBe(`root\n${third}`);
    await session.close();
  });

  test.skipIf(noSshd)(
    `that wants a terminal gets one, and bytes stay bytes (${noSshd ?? 'sshd runs'})`,
    async () => {
      using sudo = new FakeSudo({password: 'right', requiretty: true});
      const env = Object.entries(sudo.env).map(([name, value]) => `"${name}=${value}"`);
      await using server = await RealSshd.start([`SetEnv ${env.join(' ')}`]);
      const session = await connectAsSomeone(server, become('right'));
      await session.protect();
      expect(await output(session, sh`echo "$FAKE_SUDO_USER"; [ -t 0 ] || echo none`, 'root')).toBe(
        'root\nnone',
      );
      const odd = Buffer.from(Array.from({length: 256}, (_, byte) => byte));
      const echoed = await session.pipe('root', sh`cat; echo oops >&2; exit 7`, Readable.from([odd]));
      expect(echoed).toMatchObject({exitCode: 7, stdout: odd, stderr: Buffer.from('oops\n')});
      const shell = await session.shell('root');
      const endless = shell.send(sh`sleep 1000`, {onFailure: 'go-on', timeoutMs: 20});
      await expect(endless).rejects.toMatchObject({reason: 'timed-out'});
      await session.close();
      await vi.waitFor(() => expect(server.processes()).toEqual([]));
    },
  );
});

/** A login that has to ask sudo though the account is root's: the only one that every machine has. */
async function connectAsSomeone({port, keyFile, knownHosts}: Reachable, rights: Become): Promise<Session> {
  const host = hostAt({port, privateKeyFile: keyFile, become: rights});
  const known = new KnownHosts({files: [knownHosts], policy: 'strict'});
  const identities = new Identities([], undefined).of(host.connection, 'root');
  const open = (): Promise<Client> => connectSsh(host, {username: 'root', identities, knownHosts: known});
  return new HostSession(new SshOpener(await open(), open), {...host.connection, user: 'someone'});
}

describe('the key of a host', () => {
  test('that changed is refused with the place of the known one and the way to forget it', async () => {
    await using server = await SshServer.start();
    await using other = await SshServer.start();
    const known = readFileSync(other.knownHosts, 'utf8').split(' ').slice(1).join(' ');
    server.trust(known.trim());
    await expect(connect(server)).rejects.toMatchObject({
      reason: 'host-key',
      message: expect.stringContaining(`${server.knownHosts}:1`),
      hint: expect.stringContaining(`ssh-keygen -R "[127.0.0.1]:${server.port}"`),
    });
  });

  test('that is not known is refused, or written down where that was chosen', async () => {
    await using server = await SshServer.start();
    rmSync(server.knownHosts);
    await expect(connect(server)).rejects.toMatchObject({reason: 'host-key'});
    const files = [server.knownHosts];
    await (await connect(server, {}, {knownHosts: {files, policy: 'accept-new'}})).close();
    await (await connect(server)).close();
  });

  test('that is revoked is refused', async () => {
    await using server = await SshServer.start();
    const [, ...key] = readFileSync(server.knownHosts, 'utf8').split(' ');
    appendFileSync(server.knownHosts, `@revoked * ${key.join(' ')}`);
    await expect(connect(server)).rejects.toMatchObject({
      reason: 'host-key',
      message: expect.stringContaining('revoked'),
    });
  });
});

describe('the login', () => {
  test('falls back to the password', async () => {
    await using server = await SshServer.start({password: 'right'});
    const session = await connect(server, {privateKeyFile: undefined, password: new Secret('right')});
    expect(await output(session, sh`echo in`)).toBe('in');
    await session.close();
  });

  test('that fails says what was tried, and never the password', async () => {
    await using server = await SshServer.start({password: 'right'});
    const error = await connect(server, {privateKeyFile: undefined, password: new Secret('wr0ng')}).catch(
      String,
    );
    expect(error).toContain('does not let someone in: tried the password');
    expect(error).not.toContain('wr0ng');
  });

  test('with an encrypted key needs an agent, and says how to hand it over', async () => {
    await using server = await SshServer.start();
    using directory = new TempDir();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', directory.at('key')]);
    await expect(connect(server, {privateKeyFile: directory.at('key')})).rejects.toMatchObject({
      reason: 'authentication',
      message: expect.stringContaining('passphrase'),
      hint: expect.stringContaining('ssh-add'),
    });
  });

  test('uses an agent, also for a key with a passphrase that the inventory names', async () => {
    await using server = await SshServer.start();
    using directory = new TempDir();
    const agent = directory.at('agent');
    const started = execFileSync('ssh-agent', ['-s', '-a', agent], {encoding: 'utf8'});
    try {
      execFileSync('ssh-add', ['-q', server.keyFile], {env: {...process.env, SSH_AUTH_SOCK: agent}});
      execFileSync('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', server.keyFile]);
      const session = await connect(server, {}, {agent});
      expect(await output(session, sh`echo in`)).toBe('in');
      await session.close();
    } finally {
      process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]));
    }
  });

  test('that has no useful PATH finds the programs of the host all the same', async () => {
    await using server = await SshServer.start({env: {PATH: '/nowhere'}});
    const session = await connect(server);
    expect(await output(session, sh`echo in | base64 | base64 -d`)).toBe('in');
    await session.close();
  });

  test('to where nothing listens is an unreachable host', async () => {
    let port = 0;
    {
      await using server = await SshServer.start();
      port = server.port;
    }
    await expect(
      connect({port, keyFile: '/dev/null', knownHosts: '/dev/null'}, {privateKeyFile: undefined}),
    ).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
