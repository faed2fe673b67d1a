import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {sha256Hex} from '../../src/base/sha256-hex.ts';
import {labSupport} from '../../src/lab/support.ts';
import {TempDir} from '../support/temp-dir.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const BUILD = new URL('artifacts/build.mjs', import.meta.url).pathname;
const REGISTRY = new URL('../support/registry.mjs', import.meta.url).pathname;
const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** How each is published, by the variables of the roles. */
const RUNTIME = {
  containerd_archive: `containerd-2.2.1-linux-${ARCH}.tar.gz`,
  runc_binary: `runc.${ARCH}`,
  cni_archive: `cni-plugins-linux-${ARCH}-v1.9.1.tgz`,
};
const FILES = {
  ...RUNTIME,
  kubeadm_binary: 'kubeadm',
  kubelet_binary: 'kubelet',
  kubectl_binary: 'kubectl',
  etcd_archive: `etcd-v3.6.8-linux-${ARCH}.tar.gz`,
};

/** A mirror has files that say how they are called, and digests that go with that. */
const contentOf = (name: string): string => `the file ${name}\n`;
const DIGESTS = Object.entries(FILES).flatMap(([name, file]) => [
  '-e',
  `${name}_checksum=${sha256Hex(contentOf(file))}`,
]);

describe.runIf(support.ok)(`what lab hosts run${reason}`, () => {
  let directory: TempDir;
  let mirror: Server;
  let registry: ChildProcess | undefined;
  let asked: string[];

  beforeEach(async () => {
    directory = new TempDir();
    asked = [];
    mirror = createServer(({url = ''}, response) => {
      asked.push(url);
      response.end(contentOf(url.split('/').at(-1) ?? ''));
    }).listen(0, '127.0.0.1');
    await once(mirror, 'listening');
  });
  afterEach(() => {
    mirror.close();
    registry?.kill();
    registry = undefined;
    directory[Symbol.dispose]();
  });

  const siteOf = (server: Server): string => {
    const address = server.address();
    return `files_repo=http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  };

  interface Ended {
    readonly code: number;
    readonly stderr: string;
  }

  /** In a cache of its own, on a machine that has no compiler unless it is told. */
  const build = (words: readonly string[], path = directory.at('bin')): Promise<Ended> =>
    new Promise((resolve) => {
      const {LAB_ARTIFACTS: _, ...env} = process.env;
      execFile(
        process.execPath,
        [BUILD, ...words],
        {env: {...env, PATH: path, XDG_CACHE_HOME: directory.at('cache')}},
        (error, _stdout, stderr) => resolve({code: Number(error?.code ?? 0), stderr}),
      );
    });

  const variables = (): Readonly<Record<string, unknown>> =>
    parse(readFileSync(directory.at('vars.yaml'), 'utf8'));

  const RELEASES = ['--only', 'containerd', '--only', 'runc', '--only', 'cni-plugins'];

  test('is downloaded where it is published, by digest, and once', async () => {
    const words = [...RELEASES, '-e', siteOf(mirror), ...DIGESTS, '--vars', directory.at('vars.yaml')];
    expect(await build(words, process.env['PATH'])).toMatchObject({code: 0});
    const told = variables();
    for (const [name, file] of Object.entries(RUNTIME)) {
      expect(told[`${name}_checksum`]).toBe(sha256Hex(contentOf(file)));
      expect(readFileSync(String(told[`${name}_src`]), 'utf8')).toBe(contentOf(file));
    }
    const before = asked.length;
    expect(before).toBeGreaterThan(0);
    expect(await build(words, process.env['PATH'])).toMatchObject({code: 0, stderr: ''});
    expect(asked).toHaveLength(before);
  });

  test('has images of their registry, and is what the roles expect, not what a local build is', async () => {
    const hello = ['--only', 'hello', '--vars', directory.at('hello.yaml')];
    expect(await build(hello, process.env['PATH'])).toMatchObject({code: 0});
    const archive: unknown = parse(readFileSync(directory.at('hello.yaml'), 'utf8')).hello_image_src;
    registry = spawn(process.execPath, [REGISTRY, String(archive), '127.0.0.1', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(registry.stdout ?? registry, 'data');
    const host = `127.0.0.1:${String(line).trim().split(' ')[1]}`;
    const site = ['-e', siteOf(mirror), '-e', `registry_host=${host}`, ...DIGESTS];
    const words = ['--set', 'kubernetes', ...site, '--vars', directory.at('vars.yaml')];
    expect(await build(words, process.env['PATH'])).toMatchObject({code: 0});
    const told = variables();
    expect(Object.keys(told['image_archives'] ?? {})).toEqual([
      `${host}/kube-apiserver:v1.36.3`,
      `${host}/kube-controller-manager:v1.36.3`,
      `${host}/kube-scheduler:v1.36.3`,
      `${host}/kube-proxy:v1.36.3`,
      `${host}/pause:3.10.2`,
      `${host}/etcd:3.6.8-0`,
      `${host}/coredns/coredns:v1.14.2`,
      `${host}/flannel-io/flannel:v0.28.4`,
      `${host}/flannel-io/flannel-cni-plugin:v1.9.1-flannel1`,
      `${host}/metrics-server/metrics-server:v0.9.0`,
      `${host}/library/haproxy:3.2.19-alpine`,
      `${host}/kube-vip/kube-vip:v1.0.3`,
      `${host}/e2e-test-images/agnhost:2.63.0`,
    ]);
    expect(told).toMatchObject({kube_version: '1.36.3'});
    expect(told).not.toHaveProperty('etcd_version');
    expect(told).not.toHaveProperty('haproxy_image_repo');
    expect(readFileSync(String(told['etcd_archive_src']), 'utf8')).toBe(contentOf(FILES.etcd_archive));
  });

  test('is built where a file is another one, and says what that needs', async () => {
    const {code, stderr} = await build([...RELEASES, '-e', siteOf(mirror)]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('E702');
    expect(stderr).toContain('not all of it can be had: it is built');
    expect(stderr).toContain('Go has to be installed');
  });

  test('is built where nobody answers', async () => {
    mirror.close();
    await once(mirror, 'close');
    const {stderr} = await build([...RELEASES, '-e', 'files_repo=http://127.0.0.1:1']);
    expect(stderr).toMatch(
      /^http:\/\/127\.0\.0\.1:1 cannot be reached \(.*\): what lab hosts run is built\n/,
    );
  });
});
