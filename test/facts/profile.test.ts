import {hostname, release, userInfo} from 'node:os';
import {describe, expect, test} from 'vitest';
import {PROFILE, parseProfile} from '../../src/facts/profile.ts';
import {sh} from '../../src/shell/sh.ts';
import {SHELLS} from '../support/local-shell.ts';
import {run} from '../support/run.ts';

describe.each(SHELLS)('%s', (_, open) => {
  test('a host says what it is', async () => {
    await using shell = open();
    const result = await run(shell, PROFILE);
    expect(result).toMatchObject({exitCode: 0, stderr: Buffer.alloc(0)});
    const profile = parseProfile(result.stdout);
    expect(profile).toMatchObject({hostname: hostname(), kernel: release(), uid: userInfo().uid});
    expect(profile.boot_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(profile.cpus).toBeGreaterThan(0);
    expect(profile.memory_mb).toBeGreaterThan(64);
    expect(profile.os.family).toContain(profile.os.id);
  });

  test('a host without a tool that we rely on says which', async () => {
    await using shell = open();
    const result = await run(shell, sh`PATH=/nowhere; ${PROFILE}`);
    expect(result.exitCode).toBe(69);
    expect(String(Buffer.from(result.stderr))).toContain('sha256sum');
  });
});

const RECORD = `uname web-1 6.8.0-40-generic aarch64
os ubuntu
version 24.04
like debian
init systemd
cgroup v2
package_manager apt
cpus 0-2,7
memory MemTotal:        8039412 kB
selinux 1
machine_id 0123
boot_id 4567
uid 1000
2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet6 fd00::5/64 scope global \\       valid_lft forever preferred_lft forever
192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.7 uid 0 \\    cache
`;

const parse = (text: string) => parseProfile(new TextEncoder().encode(text));

test('a record becomes a profile', () => {
  expect(parse(RECORD)).toEqual({
    hostname: 'web-1',
    kernel: '6.8.0-40-generic',
    arch: 'arm64',
    os: {id: 'ubuntu', version: '24.04', family: ['ubuntu', 'debian']},
    init: 'systemd',
    cgroup: 'v2',
    package_manager: 'apt',
    cpus: 4,
    memory_mb: 7850,
    addresses: ['10.0.0.5', 'fd00::5'],
    address: '10.0.0.7',
    selinux: 'enforcing',
    machine_id: '0123',
    boot_id: '4567',
    uid: 1000,
  });
});

test('a host without a default route has its first address, and one without addresses an empty one', () => {
  const routeless = RECORD.replaceAll(/^192\.0\.2\.1 .*\n/gm, '');
  expect(parse(routeless).address).toBe('10.0.0.5');
  expect(parse(routeless.replaceAll(/^2: .*\n/gm, '')).address).toBe('');
});

test('what is no record is an error', () => {
  expect(() => parse('hello')).toThrow('did not say what it is');
});
