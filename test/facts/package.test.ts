import {spawnSync} from 'node:child_process';
import {describe, expect, test} from 'vitest';
import {packageState} from '../../src/facts/package.ts';
import {packageCache} from '../../src/facts/package-cache.ts';
import {packageUpdate} from '../../src/facts/package-update.ts';
import {ABSENT, known} from '../../src/model/answer.ts';
import type {FactQuery} from '../../src/model/fact.ts';
import {askShell} from '../support/ask.ts';
import {SHELLS} from '../support/local-shell.ts';

/** busybox has none but its own tools here; other systems than Debian's have no dpkg. */
const hasDpkg = (name: string): boolean =>
  !name.startsWith('busybox') && spawnSync('dpkg-query', ['--version']).error === undefined;

describe.each(SHELLS)('%s', (name, open) => {
  test.runIf(hasDpkg(name))('tells installed packages from others', async () => {
    await using shell = open();
    const keys = ['apt/dpkg', 'apt/nobody-has-this', 'dpkg', 'nobody-has-this'];
    const [dpkg, missing, ...auto] = await askShell(keys.map(packageState), shell);
    expect(dpkg).toMatchObject(known({status: 'installed', held: false}));
    expect(missing).toEqual(ABSENT);
    expect(auto).toEqual([dpkg, ABSENT]);
  });

  test('a host without the tool does not know', async () => {
    await using shell = open();
    const answers = await askShell([packageState('zypper/curl'), packageUpdate('zypper', 'curl')], shell);
    expect(answers).toMatchObject([{state: 'unknown'}, {state: 'unknown'}]);
  });

  test('an index that was never made is not fresh', async () => {
    await using shell = open();
    expect(await askShell([packageCache('zypper', 3_600_000)], shell)).toEqual([ABSENT]);
  });
});

/** What hosts printed, recorded. */
const parsed = (queries: readonly FactQuery[], ...records: readonly string[]) =>
  queries[0]?.kind.parse(
    Buffer.from(records.map((record) => `${record}\0`).join('')),
    queries.map(({key}) => key),
  );

test('dpkg: removed, half-configured, held, foreign and native packages', () => {
  const text = `dpkg-query: no packages found matching socat
curl:amd64\tdeinstall\tconfig-files\t7.88.1-10
kubelet:amd64\thold\tinstalled\t1.36.4-1.1
libc6:amd64\tinstall\tinstalled\t2.36-9
libc6:i386\tinstall\tinstalled\t2.36-8
runc:amd64\tinstall\thalf-configured\t1.1.5
man-db:amd64\tinstall\ttriggers-pending\t2.11`;
  const names = ['curl', 'kubelet', 'libc6', 'libc6:i386', 'runc', 'socat', 'man-db'];
  expect(
    parsed(
      names.map((name) => packageState(`apt/${name}`)),
      'apt',
      '1',
      text,
      '',
    ),
  ).toEqual([
    known({status: 'config-files', versions: ['7.88.1-10'], held: false}),
    known({status: 'installed', versions: ['1.36.4-1.1'], held: true}),
    known({status: 'installed', versions: ['2.36-9'], held: false}),
    known({status: 'installed', versions: ['2.36-8'], held: false}),
    ABSENT,
    ABSENT,
    known({status: 'installed', versions: ['2.11'], held: false}),
  ]);
});

test('dpkg: a broken database is unknown, not empty', () => {
  const text =
    "dpkg-query: error: failed to open package info file '/var/lib/dpkg/status': Permission denied";
  expect(parsed([packageState('apt/curl')], 'apt', '2', text, '')).toEqual([
    {state: 'unknown', reason: text},
  ]);
});

const RPM = `kernel\t0:5.14.0-427.el9\tx86_64
kernel\t0:5.14.0-503.el9\tx86_64
package socat is not installed
bind\t32:9.16.23-18.el9\tx86_64`;

test.each([
  ['dnf 4', 'dnf', '# Added lock on Mon\nbind-32:9.16.23-18.el9.*\n'],
  ['dnf 5', 'dnf', 'version = "1.0"\n[[packages]]\nname = "bind"\n[[packages.conditions]]\nkey = "evr"\n'],
  ['zypper', 'zypper', 'type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: bind\n'],
] as const)('rpm: several versions, epochs, locks of %s', (_, manager, locks) => {
  const queries = ['kernel', 'socat', 'bind', 'bind.x86_64'].map((name) =>
    packageState(`${manager}/${name}`),
  );
  const bind = known({status: 'installed', versions: ['32:9.16.23-18.el9'], held: true});
  expect(parsed(queries, manager, '1', RPM, locks)).toEqual([
    known({status: 'installed', versions: ['5.14.0-427.el9', '5.14.0-503.el9'], held: false}),
    ABSENT,
    bind,
    bind,
  ]);
});

test('rpm: a broken database is unknown', () => {
  const text = 'error: cannot open Packages database in /var/lib/rpm\npackage curl is not installed';
  expect(parsed([packageState('dnf/curl')], 'dnf', '1', text, '')).toMatchObject([{state: 'unknown'}]);
});

test('apk: names with dashes and digits, pins of the world file', () => {
  const text = 'musl-1.2.5-r0\npy3-yaml-6.0.1-r3\nlibcrypto3-3.3.1-r0';
  const queries = ['musl', 'py3-yaml', 'libcrypto3', 'py3'].map((name) => packageState(`apk/${name}`));
  expect(parsed(queries, 'apk', '0', text, 'alpine-base\nmusl=1.2.5-r0\npy3-yaml>6\n')).toEqual([
    known({status: 'installed', versions: ['1.2.5-r0'], held: true}),
    known({status: 'installed', versions: ['6.0.1-r3'], held: false}),
    known({status: 'installed', versions: ['3.3.1-r0'], held: false}),
    ABSENT,
  ]);
});

test('a host with several managers answers each', () => {
  const queries = ['apk/curl', 'dnf/curl'].map(packageState);
  expect(parsed(queries, 'apk', '127', 'apk: not found', '', 'dnf', '0', 'curl\t0:8-1\tnoarch', '')).toEqual([
    {state: 'unknown', reason: 'apk: not found'},
    known({status: 'installed', versions: ['8-1'], held: false}),
  ]);
});

const POLICY = `curl:
  Installed: 7.88.1-10
  Candidate: 7.88.1-14
  Version table:
     7.88.1-14 500
socat:
  Installed: 1.7.4.4-2
  Candidate: 1.7.4.4-2
  Version table:
gone:
  Installed: (none)
  Candidate: (none)
  Version table:`;

test.each([
  ['apt', '0', POLICY, ['7.88.1-14', undefined]],
  ['dnf', '100', '\ncurl.x86_64      7.88.1-14      baseos\nObsoleting Packages\n', ['7.88.1-14', undefined]],
  [
    'zypper',
    '0',
    'S | Repository | Name | Current Version | Available Version | Arch\n--+--\nv | main | curl | 7.88.1-10 | 7.88.1-14 | x86_64',
    ['7.88.1-14', undefined],
  ],
  [
    'apk',
    '0',
    'Installed:                                Available:\ncurl-7.88.1-r0                          < 7.88.1-r14',
    ['7.88.1-r14', undefined],
  ],
] as const)('%s: what the index offers', (manager, code, text, [curl, socat]) => {
  const queries = ['curl', 'socat'].map((name) => packageUpdate(manager, name));
  expect(parsed(queries, code, text)).toEqual([
    curl === undefined ? ABSENT : known(curl),
    socat === undefined ? ABSENT : known(socat),
  ]);
});

test('an index that cannot be asked is unknown', () => {
  expect(parsed([packageUpdate('dnf', 'curl')], '1', 'Error: Cache-only enabled but no cache')).toEqual([
    {state: 'unknown', reason: 'Error: Cache-only enabled but no cache'},
  ]);
});
