import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import type {ConnectionFlags} from '../../src/cli/flags.ts';
import {passwordsOf, withPasswords} from '../../src/cli/passwords.ts';
import type {Host} from '../../src/model/host.ts';
import {host} from '../report/recordings.ts';
import {FakeWorld} from './fake-world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passwords-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

const FLAGS: ConnectionFlags = {forks: 1, knownHosts: []};

test('without a word about passwords there are none', async () => {
  expect(await passwordsOf(FLAGS, new FakeWorld())).toEqual({login: undefined, become: undefined});
});

test('a password is asked for on a terminal', async () => {
  const world = new FakeWorld({isInteractive: true, answers: ['s3']});
  const {become} = await passwordsOf({...FLAGS, askBecomePass: true}, world);
  expect(become?.reveal()).toBe('s3');
  expect(world.questions).toEqual(['Password of sudo: ']);
});

test('an empty password of sudo means that of the login', async () => {
  const world = new FakeWorld({isInteractive: true, answers: ['s3', '']});
  const {become} = await passwordsOf({...FLAGS, askPass: true, askBecomePass: true}, world);
  expect(become?.reveal()).toBe('s3');
});

test('where nobody can be asked, the way out is named', async () => {
  const asked = passwordsOf({...FLAGS, askBecomePass: true}, new FakeWorld());
  await expect(asked).rejects.toMatchObject({
    diagnostics: [{code: 'E601', hint: expect.stringContaining('/dev/fd')}],
  });
});

test('a password is read from a file without its last line feed', async () => {
  const file = join(folder, 'password');
  writeFileSync(file, 's3 \n');
  const {become} = await passwordsOf({...FLAGS, becomePasswordFile: file}, new FakeWorld());
  expect(become?.reveal()).toBe('s3 ');
});

test('a password file that is not there is a mistake on the command line', async () => {
  const read = passwordsOf({...FLAGS, becomePasswordFile: join(folder, 'none')}, new FakeWorld());
  await expect(read).rejects.toMatchObject({diagnostics: [{code: 'E601'}]});
});

test('a password can come from the environment', async () => {
  const world = new FakeWorld({env: {PROVISION_BECOME_PASSWORD: 's3', PROVISION_CONNECTION_PASSWORD: 's4'}});
  const {login, become} = await passwordsOf(FLAGS, world);
  expect([login?.reveal(), become?.reveal()]).toEqual(['s4', 's3']);
});

const at = {source: {file: 'hosts.yaml', text: ''}, from: 0, to: 0};
const hostWith = (password: Secret | undefined): Host => ({
  name: host('a'),
  at,
  connection: {
    transport: 'ssh',
    address: 'a',
    port: 22,
    user: undefined,
    privateKeyFile: undefined,
    password: undefined,
    become: {enabled: true, user: 'root', password},
    reconnectTimeoutMs: 1,
  },
});

test('a host that declares a password keeps it', () => {
  const typed = {login: undefined, become: new Secret('typed')};
  const hosts = withPasswords([hostWith(new Secret('declared')), hostWith(undefined)], typed);
  const used = hosts.map(({connection}) => connection.become.password?.reveal());
  expect(used).toEqual(['declared', 'typed']);
});
