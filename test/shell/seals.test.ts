import {createHash, randomBytes} from 'node:crypto';
import {readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import {digests, sealing} from '../../src/shell/seals.ts';
import {sh} from '../../src/shell/sh.ts';
import {LocalShell, SHELLS} from '../support/local-shell.ts';
import {run} from '../support/run.ts';
import {TempDir} from '../support/temp-dir.ts';

const LARGE = 1 << 20;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A folder with files, and seals of those that were sealed. */
class Sealed extends TempDir {
  readonly seals = this.at('seals');

  async seal(shell: LocalShell, name: string, digest: string): Promise<void> {
    const ran = await run(shell, sh`${sealing(this.seals)}\nseal ${this.at(name)} ${digest} ${name}`);
    expect(ran).toMatchObject({exitCode: 0, stderr: Buffer.alloc(0)});
  }

  async digestsOf(shell: LocalShell, ...names: readonly string[]): Promise<readonly string[]> {
    const paths = names.map((name) => this.at(name));
    const script: Script = sh`${digests(this.seals)}\ndigests ${paths}`;
    const {stdout} = await run(shell, script);
    return Buffer.from(stdout)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, 64));
  }
}

describe.each(SHELLS)('%s', (_, open) => {
  test('a file with an unbroken seal is not read, and the others are, in order', async () => {
    await using shell = open();
    using folder = new Sealed();
    for (const name of ['a', 'b', 'c d']) writeFileSync(folder.at(name), randomBytes(LARGE));
    // Only a seal can say what is not so.
    await folder.seal(shell, 'b', 'b'.repeat(64));
    const [a, c] = ['a', 'c d'].map((name) => sha256(readFileSync(folder.at(name))));
    expect(await folder.digestsOf(shell, 'a', 'b', 'c d')).toEqual([a, 'b'.repeat(64), c]);
    expect(await folder.digestsOf(shell, 'b')).toEqual(['b'.repeat(64)]);
  });

  test('a change that keeps size and time of the file breaks its seal', async () => {
    await using shell = open();
    using folder = new Sealed();
    const at = new Date(1_700_000_000_000);
    writeFileSync(folder.at('a'), randomBytes(LARGE));
    utimesSync(folder.at('a'), at, at);
    await folder.seal(shell, 'a', 'a'.repeat(64));
    const other = randomBytes(LARGE);
    writeFileSync(folder.at('a'), other);
    utimesSync(folder.at('a'), at, at);
    expect(await folder.digestsOf(shell, 'a')).toEqual([sha256(other)]);
  });

  test('a file that is gone takes no line of another', async () => {
    await using shell = open();
    using folder = new Sealed();
    for (const name of ['a', 'b']) writeFileSync(folder.at(name), randomBytes(LARGE));
    await folder.seal(shell, 'a', 'a'.repeat(64));
    const b = sha256(readFileSync(folder.at('b')));
    expect(await folder.digestsOf(shell, 'gone', 'b', 'a')).toEqual([
      b,
      sha256(readFileSync(folder.at('a'))),
    ]);
  });

  test('small files have no seals', async () => {
    await using shell = open();
    using folder = new Sealed();
    writeFileSync(folder.at('a'), 'small');
    await folder.seal(shell, 'a', 'a'.repeat(64));
    expect(readdirSync(folder.path)).toEqual(['a']);
    expect(await folder.digestsOf(shell, 'a')).toEqual([sha256(Buffer.from('small'))]);
  });
});
