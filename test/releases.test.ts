import {execFile} from 'node:child_process';
import {cpSync, readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {rcompare} from 'semver';
import {describe, expect, test} from 'vitest';
import {parse, parseDocument} from 'yaml';
import {TempDir} from './support/temp-dir.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where images come from, for several of them. */
const REGISTRIES = new Set(['kube_image_repo', 'github_image_repo', 'docker_image_repo']);

const FILE = 'kubernetes_artifacts/defaults.yaml';
const run = promisify(execFile);

type Values = Readonly<Record<string, string>>;
type Table = Readonly<Record<string, Values>>;

const TEXT = readFileSync(join(ROOT, 'roles', FILE), 'utf8');
const DATA: Readonly<Record<string, Table>> = parse(TEXT);
const tableOf = (name: string): Table => DATA[name] ?? {};

const TABLES = Object.entries(DATA).filter(([name]) => name.endsWith('_checksums'));

describe.each(TABLES)('the table %s', (_name, table) => {
  test('has a SHA-256 for both architectures of each version', () => {
    for (const digests of Object.values(table)) {
      expect(Object.keys(digests)).toEqual(['amd64', 'arm64']);
      for (const digest of Object.values(digests)) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  test('has the newest version first', () => {
    const versions = Object.keys(table);
    expect(versions.length).toBeGreaterThan(3);
    expect(versions).toEqual(versions.toSorted(rcompare));
  });

  test('has no digest twice', () => {
    const digests = Object.values(table).flatMap((each) => Object.values(each));
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('the releases of Kubernetes', () => {
  test('are named once each', () => {
    expect(parseDocument(TEXT, {uniqueKeys: true}).errors).toEqual([]);
  });

  test('are complete: what has a kubeadm has the rest as well', () => {
    const versions = Object.keys(tableOf('kubeadm_images'));
    for (const name of ['kubeadm_checksums', 'kubelet_checksums', 'kubectl_checksums'])
      expect(Object.keys(tableOf(name))).toEqual(versions);
    expect(new Set(versions.map((version) => version.split('.', 2).join('.')))).toEqual(
      new Set(['1.36', '1.35', '1.34']),
    );
  });

  test('start an etcd that can be had as a release too', () => {
    const known = Object.keys(tableOf('etcd_checksums'));
    for (const {etcd, etcd_version: version} of Object.values(tableOf('kubeadm_images'))) {
      expect(etcd).toBe(`${version}-0`);
      expect(known).toContain(version);
    }
  });

  test('have an address for each program, and a name for each image', () => {
    for (const program of ['kubeadm', 'kubelet', 'kubectl', 'etcd', 'containerd', 'runc', 'cni', 'crictl'])
      expect(DATA[`${program}_download_url`]).toMatch(
        /^\{\{ (dl_k8s_io|github)_url \}\}\/.*\{\{ profile\.arch \}\}/,
      );
    const images = Object.keys(DATA).filter((name) => name.endsWith('_image_repo') && !REGISTRIES.has(name));
    expect(images.length).toBe(12);
    for (const image of images) expect(DATA[image.replace(/_repo$/, '_tag')]).toBeTypeOf('string');
  });
});

/** Answers as publishers do: with the digest of each program, and kubeadm's constants. */
class Publisher implements AsyncDisposable {
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(answers: ReadonlyMap<RegExp, string>): Promise<Publisher> {
    const server = createServer(({url = ''}, response) => {
      const [, answer] = [...answers].find(([path]) => path.test(url)) ?? [];
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The publisher has no port.');
    return new Publisher(server, `http://127.0.0.1:${address.port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const RELEASE: ReadonlyMap<RegExp, string> = new Map([
  [/^\/dl\.k8s\.io\/release\/v1\.35\.99\/bin\/linux\/amd64\/kube\w+\.sha256$/, 'a'.repeat(64)],
  [/^\/dl\.k8s\.io\/release\/v1\.35\.99\/bin\/linux\/arm64\/kube\w+\.sha256$/, `${'b'.repeat(64)}\n`],
  [
    /\/v1\.35\.99\/cmd\/kubeadm\/app\/constants\/constants\.go$/,
    '\tDefaultEtcdVersion = "3.6.6-0"\n\tCoreDNSVersion = "v1.13.1"\n\tPauseVersion = "3.10.1"\n',
  ],
  [
    /\/etcd\/releases\/download\/v3\.7\.0\/SHA256SUMS$/,
    `${'c'.repeat(64)}  etcd-v3.7.0-linux-amd64.tar.gz\n`,
  ],
]);

/** The script on a copy of the data. */
async function script(roles: string, ...args: readonly string[]): Promise<{failed: boolean; told: string}> {
  const argv = [join(ROOT, 'scripts/artifacts.mjs'), ...args, '--roles', roles];
  return run(process.execPath, argv).then(
    ({stdout}) => ({failed: false, told: stdout}),
    ({stderr}: {stderr: string}) => ({failed: true, told: stderr}),
  );
}

function copyOfData(): TempDir {
  const folder = new TempDir();
  cpSync(join(ROOT, 'roles', FILE), join(folder.path, FILE), {recursive: true});
  return folder;
}

describe('scripts/artifacts.mjs', () => {
  test('adds a patch release in its place, and nothing else changes', async () => {
    await using publisher = await Publisher.start(RELEASE);
    using roles = copyOfData();
    const {told} = await script(roles.path, 'add', 'kubernetes', '1.35.99', '--mirror', publisher.url);
    expect(told).toContain('kubelet_checksums has 1.35.99 now.');
    const text = readFileSync(join(roles.path, FILE), 'utf8');
    const added = text.split('\n').filter((line) => !TEXT.includes(line));
    const digests = `  1.35.99: {amd64: ${'a'.repeat(64)}, arm64: ${'b'.repeat(64)}}`;
    expect(added).toEqual([
      '  1.35.99: {pause: 3.10.1, etcd: 3.6.6-0, etcd_version: 3.6.6, coredns: v1.13.1, crictl: 1.35.0}',
      digests,
      digests,
      digests,
    ]);
    const versions = Object.keys(parse(text).kubelet_checksums);
    expect(versions).toEqual(versions.toSorted(rcompare));
  });

  test('writes nothing where a publisher is incomplete, out of reach, or the version is there already', async () => {
    await using publisher = await Publisher.start(RELEASE);
    using roles = copyOfData();
    const cases = [
      [['etcd', '3.7.0', '--mirror', publisher.url], 'has no SHA-256 of etcd-v3.7.0-linux-arm64.tar.gz'],
      [['runc', '9.9.9', '--mirror', publisher.url], 'answers 404'],
      [['runc', '9.9.9', '--mirror', 'http://127.0.0.1:1'], 'cannot be reached'],
      [['kubernetes', '1.35.0', '--mirror', publisher.url], 'kubeadm_images has 1.35.0 already.'],
    ] as const;
    for (const [args, why] of cases) {
      const {failed, told} = await script(roles.path, 'add', ...args);
      expect({failed, told}).toEqual({failed: true, told: expect.stringContaining(why)});
    }
    expect(readFileSync(join(roles.path, FILE), 'utf8')).toBe(TEXT);
  });

  test('finds a digest that is not the published one', async () => {
    const list = ['amd64', 'arm64'].map((arch) => `${'0'.repeat(64)} *runc.${arch}`).join('\n');
    await using publisher = await Publisher.start(new Map([[/runc\.sha256sum$/, list]]));
    using roles = copyOfData();
    const {failed, told} = await script(roles.path, 'check', 'runc', '--mirror', publisher.url);
    expect(failed).toBe(true);
    expect(told).toMatch(/^runc_checksums 1\.4\.3 amd64: f6ae8efc\w+ here, 0{64} published\.$/m);
  });
});
