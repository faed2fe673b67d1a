import {execFileSync} from 'node:child_process';
import {createHmac, randomBytes} from 'node:crypto';
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {KnownHosts, type KnownHostsOptions} from '../../src/transport/known-hosts.ts';
import {TempDir} from '../support/temp-dir.ts';

/** A public key as it is on the wire, of a type, told apart by a word. */
function key(word: string, type = 'ssh-ed25519'): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(word)]);
}

const line = (names: string, word: string, type = 'ssh-ed25519'): string =>
  `${names} ${type} ${key(word, type).toString('base64')} a comment`;

function known(directory: TempDir, text: string, policy: KnownHostsOptions['policy'] = 'strict'): KnownHosts {
  writeFileSync(directory.at('known'), text);
  return new KnownHosts({files: [directory.at('known')], policy});
}

test.each([
  ['a', 22, 'a'],
  ['a', 22, 'b,a'],
  ['A.example', 22, 'a.example'],
  ['a.example', 22, '*.example'],
  ['a1', 22, 'a?'],
  ['a', 2222, '[a]:2222'],
  ['::1', 22, '::1'],
])('%s, port %i, is meant by %s', (address, port, names) => {
  using directory = new TempDir();
  expect(known(directory, line(names, 'x')).check(address, port, key('x'))).toEqual({verdict: 'accepted'});
});

test.each([
  ['a', 2222, 'a'],
  ['a', 22, '[a]:2222'],
  ['ab', 22, 'a'],
  ['a.example', 22, '*.example,!a.example'],
  ['axb', 22, 'a.b'],
])('%s, port %i, is not meant by %s', (address, port, names) => {
  using directory = new TempDir();
  expect(known(directory, line(names, 'x')).check(address, port, key('x'))).toMatchObject({
    verdict: 'rejected',
    because: expect.stringContaining('is not known'),
  });
});

test('hashed names are understood, as ssh-keygen writes them', () => {
  using directory = new TempDir();
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update('[a]:2222').digest('base64');
  const hosts = known(directory, line(`|1|${salt.toString('base64')}|${hash}`, 'x'));
  expect(hosts.check('a', 2222, key('x'))).toEqual({verdict: 'accepted'});
  expect(hosts.check('b', 2222, key('x'))).toMatchObject({verdict: 'rejected'});
});

test('one of several keys is enough, and a host is asked for the types that are known', () => {
  using directory = new TempDir();
  const hosts = known(
    directory,
    [line('a', 'x'), line('a', 'y', 'ssh-rsa'), line('b', 'z', 'ecdsa')].join('\n'),
  );
  expect(hosts.check('a', 22, key('y', 'ssh-rsa'))).toEqual({verdict: 'accepted'});
  expect(hosts.keyTypes('a', 22)).toEqual(['ssh-ed25519', 'ssh-rsa']);
});

test('a changed key names file and line, and the command that forgets it', () => {
  using directory = new TempDir();
  const hosts = known(directory, `# comment\n\n${line('[a]:2222', 'old')}`);
  expect(hosts.check('a', 2222, key('new'))).toMatchObject({
    verdict: 'rejected',
    because: expect.stringContaining(`${directory.at('known')}:3`),
    hint: expect.stringContaining(`ssh-keygen -R "[a]:2222" -f "${directory.at('known')}"`),
  });
});

test('accept-new never accepts a changed key', () => {
  using directory = new TempDir();
  const hosts = known(directory, line('a', 'old'), 'accept-new');
  expect(hosts.check('a', 22, key('new'))).toMatchObject({verdict: 'rejected'});
  expect(hosts.check('a', 22, key('new', 'ecdsa'))).toMatchObject({verdict: 'rejected'});
});

test('a revoked key is refused though it is known too; the key of an authority is no key of a host', () => {
  using directory = new TempDir();
  const hosts = known(directory, [line('a', 'x'), `@revoked ${line('*', 'x')}`].join('\n'));
  expect(hosts.check('a', 22, key('x'))).toMatchObject({because: expect.stringContaining('revoked')});
  const authority = known(directory, `@cert-authority ${line('*', 'x')}`);
  expect(authority.check('a', 22, key('x'))).toMatchObject({because: expect.stringContaining('not known')});
});

test('a new key is written behind what is there, in a file that others cannot read, and OpenSSH finds it', () => {
  using directory = new TempDir();
  const file = directory.at('new', 'known');
  const options = {files: [file], policy: 'accept-new'} as const;
  expect(new KnownHosts(options).check('a', 2222, key('x'))).toEqual({verdict: 'accepted'});
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
  expect(new KnownHosts(options).check('b', 22, key('y'))).toEqual({verdict: 'accepted'});
  const again = new KnownHosts({...options, policy: 'strict'});
  expect([again.check('a', 2222, key('x')), again.check('b', 22, key('y'))]).toEqual([
    {verdict: 'accepted'},
    {verdict: 'accepted'},
  ]);
  expect(execFileSync('ssh-keygen', ['-F', '[a]:2222', '-f', file], {encoding: 'utf8'})).toContain('line 1');
});

test('several files count as one', () => {
  using directory = new TempDir();
  writeFileSync(directory.at('one'), line('a', 'x'));
  writeFileSync(directory.at('two'), line('b', 'y'));
  const files = ['none', 'one', 'two'].map((name) => directory.at(name));
  const hosts = new KnownHosts({files, policy: 'strict'});
  expect(hosts.check('b', 22, key('y'))).toEqual({verdict: 'accepted'});
});
