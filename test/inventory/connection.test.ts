import {homedir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import type {SourceRange} from '../../src/diagnostics/source.ts';
import {connectionOf, warnOfSharedAddresses} from '../../src/inventory/connection.ts';
import type {Host} from '../../src/model/host.ts';
import {hostIn, inventoryOf} from './support.ts';

const {inventory} = inventoryOf('all: {hosts: {cp1: , cp2: }}');

function connect(
  variables: Readonly<Record<string, unknown>>,
  host = 'cp1',
): Host & {readonly found: readonly string[]} {
  const problems = new Problems();
  const {name, at} = hostIn(inventory, host);
  const get = (variable: string): {value: unknown; at: SourceRange} | undefined =>
    variable in variables ? {value: variables[variable], at} : undefined;
  const made = connectionOf({name, at, get, loginUser: 'me'}, problems);
  return {...made, found: problems.all.map(({code, detail}) => `${code} ${detail}`)};
}

describe('a connection', () => {
  test('without any variable goes to the name of the host by SSH, and becomes root', () => {
    const {connection, found} = connect({});
    expect(found).toEqual([]);
    expect(connection).toEqual({
      transport: 'ssh',
      address: 'cp1',
      port: 22,
      user: undefined,
      privateKeyFile: undefined,
      password: undefined,
      become: {enabled: true, user: 'root', password: undefined},
      reconnectTimeoutMs: 300_000,
    });
  });

  test.each([
    ['ansible_host', '10.0.0.1', {address: '10.0.0.1'}],
    ['ansible_ssh_host', '10.0.0.1', {address: '10.0.0.1'}],
    ['ansible_port', 2222, {port: 2222}],
    ['ansible_port', '2222', {port: 2222}],
    ['ansible_user', 'debian', {user: 'debian'}],
    ['ansible_ssh_private_key_file', '~/key', {privateKeyFile: join(homedir(), 'key')}],
    ['ansible_ssh_private_key_file', '/key', {privateKeyFile: '/key'}],
    ['ansible_connection', 'local', {transport: 'local'}],
    ['ansible_connection', 'smart', {transport: 'ssh'}],
    ['reconnect_timeout', '90s', {reconnectTimeoutMs: 90_000}],
    ['ansible_host', null, {address: 'cp1'}],
  ])('reads %s: %j', (variable, value, expected) => {
    const {connection, found} = connect({[variable]: value});
    expect(found).toEqual([]);
    expect(connection).toMatchObject(expected);
  });

  test.each([
    [{ansible_user: 'root'}, false],
    [{ansible_user: 'debian'}, true],
    [{ansible_user: 'root', ansible_become: true}, true],
    [{ansible_user: 'debian', ansible_become: false}, false],
    [{ansible_become: 'yes'}, true],
    [{ansible_become: 'no'}, false],
  ])('with %j becomes another user: %s', (variables, enabled) => {
    expect(connect(variables).connection.become.enabled).toBe(enabled);
  });

  test('keeps passwords as Secrets, however they come', () => {
    const {connection} = connect({ansible_password: 'hunter2', ansible_become_pass: new Secret('hunter3')});
    expect(connection.password?.reveal()).toBe('hunter2');
    expect(connection.become.password?.reveal()).toBe('hunter3');
  });

  test('prefers the new name of a variable to the old one', () => {
    expect(connect({ansible_ssh_host: 'old', ansible_host: 'new'}).connection.address).toBe('new');
  });

  test.each([
    ['ansible_port', 0, 'a whole number from 1 to 65535'],
    ['ansible_port', '22x', 'a whole number from 1 to 65535'],
    ['ansible_host', ['a'], 'a text that is not empty'],
    ['ansible_connection', 'docker', '"ssh" or "local"'],
    ['ansible_become', 'maybe', 'true or false'],
    ['ansible_become_method', 'su', '"sudo"'],
    ['reconnect_timeout', 'soon', 'a duration such as 90s or 5m'],
    ['ansible_password', ['hunter2'], 'a text'],
  ])('refuses %s: %j', (variable, value, wanted) => {
    expect(connect({[variable]: value}).found).toEqual([
      `E105 "${variable}" of host "cp1" must be ${wanted}.`,
    ]);
  });
});

describe('two hosts at one address', () => {
  const warned = (
    a: Readonly<Record<string, unknown>>,
    b: Readonly<Record<string, unknown>>,
  ): readonly string[] => {
    const problems = new Problems();
    warnOfSharedAddresses([connect(a), connect(b, 'cp2')], problems);
    return problems.all.map(({code, severity, detail}) => `${severity} ${code} ${detail}`);
  };

  test('are a warning', () => {
    expect(warned({ansible_host: '10.0.0.1'}, {ansible_host: '10.0.0.1'})).toEqual([
      'warning E206 "cp2" and "cp1" are both reached at 10.0.0.1:22.',
    ]);
    expect(warned({ansible_connection: 'local'}, {ansible_connection: 'local'})).toHaveLength(1);
  });

  test('with two ports are none', () => {
    expect(warned({ansible_host: '10.0.0.1'}, {ansible_host: '10.0.0.1', ansible_port: 23})).toEqual([]);
  });
});
