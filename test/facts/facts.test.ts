import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {userInfo} from 'node:os';
import {describe, expect, test} from 'vitest';
import {sha256Hex} from '../../src/base/sha256-hex.ts';
import {account} from '../../src/facts/account.ts';
import {content} from '../../src/facts/content.ts';
import {digest} from '../../src/facts/digest.ts';
import {inode} from '../../src/facts/inode.ts';
import {answers} from '../../src/facts/look.ts';
import {port} from '../../src/facts/port.ts';
import {output, probe} from '../../src/facts/probe.ts';
import {readlink} from '../../src/facts/readlink.ts';
import {followed, type Stat, stat} from '../../src/facts/stat.ts';
import {listing, tree} from '../../src/facts/tree.ts';
import {ABSENT, known, unknown} from '../../src/model/answer.ts';
import type {FactQuery} from '../../src/model/fact.ts';
import {askShell} from '../support/ask.ts';
import {LocalShell, SHELLS} from '../support/local-shell.ts';
import {TempDir} from '../support/temp-dir.ts';

const HELLO = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const {uid, gid} = userInfo();
const STAT: Stat = {type: 'file', mode: '0600', owner: uid, group: gid};
const FILE = known(STAT);
const ODD_NAMES = ['mnt-a\\x2db.mount', 'two words', 'two\nlines', '-n', "it's", '*', 'ends\n', '$(id)', '('];

type Kind = (path: string) => FactQuery;
const BY_PATH: readonly Kind[] = [stat, followed, digest, content];

/** The busybox of Debian has an `nc` that cannot. */
const canLookAtPorts = (shell: string): boolean => !shell.startsWith('busybox');
const NO_TOOL = unknown('the host has neither bash nor an nc that can look at ports');

describe.each(SHELLS)('%s', (name, open) => {
  test.each(ODD_NAMES)('looks at %j', async (name) => {
    await using shell = open();
    using root = new TempDir();
    const paths = ['missing', name, 'absent'].map((each) => root.at(each));
    writeFileSync(root.at(name), 'hello\n', {mode: 0o600});
    const looked = await askShell(
      BY_PATH.flatMap((kind) => paths.map(kind)),
      shell,
    );
    const three = (middle: unknown) => [ABSENT, middle, ABSENT];
    expect(looked).toEqual([FILE, FILE, known(HELLO), known('hello\n')].flatMap(three));
    expect(await askShell([listing(root.path), tree(root.path)], shell)).toEqual([
      known([name]),
      known([{path: name, ...STAT}]),
    ]);
  });

  test('tells links from what they lead to', async () => {
    await using shell = open();
    using root = new TempDir();
    writeFileSync(root.at('file'), 'hello\n', {mode: 0o600});
    symlinkSync('file', root.at('link'));
    symlinkSync('odd\n', root.at('odd'));
    symlinkSync('/nowhere/at/all', root.at('dangling'));
    linkSync(root.at('file'), root.at('hard'));
    const paths = ['link', 'odd', 'dangling', 'file', 'missing'].map((name) => root.at(name));
    expect(await askShell(paths.map(readlink), shell)).toEqual([
      known('file'),
      known('odd\n'),
      known('/nowhere/at/all'),
      ABSENT,
      ABSENT,
    ]);
    const link = known({type: 'symlink', mode: '0777', owner: uid, group: gid});
    expect(await askShell(paths.map(stat), shell)).toEqual([link, link, link, FILE, ABSENT]);
    const nowhere = uid === 0 ? ABSENT : unknown('no permission');
    expect(await askShell(paths.map(followed), shell)).toEqual([FILE, nowhere, nowhere, FILE, ABSENT]);
    const [one, other, third] = await askShell(
      ['file', 'hard', 'link'].map((at) => inode(root.at(at))),
      shell,
    );
    expect(one).toEqual(other);
    expect(one).not.toEqual(third);
  });

  test('lists what is below directories, and tells those that are not there', async () => {
    await using shell = open();
    using root = new TempDir();
    mkdirSync(root.at('b/c'), {recursive: true});
    mkdirSync(root.at('empty'));
    writeFileSync(root.at('b/c/file'), '', {mode: 0o600});
    const directories = ['b', 'empty', 'missing'].map((name) => root.at(name));
    const [b, empty, missing] = await askShell(directories.map(tree), shell);
    expect(b).toMatchObject(
      known([
        {path: 'c', type: 'directory'},
        {path: 'c/file', type: 'file'},
      ]),
    );
    expect([empty, missing]).toEqual([known([]), ABSENT]);
    expect(await askShell(directories.map(listing), shell)).toEqual([known(['c']), known([]), ABSENT]);
  });

  test('knows accounts by name', async () => {
    await using shell = open();
    const queries = ['user/root', 'group/root', 'user/nobody-has-this', 'group/nobody-has-this'].map(account);
    expect(await askShell(queries, shell)).toEqual([known(0), known(0), ABSENT, ABSENT]);
    expect(await askShell([account('group/nobody-has-this')], shell)).toEqual([ABSENT]);
  });

  test('runs guards apart from each other', async () => {
    await using shell = open();
    const texts = ['x=1; exit 3', '[ "$x" = 1 ]', 'if', 'cat', 'echo out; echo err >&2; kill -9 $$x', 'true'];
    const codes = await askShell(texts.map(probe), shell);
    expect(codes.map((each) => each.state === 'known' && each.value !== 0)).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(codes[0]).toEqual(known(3));
  });

  test('reads what guards print, and survives what they print too much', async () => {
    await using shell = open();
    const texts = [
      'echo "two  words"; echo second; exit 4',
      'true',
      'exit 1',
      'head -c 3000000 /dev/zero | tr "\\0" x',
      "printf '\\377'",
      'if',
      'echo last',
    ];
    const found = await askShell(texts.map(output), shell);
    expect(found.slice(0, 3)).toEqual([
      known({exit_code: 4, stdout: 'two  words\nsecond'}),
      known({exit_code: 0, stdout: ''}),
      known({exit_code: 1, stdout: ''}),
    ]);
    expect(found[3]).toEqual(known({exit_code: 0, stdout: 'x'.repeat(65536)}));
    expect(found[4]).toEqual(unknown('the command printed what is not text'));
    expect(found[5]).not.toMatchObject({value: {exit_code: 0}});
    expect(found[6]).toEqual(known({exit_code: 0, stdout: 'last'}));
  });

  test('tells open ports from closed ones', async () => {
    await using shell = open();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const there = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const looked = await askShell([port(there), port('127.0.0.1:1'), port('[::1]:1')], shell);
    expect(looked).toEqual(
      canLookAtPorts(name) ? ['open', 'closed', 'closed'].map(known) : [NO_TOOL, NO_TOOL, NO_TOOL],
    );
    server.close();
  });
});

test('a text that is too large or not text is unknown', async () => {
  await using shell = new LocalShell();
  using root = new TempDir();
  writeFileSync(root.at('large'), 'x'.repeat(65_537));
  writeFileSync(root.at('limit'), 'x'.repeat(65_536));
  writeFileSync(root.at('binary'), Buffer.from([0xff, 0]));
  expect(
    await askShell(
      ['large', 'limit', 'binary'].map((name) => content(root.at(name))),
      shell,
    ),
  ).toEqual([unknown('larger than 64 KiB'), known('x'.repeat(65_536)), unknown('not text')]);
});

/** A directory for PATH that counts how often each tool is started. */
function counted(root: TempDir, tools: readonly string[]): void {
  for (const tool of tools) {
    const real = spawnSync('sh', ['-c', `command -v ${tool}`])
      .stdout.toString()
      .trim();
    const script = `#!/bin/sh\necho ${tool} >>${root.at('started')}\nexec ${real} "$@"\n`;
    writeFileSync(root.at(tool), script, {mode: 0o755});
  }
}

test('300 files are one stat and one sha256sum', async () => {
  using root = new TempDir();
  counted(root, ['stat', 'sha256sum', 'find', 'readlink']);
  await using shell = new LocalShell(['sh', '-s'], {PATH: `${root.path}:${process.env['PATH']}`});
  const paths = Array.from({length: 300}, (_, index) => root.at(`a file ${index}`));
  for (const path of paths) writeFileSync(path, path);
  const queries: readonly FactQuery[] = [...paths.map(followed), ...paths.map(digest)];
  expect((await askShell(queries, shell)).every(({state}) => state === 'known')).toBe(true);
  const started = spawnSync('cat', [root.at('started')])
    .stdout.toString()
    .trim()
    .split('\n');
  expect(started.sort()).toEqual(['sha256sum', 'stat']);
});

test('more paths than a command line can hold are all looked at', async () => {
  await using shell = new LocalShell();
  using root = new TempDir();
  const deep = root.at('d'.repeat(200), 'e'.repeat(200));
  mkdirSync(deep, {recursive: true});
  const paths = Array.from({length: 6000}, (_, index) => `${deep}/${'f'.repeat(100)}${index}`);
  writeFileSync(paths[5999] ?? '', 'hello\n', {mode: 0o600});
  const found = await askShell(paths.map(stat), shell);
  expect(found.filter(({state}) => state === 'absent')).toHaveLength(5999);
  expect(found[5999]).toEqual(FILE);
});

const canDrop = spawnSync('setpriv', ['--reuid', '65534', '--clear-groups', 'true']).status === 0;

test.runIf(canDrop)('what no permission hides is unknown, not absent', async () => {
  await using shell = new LocalShell(['setpriv', '--reuid', '65534', '--clear-groups', '/bin/sh', '-s']);
  using root = new TempDir();
  chmodSync(root.path, 0o755);
  mkdirSync(root.at('private'), {mode: 0o700});
  writeFileSync(root.at('private/file'), 'hello\n');
  const paths = [root.at('private/file'), root.at('public')];
  const kinds: readonly Kind[] = [stat, followed, digest, readlink];
  const both = [unknown('no permission'), ABSENT];
  expect(
    await askShell(
      kinds.flatMap((kind) => paths.map(kind)),
      shell,
    ),
  ).toEqual([...both, ...both, ...both, ...both]);
  const folders = ['private', 'private/x', 'private/x/y', 'public', 'public/x'];
  const hidden = unknown('no permission');
  const asked = folders.map((each) => tree(root.at(each)));
  expect(await askShell(asked, shell)).toEqual([hidden, hidden, hidden, ABSENT, ABSENT]);
});

describe('digests, where sha256sum', () => {
  test.each([
    ['knows no records, as that of busybox', 'case $1 in -z) exit 1 ;; esac'],
    ['dies in the middle', `case $1 in -z) printf '%064d  /x\\0' 0; exit 1 ;; esac`],
  ])('%s, are read line by line', async (_, program) => {
    using root = new TempDir();
    await using shell = new LocalShell(['/bin/sh', '-s'], {PATH: `${root.at('bin')}:${process.env['PATH']}`});
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], {encoding: 'utf8'}).stdout.trim();
    const fake = `#!/bin/sh\necho called >>${root.at('calls')}\n${program}\nexec ${real} "$@"\n`;
    mkdirSync(root.at('bin'));
    writeFileSync(root.at('bin/sha256sum'), fake, {mode: 0o755});
    writeFileSync(root.at('one'), 'hello\n');
    writeFileSync(root.at('two'), '');
    const found = await askShell(
      ['one', 'two'].map((name) => digest(root.at(name))),
      shell,
    );
    expect(found).toEqual([known(HELLO), known(sha256Hex(''))]);
    expect(readFileSync(root.at('calls'), 'utf8')).toBe('called\ncalled\n');
  });
});

test('answers that do not fit the words are not believed', () => {
  expect(answers(Buffer.from('there\0there\0\0one\0\0'), 2, String)).toMatchObject([
    {state: 'unknown'},
    {state: 'unknown'},
  ]);
});
