import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {buffer} from 'node:stream/consumers';
import {extract} from 'tar-stream';
import {describe, expect, test} from 'vitest';
import {DownloadCache} from '../../src/artifacts/download.ts';
import {imageArchive} from '../../src/artifacts/image-archive.ts';
import {locationOf} from '../../src/artifacts/registry.ts';
import {FileServer} from '../support/file-server.ts';
import {TempDir} from '../support/temp-dir.ts';

const OCI = 'application/vnd.oci.image';
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const described = (mediaType: string, bytes: Buffer) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

const LAYER = Buffer.from('a layer that both have');
const MANIFESTS = ['amd64', 'arm64'].map((architecture) => {
  const config = json({architecture});
  const layers = [described(`${OCI}.layer.v1.tar`, LAYER)];
  const bytes = json({schemaVersion: 2, config: described(`${OCI}.config.v1+json`, config), layers});
  return {architecture, config, bytes};
});
const INDEX = json({
  schemaVersion: 2,
  manifests: MANIFESTS.map(({architecture, bytes}) => ({
    ...described(`${OCI}.manifest.v1+json`, bytes),
    platform: {os: 'linux', architecture},
  })),
});

/** A registry with one image, which anybody may read who has fetched a token. */
const registry = () =>
  FileServer.start((path, {headers}) => {
    const {host = '', authorization} = headers;
    if (path.startsWith('/token?'))
      return {body: json({token: `for ${new URLSearchParams(path.slice(7)).get('scope')}`})};
    const challenge = `Bearer realm="http://${host}/token",service="lab",scope="pull"`;
    if (authorization !== 'Bearer for pull')
      return {status: 401, headers: {'www-authenticate': challenge}, body: json({})};
    if (path === '/v2/app/manifests/1.0')
      return {headers: {'content-type': `${OCI}.index.v1+json`}, body: INDEX};
    const parts = [LAYER, INDEX, ...MANIFESTS.flatMap(({config, bytes}) => [config, bytes])];
    const body = parts.find((each) => path.endsWith(digestOf(each)));
    const type = body === INDEX ? 'index' : 'manifest';
    return body && {headers: {'content-type': `${OCI}.${type}.v1+json`}, body};
  });

async function membersOf(path: string): Promise<ReadonlyMap<string, Buffer>> {
  const members = new Map<string, Buffer>();
  const reading = extract();
  reading.end(readFileSync(path));
  for await (const entry of reading) {
    members.set(entry.header.name, await buffer(entry));
  }
  return members;
}

test('an image is packed with its own digest, for the wanted architectures alone, the same each time', async () => {
  await using server = await registry();
  using directory = new TempDir();
  const pack = (name: string, digest?: string) =>
    imageArchive(
      {name: `${server.host}/app:1.0`, digest, architectures: ['arm64']},
      new DownloadCache(directory.at(name)),
    );
  const archive = await pack('first');
  expect(archive.digest).toBe(digestOf(INDEX));
  const members = await membersOf(archive.path);
  const [, arm] = MANIFESTS;
  const blobs = [INDEX, LAYER, arm?.bytes ?? INDEX, arm?.config ?? INDEX].map(
    (each) => `blobs/${digestOf(each).replace(':', '/')}`,
  );
  expect([...members.keys()]).toEqual(['oci-layout', 'index.json', ...blobs.toSorted()]);
  expect(JSON.parse(String(members.get('index.json')))).toMatchObject({
    manifests: [
      {digest: digestOf(INDEX), annotations: {'io.containerd.image.name': `${server.host}/app:1.0`}},
    ],
  });
  expect(digestOf(readFileSync(archive.path))).toBe(`sha256:${archive.sha256}`);
  const again = await pack('second', digestOf(INDEX));
  expect(readFileSync(again.path).equals(readFileSync(archive.path))).toBe(true);
});

test('an image that is not there for an architecture, or not there at all, is told', async () => {
  await using server = await registry();
  using directory = new TempDir();
  const pack = (tag: string, digest?: string) =>
    imageArchive(
      {name: `${server.host}/app:${tag}`, digest, architectures: ['s390x']},
      new DownloadCache(directory.path),
    );
  await expect(pack('1.0')).rejects.toMatchObject({code: 'E701', message: expect.stringContaining('s390x')});
  await expect(pack('2.0')).rejects.toMatchObject({code: 'E701', message: expect.stringContaining('404')});
});

describe('the place of an image', () => {
  test.each([
    ['pause', 'docker.io', 'library/pause', 'latest'],
    ['flannel/flannel:v1', 'docker.io', 'flannel/flannel', 'v1'],
    ['registry.k8s.io/coredns/coredns:v1.14.2', 'registry.k8s.io', 'coredns/coredns', 'v1.14.2'],
    ['localhost:5000/app', 'localhost:5000', 'app', 'latest'],
    ['localhost/app:1@sha256:0a', 'localhost', 'app', 'sha256:0a'],
  ])('of %s', (name, server, repository, version) => {
    expect(locationOf(name)).toEqual({registry: server, repository, version});
  });
});
