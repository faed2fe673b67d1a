import {existsSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {TempProject} from '../support/project.ts';
import {SshServer} from '../support/ssh-server.ts';
import {FakeWorld} from './fake-world.ts';

/** An inventory of one host over SSH, and of one where nobody listens. */
async function inventoryOf(server: SshServer): Promise<TempProject> {
  return TempProject.of({
    'hosts.yaml': [
      'all:',
      `  vars: {ansible_host: 127.0.0.1, ansible_become: false, ansible_ssh_private_key_file: ${server.keyFile}}`,
      `  hosts: {up: {ansible_port: ${server.port}}, down: {ansible_port: 1}}`,
      '',
    ].join('\n'),
  });
}

async function provision(
  project: TempProject,
  ...words: readonly string[]
): Promise<{readonly code: number; readonly world: FakeWorld}> {
  const world = new FakeWorld({env: {PROVISION_INVENTORY: project.path('hosts.yaml')}});
  return {code: await runCli(words, world), world};
}

test('a command runs over SSH, and neither it nor its words are arguments that others could read', async () => {
  await using server = await SshServer.start();
  await using project = await inventoryOf(server);
  const known = ['--known-hosts', server.knownHosts];
  const {code, world} = await provision(project, 'exec', ...known, 'up', '--', 'echo', 'p0ison words');
  expect(world.stdout).toBe('up: ok\n  p0ison words\n');
  expect(code).toBe(0);
  expect(server.commands.filter((command) => command.includes('p0ison'))).toEqual([]);
});

test('a host that cannot be reached is told, and the others answer all the same', async () => {
  await using server = await SshServer.start();
  await using project = await inventoryOf(server);
  const {code, world} = await provision(
    project,
    'exec',
    '--known-hosts',
    server.knownHosts,
    'all',
    '--',
    'echo',
    'hi',
  );
  expect(world.stdout).toContain('up: ok\n  hi\n');
  expect(world.stdout).toContain('down: unreachable: ');
  expect(code).toBe(4);
});

test('a host that is not known is refused until --accept-new-host-keys', async () => {
  await using server = await SshServer.start();
  await using project = await inventoryOf(server);
  const known = project.path('known_hosts');
  const refused = await provision(project, 'exec', '--known-hosts', known, 'up', '--', 'true');
  expect(refused.world.stdout).toContain('up: unreachable: ');
  expect(existsSync(known)).toBe(false);
  const accepted = await provision(
    project,
    'exec',
    '--known-hosts',
    known,
    '--accept-new-host-keys',
    'up',
    '--',
    'true',
  );
  expect(accepted.world.stdout).toBe('up: ok\n');
  expect(readFileSync(known, 'utf8')).toContain('127.0.0.1');
});

test('facts come over SSH', async () => {
  await using server = await SshServer.start();
  await using project = await inventoryOf(server);
  const {code, world} = await provision(project, 'facts', 'up', '--known-hosts', server.knownHosts);
  expect(world.stdout).toMatch(/^up\n {2}hostname: /);
  expect(code).toBe(0);
});
