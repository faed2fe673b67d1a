import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import {Secret} from '../../src/base/secret.ts';
import type {FileWrite} from '../../src/model/step.ts';
import {sh} from '../../src/shell/sh.ts';
import type {Shell, StepResult} from '../../src/shell/shell.ts';
import {writeFiles} from '../../src/shell/write-files.ts';
import {SHELLS} from '../support/local-shell.ts';
import {TempDir} from '../support/temp-dir.ts';

const isRoot = process.getuid?.() === 0;
const [owner, group] = isRoot ? [7, 8] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

const file = (path: string, more: Partial<FileWrite> = {}): FileWrite => ({
  step: 'write',
  path,
  content: 'new\n',
  mode: '0640',
  owner,
  group,
  ...more,
});

async function write(shell: Shell, ...files: readonly [FileWrite, ...FileWrite[]]): Promise<StepResult> {
  const result = await shell.send(writeFiles(files, 'nonce'), {onFailure: 'go-on'});
  if (result === 'skipped') throw new Error('skipped');
  return result;
}

const DONE = {exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0)};

describe.each(SHELLS)('%s', (name, open) => {
  test('files are written whole; a directory in the way fails, and nothing is left behind', async () => {
    await using shell = open();
    using root = new TempDir();
    mkdirSync(root.at('taken'));
    const odd = root.at("-it's \n\\x2d");
    const result = await write(
      shell,
      file(odd, {content: 'a\0b'}),
      file(root.at('taken')),
      file(root.at('never')),
    );
    expect(result).toMatchObject({exitCode: 1, stderr: Buffer.from('taken is a directory\n')});
    expect(readdirSync(root.path, {recursive: true, encoding: 'utf8'}).toSorted()).toEqual([
      "-it's \n\\x2d",
      'taken',
    ]);
    expect(readFileSync(odd, 'utf8')).toBe('a\0b');
    expect(statSync(odd)).toMatchObject({mode: 0o100640, uid: owner, gid: group});
  });

  test('the set-user-id bit survives the change of the owner', async () => {
    await using shell = open();
    using root = new TempDir();
    expect(await write(shell, file(root.at('a'), {mode: '4755'}))).toMatchObject(DONE);
    expect(statSync(root.at('a')).mode & 0o7777).toBe(0o4755);
  });

  test('a symbolic link stays one, and what it points at is written', async () => {
    await using shell = open();
    using root = new TempDir();
    mkdirSync(root.at('real'));
    symlinkSync('real/target', root.at('link'));
    expect(await write(shell, file(root.at('link')))).toMatchObject(DONE);
    expect(readdirSync(root.path, {recursive: true, encoding: 'utf8'}).toSorted()).toEqual([
      'link',
      'real',
      'real/target',
    ]);
    expect(readFileSync(root.at('real/target'), 'utf8')).toBe('new\n');
    expect(statSync(root.at('real/target'))).toMatchObject({mode: 0o100640, uid: owner, gid: group});
  });

  test('a file that its check rejects is not put in place, and neither are its neighbours', async () => {
    await using shell = open();
    using root = new TempDir();
    const validate = (path: string | Script) =>
      sh`case ${path} in *.conf) ;; *) exit 9 ;; esac; grep -q good ${path}`;
    const good = file(root.at('good.conf'), {content: 'good', validate});
    expect(await write(shell, good, file(root.at('bad.conf'), {validate}))).toMatchObject({exitCode: 1});
    expect(readdirSync(root.path)).toEqual([]);
    expect(await write(shell, good)).toMatchObject(DONE);
    expect(readdirSync(root.path)).toEqual(['good.conf']);
  });

  test('a backup keeps what was there, with its time in its name', async () => {
    await using shell = open();
    using root = new TempDir();
    writeFileSync(root.at('a'), 'old');
    expect(await write(shell, file(root.at('a'), {backup: true}))).toMatchObject(DONE);
    const [, kept = ''] = readdirSync(root.path).toSorted();
    expect(kept).toMatch(/^a\.\d{8}T\d{6}Z~$/);
    expect(readFileSync(root.at(kept), 'utf8')).toBe('old');
  });

  test('megabytes pass through the stream of the shell', {timeout: 60_000}, async () => {
    await using shell = open();
    using root = new TempDir();
    // yash, which is nobody's /bin/sh, runs out of stack above.
    const lines = name === 'yash' ? 30_000 : 300_000;
    const content = "it's \\ $HOME `id`\n".repeat(lines);
    expect(await write(shell, file(root.at('big'), {content}))).toMatchObject(DONE);
    expect(readFileSync(root.at('big'), 'utf8') === content).toBe(true);
  });

  test('an unknown owner fails by name before anything is in place', async () => {
    await using shell = open();
    using root = new TempDir();
    const result = await write(shell, file(root.at('a'), {owner: 'no-such-user'}));
    expect(result.exitCode).not.toBe(0);
    expect(Buffer.from(result.stderr).toString()).toContain('no-such-user');
    expect(readdirSync(root.path)).toEqual([]);
  });

  test('what a write left behind when its host died is cleared a day later, by the next one', async () => {
    await using shell = open();
    using root = new TempDir();
    writeFileSync(root.at('.provision-dead-0'), '');
    writeFileSync(root.at('.provision-busy-0'), '');
    utimesSync(root.at('.provision-dead-0'), 1, 1);
    await write(shell, file(root.at('a')));
    expect(readdirSync(root.path).toSorted()).toEqual(['.provision-busy-0', 'a']);
  });

  test.runIf(isRoot)('a file that is mounted over is written in place', async () => {
    await using shell = open();
    using root = new TempDir();
    writeFileSync(root.at('a'), 'old');
    chmodSync(root.at('a'), 0o600);
    const mounted = sh`mount --bind ${root.at('a')} ${root.at('a')} && ${writeFiles([file(root.at('a'))], 'n')}`;
    const apart = sh`command -v unshare >/dev/null || exit 77; unshare -m /bin/sh -c ${mounted.wire}`;
    const result = await shell.send(apart, {onFailure: 'go-on'});
    expect(result).toMatchObject(DONE);
    expect(readdirSync(root.path)).toEqual(['a']);
    expect(readFileSync(root.at('a'), 'utf8')).toBe('new\n');
    expect(statSync(root.at('a'))).toMatchObject({mode: 0o100640, uid: owner, gid: group});
  });
});

test('what is shown of a write holds none of its content', () => {
  const {display} = writeFiles([file('/etc/token', {content: new Secret('s3cret')})], 'nonce');
  expect(display).toBe(`write /etc/token 0640 ${owner}:${group}`);
});
