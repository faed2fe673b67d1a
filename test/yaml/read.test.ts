import {mkdtemp, rm, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {readSource, shownPath} from '../../src/yaml/read.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-yaml-'));
});
afterEach(() => rm(folder, {recursive: true}));

async function read(content: string | Uint8Array | undefined): Promise<string> {
  const problems = new Problems();
  const path = join(folder, 'x.yaml');
  if (content !== undefined) await writeFile(path, content);
  const source = await readSource(path, problems);
  return source?.text ?? problems.all.map(({code, detail}) => `${code} ${detail.split(': ')[1]}`).join();
}

test('a file is read as UTF-8, without its byte order mark', async () => {
  expect(await read('\ufeffgrüße: 1')).toBe('grüße: 1');
});

test('a missing file, a folder and a file of other bytes are refused with a reason', async () => {
  expect(await read(undefined)).toBe('E101 There is no such file.');
  expect(await read(new Uint8Array([0xff, 0xfe, 0x00]))).toBe('E101 It is not text in UTF-8.');
  const problems = new Problems();
  expect(await readSource(folder, problems)).toBeUndefined();
  expect(problems.all[0]?.detail).toContain('It is a directory.');
});

test('a file of more than 16 MiB is refused', async () => {
  await writeFile(join(folder, 'x.yaml'), '');
  await truncate(join(folder, 'x.yaml'), 16 * 1024 * 1024 + 1);
  expect(await read(undefined)).toContain('more than 16777216 are refused');
});

test('a path below the working directory is shown relative to it', () => {
  expect(shownPath(join(process.cwd(), 'a', 'b.yaml'))).toBe(join('a', 'b.yaml'));
  expect(shownPath('/elsewhere/b.yaml')).toBe('/elsewhere/b.yaml');
  expect(shownPath('c/d.yaml')).toBe('c/d.yaml');
});
