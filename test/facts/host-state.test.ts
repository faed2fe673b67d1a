import {createHash} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {userInfo} from 'node:os';
import {describe, expect, test} from 'vitest';
import {hostname} from '../../src/facts/hostname.ts';
import {hosts} from '../../src/facts/hosts.ts';
import {kernelModule} from '../../src/facts/kernel-module.ts';
import {swap} from '../../src/facts/swap.ts';
import {sysctl, sysctlAtBoot, sysctlPath} from '../../src/facts/sysctl.ts';
import {unit, unitFile} from '../../src/facts/unit.ts';
import {unitStart} from '../../src/facts/unit-start.ts';
import {user, userPassword} from '../../src/facts/user.ts';
import {ABSENT, type Answer, known} from '../../src/model/answer.ts';
import type {FactQuery} from '../../src/model/fact.ts';
import {askShell} from '../support/ask.ts';
import {LocalShell, SHELLS} from '../support/local-shell.ts';
import {TempDir} from '../support/temp-dir.ts';

describe.each(SHELLS)('%s', (_, open) => {
  test('reads what this host is', async () => {
    await using shell = open();
    const root = known({uid: 0, gid: 0, home: '/root'});
    const name = readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
    const queries = [
      sysctl('kernel.hostname'),
      sysctl('no.such.parameter'),
      hostname(),
      user('root'),
      user('nobody-has-this'),
      kernelModule('proc'),
      kernelModule('nobody-has-this'),
    ];
    const answers = await askShell(queries, shell);
    expect(answers).toMatchObject([known(name), ABSENT, known(name), root, ABSENT, known('builtin'), ABSENT]);
  });

  test('reads the files that everybody has or may lack', async () => {
    await using shell = open();
    const answers = await askShell([hosts('nobody-has-this'), sysctlAtBoot('no.such'), swap()], shell);
    expect(answers).toMatchObject([known([]), known([]), {state: 'known'}]);
  });

  test.runIf(userInfo().uid === 0)('sees the hash of a password only as a digest', async () => {
    await using shell = open();
    const shadow = /^root:([^:]*):/m.exec(readFileSync('/etc/shadow', 'utf8'))?.[1] ?? '';
    const digest = known(createHash('sha256').update(shadow).digest('hex'));
    const answers = await askShell(['root', 'nobody-has-this'].map(userPassword), shell);
    expect(answers).toEqual([shadow === '' ? ABSENT : digest, ABSENT]);
  });
});

/** A resident shell whose `systemctl` prints what is given. */
function withSystemctl(root: TempDir, output: string, exitCode = 0): LocalShell {
  writeFileSync(root.at('output'), output);
  writeFileSync(root.at('systemctl'), `#!/bin/sh\ncat ${root.at('output')}\nexit ${exitCode}\n`, {
    mode: 0o755,
  });
  return new LocalShell(['/bin/sh', '-s'], {PATH: `${root.path}:${process.env['PATH']}`});
}

const FILES = {load: 'loaded', enabled: 'enabled', needsReload: false, passing: false};

test('units are told apart by the order of the question', async () => {
  using root = new TempDir();
  const running = 'ActiveState=active\nSubState=running\nResult=success\nInvocationID=a\n';
  const dead = 'ActiveState=inactive\nSubState=dead\nResult=success\nInvocationID=\n';
  await using shell = withSystemctl(root, `${running}\n${dead}`);
  expect(await askShell([unit('ssh'), unit('cron')], shell)).toEqual([
    known({active: 'active', sub: 'running', result: 'success', invocation: 'a'}),
    known({active: 'inactive', sub: 'dead', result: 'success', invocation: ''}),
  ]);
});

test('a oneshot that does not remain is passing', async () => {
  using root = new TempDir();
  const output =
    'Type=oneshot\nRemainAfterExit=no\nLoadState=loaded\nUnitFileState=enabled\nNeedDaemonReload=no\n';
  await using shell = withSystemctl(root, output);
  expect(await askShell([unitFile('prepare')], shell)).toEqual([known({...FILES, passing: true})]);
});

test('a host without systemd does not know its units', async () => {
  using root = new TempDir();
  await using shell = withSystemctl(root, '', 1);
  expect(await askShell([unit('ssh'), unitFile('ssh')], shell)).toMatchObject([
    {state: 'unknown'},
    {state: 'unknown'},
  ]);
});

describe('what a unit was started with', () => {
  const [OLD, NOW] = ['1'.repeat(64), '2'.repeat(64)];
  const UP = {ActiveState: 'active', InvocationID: 'a', ActiveEnterTimestamp: 'Fri 2026-11-20 10:00:00 UTC'};
  const START = Date.UTC(2026, 10, 20, 10) / 1_000;
  const precise = {...UP, ActiveEnterTimestamp: 'Fri 2026-11-20 10:00:00.500000 UTC'};
  const shown = (seconds: number): string =>
    new Date(seconds * 1_000).toISOString().replace('T', ' ').replace('Z', '000000 +0000');
  const file = (changedAt: number, followedAt = changedAt): string =>
    `${shown(changedAt)}\n${shown(followedAt)}\n${NOW}  -\n`;

  function startWith(properties: Readonly<Record<string, string>>, stamp: string, record: string) {
    const told = Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
    const query: FactQuery = unitStart('x.service', ['/etc/y', '/etc/x y']);
    const isThere = record === '' ? 'absent' : 'there';
    const lists = record === '' ? ['', '', ''] : record.split('\n').map((line) => `${line}\n`);
    const records = [told, stamp, `absent\n${isThere}\n`, ...lists.slice(0, 3), ''];
    return query.kind.parse(Buffer.from(records.join('\0')), [query.key])[0];
  }
  const start = (digest: string, hasRun = true): Answer<unknown> =>
    known({digests: {'/etc/y': 'absent', '/etc/x y': digest}, hasRun});

  test('is unknown where a file vanished meanwhile', () => {
    expect(startWith(UP, '', `${shown(START)}\n${shown(START)}`)).toMatchObject({state: 'unknown'});
  });

  test.each([
    ['the stamp of this start is believed', UP, `a\n${OLD} /etc/x y\n`, file(START + 9), start(OLD)],
    ['an unsigned stamp says nothing', UP, `-\n${OLD} /etc/x y\n`, file(START - 9), start(NOW)],
    [
      'the stamp of another start says nothing',
      UP,
      `b\n${OLD} /etc/x y\n`,
      file(START + 9),
      start('changed'),
    ],
    ['without a stamp an older file is what it was started with', UP, '', file(START - 1), start(NOW)],
    ['without a stamp a newer file is not', UP, '', file(START + 1), start('changed')],
    ['a file of the same second may be newer', UP, '', file(START), start('changed')],
    [
      'a file of the same second that is known to be older is not',
      precise,
      '',
      file(START + 0.4),
      start(NOW),
    ],
    ['a file of the same second that is known to be newer', precise, '', file(START + 0.6), start('changed')],
    ['the clock of files is behind by a tick', precise, '', file(START + 0.49), start('changed')],
    ['a link that was moved counts as newer', UP, '', file(START + 1, START - 99), start('changed')],
    [
      'a path that the stamp does not have is judged by its time',
      UP,
      `a\n${OLD} /etc/z\n`,
      file(START - 1),
      start(NOW),
    ],
    ['no file is no file', UP, '', '', start('absent')],
    [
      'what does not run has nothing old',
      {...UP, ActiveState: 'inactive'},
      `a\n${OLD} /etc/x y\n`,
      file(START + 9),
      start(NOW),
    ],
    [
      'a oneshot that systemd has forgotten ran with its stamp',
      {ActiveState: 'inactive', Type: 'oneshot', RemainAfterExit: 'no', InvocationID: ''},
      `\n${OLD} /etc/x y\n`,
      file(START),
      start(OLD),
    ],
    [
      'a oneshot without a stamp has not run',
      {ActiveState: 'inactive', Type: 'oneshot', RemainAfterExit: 'no', InvocationID: ''},
      '',
      file(START),
      start(NOW, false),
    ],
  ])('%s', (_, properties, stamp, record, expected) => {
    expect(startWith(properties, stamp, record)).toEqual(expected);
  });
});

test('sysctl reads names with dots and with slashes', () => {
  expect(
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward', 'net.ipv4.conf.eth0/100.rp_filter'].map(sysctlPath),
  ).toEqual([
    '/proc/sys/net/ipv4/ip_forward',
    '/proc/sys/net/ipv4/ip_forward',
    '/proc/sys/net/ipv4/conf/eth0.100/rp_filter',
  ]);
});

test('sysctl files are read by their names, and a file hides its namesake', () => {
  const records = [
    ['/etc/sysctl.d/50-a.conf', 'vm.swappiness = 1'],
    ['/etc/sysctl.d/99-b.conf', '-vm/swappiness=2\nvm.other=9'],
    ['/usr/lib/sysctl.d/50-a.conf', 'vm.swappiness = 3'],
    ['/usr/lib/sysctl.d/60-c.conf', 'vm.swappiness = 4'],
    ['/etc/sysctl.conf', 'vm.swappiness =  5'],
  ].flat();
  const query = sysctlAtBoot('vm.swappiness');
  expect(query.kind.parse(Buffer.from(records.map((each) => `${each}\0`).join('')), [query.key])).toEqual([
    known([
      {file: '/etc/sysctl.d/50-a.conf', value: '1'},
      {file: '/usr/lib/sysctl.d/60-c.conf', value: '4'},
      {file: '/etc/sysctl.d/99-b.conf', value: '2'},
      {file: '/etc/sysctl.conf', value: '5'},
    ]),
  ]);
});

test('swap lines of fstab are told from comments and from others', () => {
  const fstab =
    '# /dev/a none swap sw 0 0\n/dev/b none swap\nUUID=c\tnone\tswap\tsw\n/dev/d /swap ext4 defaults';
  const swaps = '/swap.img file 1 0 -2\n/dev/zram0 partition 1 0 100\n';
  expect(swap().kind.parse(Buffer.from(`${swaps}\0${fstab}\0`), ['host'])).toEqual([
    known({active: ['/swap.img', '/dev/zram0'], fstab: ['/dev/b none swap', 'UUID=c\tnone\tswap\tsw']}),
  ]);
});
