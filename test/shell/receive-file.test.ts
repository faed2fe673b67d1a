import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {describe, expect, test} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import type {FileSend} from '../../src/model/step.ts';
import {downloadFile, receiveFile} from '../../src/shell/receive-file.ts';
import {sh} from '../../src/shell/sh.ts';
import {SHELLS} from '../support/local-shell.ts';
import {run} from '../support/run.ts';
import {TempDir} from '../support/temp-dir.ts';

const BYTES = Buffer.from('bytes\0');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

const file = (path: string, sha256 = SHA256): FileSend => ({
  step: 'send',
  path,
  mode: '0750',
  owner: process.getuid?.() ?? 0,
  group: process.getgid?.() ?? 0,
  sha256,
  from: {file: '/dev/null'},
});

describe.each(SHELLS)('%s', (_, open) => {
  test('what arrives whole is put in place, over what is there', async () => {
    await using shell = open();
    using directory = new TempDir();
    writeFileSync(directory.at('a'), 'old');
    writeFileSync(directory.at('source'), BYTES);
    const receive = receiveFile(file(directory.at('a')));
    const script = sh`(${receive}
) <${directory.at('source')}`;
    expect(await run(shell, script)).toMatchObject({exitCode: 0, stderr: Buffer.alloc(0)});
    expect(readFileSync(directory.at('a'))).toEqual(BYTES);
    expect(statSync(directory.at('a')).mode & 0o7777).toBe(0o750);
    expect(readdirSync(directory.path).toSorted()).toEqual(['a', 'source']);
  });

  test('what was cut on its way is not, and leaves nothing', async () => {
    await using shell = open();
    using directory = new TempDir();
    const result = await run(shell, receiveFile(file(directory.at('a'))));
    expect(result.exitCode).toBe(65);
    expect(String(Buffer.from(result.stderr))).toContain('the SHA-256 of what arrived is');
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test('what fails its check is not put in place, and what passes is, beside a copy of what was there', async () => {
    await using shell = open();
    using directory = new TempDir();
    writeFileSync(directory.at('a.conf'), 'old');
    writeFileSync(directory.at('source'), BYTES);
    const receive = async (wanted: string) => {
      const validate = (path: string | Script) =>
        sh`case ${path} in /*.conf) ;; *) exit 9 ;; esac; grep -q ${wanted} ${path}`;
      const script = sh`(${receiveFile({...file(directory.at('a.conf')), validate, backup: true})}
) <${directory.at('source')}`;
      return await run(shell, script);
    };
    const bad = await receive('other');
    expect(bad.exitCode).toBe(1);
    expect(String(Buffer.from(bad.stderr))).toMatch(/^The check of what was to be .*a\.conf failed: case /);
    expect(readFileSync(directory.at('a.conf'), 'utf8')).toBe('old');
    expect(readdirSync(directory.path).toSorted()).toEqual(['a.conf', 'source']);
    expect(await receive('bytes')).toMatchObject({exitCode: 0, stderr: Buffer.alloc(0)});
    expect(readFileSync(directory.at('a.conf'))).toEqual(BYTES);
    const [kept = ''] = readdirSync(directory.path).filter((name) => /^a\.conf\.\d{8}T\d{6}Z~$/.test(name));
    expect(readFileSync(directory.at(kept), 'utf8')).toBe('old');
  });

  test('a host downloads by itself, and checks what it got', async () => {
    await using shell = open();
    using directory = new TempDir();
    await using server = await serve();
    const done = await run(shell, downloadFile(file(directory.at('a')), server.address));
    expect(done).toMatchObject({exitCode: 0});
    expect(readFileSync(directory.at('a'))).toEqual(BYTES);
    const wrong = await run(shell, downloadFile(file(directory.at('b'), '0'.repeat(64)), server.address));
    expect(wrong.exitCode).toBe(65);
    expect(readdirSync(directory.path)).toEqual(['a']);
    // A proxy answers for hosts that nobody finds.
    const proxy = {http: server.address.replace(/\/a$/, '')};
    const far = await run(shell, downloadFile(file(directory.at('c')), 'http://far.invalid/a', proxy));
    expect(far).toMatchObject({exitCode: 0});
    expect(readFileSync(directory.at('c'))).toEqual(BYTES);
  });
});

async function serve(): Promise<AsyncDisposable & {readonly address: string}> {
  const server = createServer((_, response) => response.end(BYTES));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    address: `http://127.0.0.1:${address.port}/a`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
