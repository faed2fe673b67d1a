import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {FakeWorld} from './fake-world.ts';

let folder: string;
let inventory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exec-'));
  inventory = join(folder, 'hosts.yaml');
  writeFileSync(
    inventory,
    [
      'all:',
      '  vars: {ansible_connection: local, ansible_become: false}',
      '  hosts: {a: {}, b: {}}',
      '  children: {web: {hosts: {b: {}}}}',
      '',
    ].join('\n'),
  );
});
afterEach(() => rmSync(folder, {recursive: true}));

async function provision(
  ...words: readonly string[]
): Promise<{readonly code: number; readonly world: FakeWorld}> {
  const world = new FakeWorld({env: {PROVISION_INVENTORY: inventory}});
  return {code: await runCli(words, world), world};
}

test('a command runs on each host of a pattern, and its output stands below the name', async () => {
  const {code, world} = await provision('exec', 'web', '--', 'printf', '%s\\n', 'two words', '$HOME');
  expect(world.stderr).toBe('');
  expect(world.stdout).toBe('b: ok\n  two words\n  $HOME\n');
  expect(code).toBe(0);
});

test('a single word is a line of shell', async () => {
  const {world} = await provision('exec', 'web', '--', 'echo one; echo two >&2');
  expect(world.stdout).toBe('b: ok\n  one\n  two\n');
});

test('a command that fails somewhere fails as a whole', async () => {
  const {code, world} = await provision('exec', 'all', '--', 'exit 3');
  expect(world.stdout).toContain('a: ended with exit code 3\n');
  expect(code).toBe(1);
});

test('output cannot steer the terminal', async () => {
  const {world} = await provision('exec', 'a', '--', 'printf "\\033]0;x\\007"');
  expect(world.stdout).toBe('a: ok\n  \\x1b]0;x\\x07\n');
});

test('output as JSON is one object a host', async () => {
  const {world} = await provision('exec', '--format', 'json', 'all', '--', 'echo out; echo err >&2; exit 4');
  const answers = world.stdout
    .trimEnd()
    .split('\n')
    .map((line): {readonly host: string} => JSON.parse(line));
  const all = {exitCode: 4, stdout: 'out\n', stderr: 'err\n', truncated: false};
  expect(answers.toSorted((one, other) => (one.host < other.host ? -1 : 1))).toEqual([
    {host: 'a', ...all},
    {host: 'b', ...all},
  ]);
});

test('words of the command are not taken for options of ours', async () => {
  const {world} = await provision('exec', 'a', '--', 'echo', '--format', 'json', '-l');
  expect(world.stdout).toBe('a: ok\n  --format json -l\n');
});

test('a command that takes too long is ended', async () => {
  const {code, world} = await provision('exec', '--timeout', '100ms', 'a', '--', 'sleep 60');
  expect(world.stdout).toMatch(/^a: timed out: /);
  expect(code).toBe(1);
});

test('a host that is not in the inventory is a mistake, and nothing runs', async () => {
  const {code, world} = await provision('exec', 'wep', '--', 'echo', 'ran');
  expect(world.stderr).toContain('E203');
  expect(world.stdout).toBe('');
  expect(code).toBe(2);
});

test('after a command nobody listens for Ctrl-C any more', async () => {
  const {world} = await provision('exec', 'a', '--', 'true');
  expect(world.listeners).toBe(0);
});

test('facts show what a host is, and what was asked', async () => {
  const {code, world} = await provision('facts', 'a', '--kind', 'stat', '--key', '/etc/passwd', '/nowhere');
  expect(world.stderr).toBe('');
  expect(world.stdout).toMatch(/^a\n {2}hostname: /);
  expect(world.stdout).toMatch(/\n {2}stat \/etc\/passwd: \{"type":"file",/);
  expect(world.stdout).toContain('\n  stat /nowhere: absent\n');
  expect(code).toBe(0);
});

test('facts as JSON stand below their host', async () => {
  const {world} = await provision('facts', 'all', '--format', 'json');
  const read: object = JSON.parse(world.stdout);
  expect(Object.keys(read)).toEqual(['a', 'b']);
});

test('a kind of fact that does not exist gets a suggestion', async () => {
  const {code, world} = await provision('facts', '--kind', 'stats', '--key', 'x');
  expect(world.stderr).toContain('Did you mean "stat"?');
  expect(code).toBe(2);
});
