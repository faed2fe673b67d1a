import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {DownloadCache} from '../../src/artifacts/download.ts';
import {FileServer, inParts} from '../support/file-server.ts';
import {TempDir} from '../support/temp-dir.ts';

const CONTENT = Buffer.from('0123456789'.repeat(200_000));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

test('many who ask for one file share one download, and later nobody downloads it again', async () => {
  using directory = new TempDir();
  await using server = await FileServer.start((_, request) => inParts(CONTENT, request));
  const cache = new DownloadCache(directory.at('cache'));
  const paths = await Promise.all([1, 2].map(() => cache.get(SHA256, `http://${server.host}/a`)));
  paths.push(await new DownloadCache(directory.at('cache')).get(SHA256, `http://${server.host}/a`));
  expect(paths.map((path) => readFileSync(path).equals(CONTENT))).toEqual([true, true, true]);
  expect(server.asked).toEqual(['/a']);
});

test('a download that was cut goes on where it ended', async () => {
  using directory = new TempDir();
  let cutAfter: number | undefined = 1_500_000;
  await using server = await FileServer.start((_, request) => ({
    ...inParts(CONTENT, request),
    ...(cutAfter === undefined ? {} : {cutAfter}),
  }));
  const get = () => new DownloadCache(directory.path).get(SHA256, `http://${server.host}/a`);
  await expect(get()).rejects.toMatchObject({code: 'E701'});
  cutAfter = undefined;
  const path = await get();
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  expect(server.asked).toEqual(['/a', expect.stringMatching(/^\/a bytes=[1-9]\d*-$/)]);
  expect(readdirSync(directory.path)).toEqual([SHA256]);
});

test('a server that cannot send the rest sends all of it', async () => {
  using directory = new TempDir();
  writeFileSync(directory.at(`${SHA256}.part`), CONTENT.subarray(0, 10));
  await using server = await FileServer.start(() => ({body: CONTENT}));
  const path = await new DownloadCache(directory.path).get(SHA256, `http://${server.host}/a`);
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
});

test('what arrived in whole before the end is not asked for again', async () => {
  using directory = new TempDir();
  writeFileSync(directory.at(`${SHA256}.part`), CONTENT);
  await using server = await FileServer.start((_, request) => inParts(CONTENT, request));
  const path = await new DownloadCache(directory.path).get(SHA256, `http://${server.host}/a`);
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
});

test('another digest is told and thrown away, and a damaged file is downloaded again', async () => {
  using directory = new TempDir();
  await using server = await FileServer.start((path, request) =>
    path === '/a' ? inParts(CONTENT, request) : undefined,
  );
  const cache = new DownloadCache(directory.path);
  const other = 'f'.repeat(64);
  await expect(cache.get(other, `http://${server.host}/a`)).rejects.toMatchObject({
    code: 'E702',
    message: `http://${server.host}/a has the SHA-256 ${SHA256}, and ${other} is wanted.`,
  });
  expect(readdirSync(directory.path)).toEqual([]);
  await expect(cache.get(other, `http://${server.host}/b`)).rejects.toMatchObject({
    code: 'E701',
    message: `http://${server.host}/b answers 404.`,
  });
  writeFileSync(directory.at(SHA256), 'damaged');
  expect(readFileSync(await cache.get(SHA256, `http://${server.host}/a`)).equals(CONTENT)).toBe(true);
});

test('what will not be had is told without downloading anything', async () => {
  using directory = new TempDir();
  const answers: Readonly<Record<string, number>> = {
    'HEAD /there': 200,
    'HEAD /shy': 403,
    'GET /shy': 200,
    'HEAD /gone': 404,
    'GET /gone': 410,
  };
  await using server = await FileServer.start((path, {method}) => ({
    status: answers[`${method} ${path}`] ?? 500,
    body: Buffer.of(),
  }));
  const cache = new DownloadCache(directory.path);
  const lack = (path: string) => cache.lack(SHA256, `http://${server.host}${path}`);
  expect(await lack('/there')).toBeUndefined();
  // Whose server signs addresses for one verb alone, for example.
  expect(await lack('/shy')).toBeUndefined();
  expect(await lack('/gone')).toBe(`http://${server.host}/gone answers 410.`);
  expect(server.asked).toEqual(['HEAD /there', 'HEAD /shy', '/shy', 'HEAD /gone', '/gone']);
  expect(await cache.lack(SHA256, 'http://127.0.0.1:1/a')).toContain('http://127.0.0.1:1/a cannot be had: ');
  writeFileSync(directory.at(SHA256), CONTENT);
  expect(await lack('/gone')).toBeUndefined();
});
