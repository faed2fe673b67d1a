import {once} from 'node:events';
import {rmSync, symlinkSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import {describe, expect, test} from 'vitest';
import {clock} from '../../src/facts/clock.ts';
import {diskSpace} from '../../src/facts/disk-space.ts';
import {interfaces} from '../../src/facts/interfaces.ts';
import {kubernetesNodes} from '../../src/facts/kubernetes-nodes.ts';
import {listeners} from '../../src/facts/listeners.ts';
import {reach} from '../../src/facts/reach.ts';
import {route} from '../../src/facts/route.ts';
import {routes} from '../../src/facts/routes.ts';
import {source} from '../../src/facts/source.ts';
import {ABSENT, type Answer, known, unknown} from '../../src/model/answer.ts';
import type {FactQuery} from '../../src/model/fact.ts';
import {askShell} from '../support/ask.ts';
import {FileServer} from '../support/file-server.ts';
import {LocalShell, SHELLS} from '../support/local-shell.ts';
import {hasShellcheck, shellcheck} from '../support/shellcheck.ts';
import {TempDir} from '../support/temp-dir.ts';

/** What a kind reads from what a host printed. */
const read = (query: FactQuery, ...records: readonly string[]): Answer<unknown> | undefined =>
  query.kind.parse(Buffer.from(records.map((record) => `${record}\0`).join('')), [query.key])[0];

const hasBash = (shell: string): boolean => !shell.startsWith('busybox');
const NO_BASH = unknown('the host has no bash to try connections with');

async function listening(address: string): Promise<{readonly server: Server; readonly port: number}> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  return {server, port: typeof bound === 'object' ? (bound?.port ?? 0) : 0};
}

/** Where a server sends who asks for these. */
const MOVED: ReadonlyMap<string, string> = new Map([
  ['/moved', '/there'],
  ['/lost', 'http://127.0.0.1:1/'],
]);

describe.each(SHELLS)('%s', (name, open) => {
  test('sees who listens, at a port and in a range', async () => {
    await using shell = open();
    const {server, port} = await listening('127.0.0.1');
    const [one, range, none] = await askShell(
      [listeners(String(port)), listeners(`${port}-${port + 5}`), listeners('1')],
      shell,
    );
    server.close();
    expect(one).toMatchObject(known([{port, address: '127.0.0.1'}]));
    expect(range).toMatchObject({state: 'known', value: expect.arrayContaining([...valueOf(one)])});
    expect(none).toEqual(ABSENT);
  });

  test('tells who answers from who refuses', async () => {
    await using shell = open();
    const {server, port} = await listening('127.0.0.1');
    const answers = await askShell([reach(`127.0.0.1:${port}`), reach('[127.0.0.1]:1')], shell);
    server.close();
    expect(answers).toEqual(hasBash(name) ? [known('open'), known('refused')] : [NO_BASH, NO_BASH]);
  });

  test('tells what a download would meet, and downloads nothing', async () => {
    await using shell = open();
    await using server = await FileServer.start((path) => {
      if (path === '/there') return {body: Buffer.from('a release')};
      const location = MOVED.get(path);
      return location === undefined ? undefined : {status: 302, headers: {location}, body: Buffer.of()};
    });
    const there = `http://${server.host}`;
    const asked = [
      `${there}/there`,
      `${there}/moved`,
      `${there}/lost`,
      `${there}/gone`,
      'http://127.0.0.1:1/',
      'http://no.invalid/',
    ];
    const [here, moved, lost, gone, refused, nobody] = await askShell(asked.map(source), shell);
    const OK = known({status: 200, problem: ''});
    expect([here, moved]).toEqual([OK, OK]);
    // busybox has its own wget, which tells the status in words.
    expect(gone).toEqual(known({status: 404, problem: hasBash(name) ? '' : expect.stringContaining('404')}));
    const silence = known({status: 0, problem: expect.stringMatching(/refused|connect to/)});
    expect([refused, lost]).toEqual([silence, silence]);
    expect(nobody).toEqual(known({status: 0, problem: expect.stringContaining('no.invalid')}));
  });

  test('measures the disk of a path that is not there yet', async () => {
    await using shell = open();
    using root = new TempDir();
    const [there, later, odd] = await askShell(
      [root.path, root.at('not/yet'), '/proc/1'].map(diskSpace),
      shell,
    );
    expect(there).toMatchObject({state: 'known', value: {total_mb: expect.any(Number)}});
    expect(sizeOf(there)).toBeGreaterThan(0);
    expect(sizeOf(later)).toBe(sizeOf(there));
    expect(odd).toMatchObject({state: 'known', value: {total_mb: 0, free_inodes: null}});
  });

  test('finds a clock that is right to be right', async () => {
    await using shell = open();
    const [answer] = await askShell([clock()], shell);
    const {offset_ms = Number.NaN, error_ms = Number.NaN} = Object(answer?.state === 'known' && answer.value);
    expect(Math.abs(offset_ms)).toBeLessThanOrEqual(error_ms);
    expect(error_ms).toBeGreaterThanOrEqual(500);
  });

  test('knows the way to an address of the host itself', async () => {
    await using shell = open();
    const [here, interfacesThere] = await askShell([route('127.0.0.1'), interfaces()], shell);
    expect(here).toMatchObject(known({interface: 'lo', source: '127.0.0.1', gateway: ''}));
    expect(interfacesThere).toMatchObject({state: 'known'});
  });

  test('tells the routes of one protocol from those of another', async () => {
    await using shell = open();
    const [nobodys, kernels] = await askShell([routes('251'), routes('kernel')], shell);
    if (!hasBash(name)) return expect(nobodys).toEqual(unknown('the host has no iproute2'));
    expect(nobodys).toEqual(ABSENT);
    expect(kernels).not.toMatchObject({state: 'unknown'});
  });
});

const valueOf = (answer: Answer<unknown> | undefined): readonly unknown[] =>
  answer?.state === 'known' && Array.isArray(answer.value) ? answer.value : [];
const sizeOf = (answer: Answer<unknown> | undefined): unknown =>
  Object(answer?.state === 'known' && answer.value).total_mb;

test('listeners are read from the tables of the kernel, and their programs from ss', () => {
  const tables = [
    '   0: 00000000:1A0B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100',
    '   1: 0100007F:280A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100',
    '   0: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3',
    '   0: 0000000000000000FFFF00000100007F:280A 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3',
    '   0: B80D0120000000000000000001000000:280B 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3',
  ].join('\n');
  const told = [
    'LISTEN 0      4096          0.0.0.0:6667      0.0.0.0:*    users:(("haproxy",pid=7,fd=3),("haproxy",pid=6,fd=3))',
    'LISTEN 0      4096             [::]:10250        [::]:*',
  ].join('\n');
  expect(read(listeners('6667'), tables, told)).toEqual(
    known([{port: 6667, address: '0.0.0.0', program: 'haproxy'}]),
  );
  expect(read(listeners('10250-10251'), tables, told)).toEqual(
    known([
      {port: 10250, address: '127.0.0.1', program: ''},
      {port: 10250, address: '::', program: ''},
      {port: 10250, address: '::ffff:7f00:1', program: ''},
      {port: 10251, address: '2001:db8::1', program: ''},
    ]),
  );
  expect(read(listeners('22'), tables)).toEqual(unknown('/proc/net/tcp cannot be read'));
});

test.each([
  [
    '0 192.0.2.9 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0 ',
    known({interface: 'eth0', source: '10.0.0.5', gateway: '10.0.0.1'}),
  ],
  ['0 10.96.0.1 dev eth0 src 10.0.0.5 uid 0', known({interface: 'eth0', source: '10.0.0.5', gateway: ''})],
  ['2 RTNETLINK answers: Network is unreachable', ABSENT],
  [
    '1 Error: any valid prefix is expected rather than "x".',
    unknown('Error: any valid prefix is expected rather than "x".'),
  ],
  ['', unknown('no answer')],
])('a route is read from %j', (record, answer) => {
  expect(read(route('10.96.0.1'), record)).toEqual(answer);
});

test.each([
  [
    '4\n10.9.0.0/16 via 192.0.2.9 dev eth0 \n10.8.0.7 via 192.0.2.8 dev eth1 metric 5 \n6\n',
    known([
      {to: '10.8.0.7/32', via: '192.0.2.8', interface: 'eth1'},
      {to: '10.9.0.0/16', via: '192.0.2.9', interface: 'eth0'},
    ]),
  ],
  [
    '4\ndefault dev wg0 \n6\nfd00:1::/64 via fd00::11 dev eth0 metric 1024 pref medium\ndefault via fe80::1 dev eth0 ',
    known([
      {to: '0.0.0.0/0', via: '', interface: 'wg0'},
      {to: '::/0', via: 'fe80::1', interface: 'eth0'},
      {to: 'fd00:1::/64', via: 'fd00::11', interface: 'eth0'},
    ]),
  ],
  ['4\n\n6\n', ABSENT],
  ['!Error: argument "x" is wrong', unknown('Error: argument "x" is wrong')],
])('the routes of a protocol are read from %j', (record, answer) => {
  expect(read(routes('181'), record)).toEqual(answer);
});

test.each([
  [
    '0 w1|192.0.2.11 fd00::11 |10.1.1.0/24 |\ncp1|192.0.2.1 ||\n',
    known([
      {name: 'cp1', addresses: ['192.0.2.1'], pod_cidrs: []},
      {name: 'w1', addresses: ['192.0.2.11', 'fd00::11'], pod_cidrs: ['10.1.1.0/24']},
    ]),
  ],
  ['0 ', known([])],
  ['1 The connection to the server was refused', unknown('The connection to the server was refused')],
  ['127 ', unknown('kubectl gave no answer')],
])('the nodes of a cluster are read from %j', (record, answer) => {
  expect(read(kubernetesNodes('/k'), record)).toEqual(answer);
});

test('interfaces have their hardware address and all their addresses', () => {
  const links = [
    String.raw`1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN \    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00`,
    String.raw`2: eth0@if5: <BROADCAST,UP> mtu 1500 qdisc noqueue \    link/ether 02:00:0a:4d:00:00 brd ff:ff:ff:ff:ff:ff`,
    String.raw`3: wg0: <POINTOPOINT,UP> mtu 1420 qdisc noqueue \    link/none`,
  ].join('\n');
  const addresses = [
    String.raw`2: eth0    inet 10.77.0.11/16 scope global eth0\       valid_lft forever preferred_lft forever`,
    String.raw`2: eth0    inet6 fd00::11/64 scope global \       valid_lft forever preferred_lft forever`,
    String.raw`3: wg0    inet 10.9.0.1 peer 10.9.0.2/32 scope global wg0\       valid_lft forever`,
  ].join('\n');
  expect(read(interfaces(), links, addresses)).toEqual(
    known([
      {name: 'eth0', mac: '02:00:0a:4d:00:00', addresses: ['10.77.0.11/16', 'fd00::11/64']},
      {name: 'wg0', mac: '', addresses: ['10.9.0.1']},
    ]),
  );
});

const TOOLS = ['base64', 'cat', 'cut', 'sed', 'tail', 'timeout', 'tr'];

test('what a download would meet is asked with wget where there is no curl, and not at all without either', async () => {
  const statuses: Readonly<Record<string, number>> = {'/there': 200, '/mine': 401, '/shy': 405};
  await using server = await FileServer.start((path) => {
    const headers = path === '/lost' ? {location: 'http://127.0.0.1:1/'} : {};
    return {status: path === '/lost' ? 302 : (statuses[path] ?? 404), headers, body: Buffer.of()};
  });
  using tools = new TempDir();
  for (const tool of [...TOOLS, 'wget']) symlinkSync(`/usr/bin/${tool}`, tools.at(tool));
  await using shell = new LocalShell(['/bin/sh', '-s'], {PATH: tools.path});
  const asked = ['there', 'gone', 'mine', 'shy', 'lost'].map((each) =>
    source(`http://${server.host}/${each}`),
  );
  const answers = await askShell(asked, shell);
  const told = (status: number, words = '') => known({status, problem: expect.stringContaining(words)});
  expect(answers).toEqual([told(200), told(404), told(401), told(405), told(0, 'refused')]);
  rmSync(tools.at('wget'));
  const neither = unknown('neither curl nor wget is there to download with');
  expect(await askShell(asked, shell)).toEqual(asked.map(() => neither));
});

test('a download goes through the proxy that its question names', async () => {
  await using proxy = await FileServer.start((path) =>
    path === 'http://far.invalid/a' ? {body: Buffer.of()} : undefined,
  );
  await using shell = new LocalShell();
  const through = (more: string) => source(`http://far.invalid/a http=http://${proxy.host} ${more}`);
  const [there, without] = await askShell([through(''), through('no=far.invalid')], shell);
  expect(there).toEqual(known({status: 200, problem: ''}));
  expect(without).toEqual(known({status: 0, problem: expect.stringContaining('far.invalid')}));
  expect(proxy.asked).toEqual(['HEAD http://far.invalid/a']);
});

test('a clock that is an hour behind is an hour behind, give or take', () => {
  const now = Date.now();
  const answer = clock().kind.parse(Buffer.from(`${now - 200} ${Math.floor(now / 1000) - 3600}`), ['now'])[0];
  const {offset_ms, error_ms} = Object(answer?.state === 'known' && answer.value);
  expect(Math.abs(offset_ms + 3_600_000)).toBeLessThanOrEqual(error_ms);
  expect(error_ms).toBeLessThan(5000);
});

test('a full disk and one that cannot be seen are told apart', () => {
  expect(read(diskSpace('/x'), '4096 0 256 0 100')).toEqual(known({free_mb: 0, total_mb: 1, free_inodes: 0}));
  expect(read(diskSpace('/x'), 'hidden')).toEqual(unknown('no permission'));
  expect(read(diskSpace('/x'), '')).toEqual(unknown('the file system told nothing'));
});

test
  .runIf(hasShellcheck)
  .each([
    ...['8080', '30000-32767'].map(listeners),
    ...['/var', '/srv/data'].map(diskSpace),
    clock(),
    interfaces(),
    route('192.0.2.1'),
    routes('181'),
    kubernetesNodes('/etc/kubernetes/admin.conf'),
    reach('[::1]:22'),
    source('https://mirror.example/a file'),
    source("https://mirror.example/a https=http://user:it's@proxy.example"),
  ])('shellcheck finds the program of $kind.name for $key clean', ({kind, key}) => {
  expect(shellcheck(kind.program([key, key]))).toBe('');
});
