import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {isPending} from '../src/model/change.ts';
import type {TaskGraph, TaskNode} from '../src/model/graph.ts';
import type {Resource} from '../src/model/resource.ts';
import {display, isScript} from '../src/model/step.ts';
import type {Fetch} from '../src/model/supply.ts';
import {PROFILE} from '../src/role-tests/bare-host.ts';
import {TempProject} from './support/project.ts';
import {contextOf, emptyHost} from './support/resources.ts';
import {manualOf} from './support/role-manual.ts';
import {ROLES, roleOf} from './support/roles.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIGEST = 'a'.repeat(64);
const FILE_DIGEST = createHash('sha256').update('an archive').digest('hex');

describe.each(ROLES)('role %s', (name) => {
  test('describes every variable that it has a default for, and all that its tasks and templates read', async () => {
    const {defaults, variables} = await roleOf(name);
    const described = [...(variables?.properties ?? [])];
    expect([...defaults.keys()].filter((key) => !variables?.properties.has(key))).toEqual([]);
    expect(described.filter(([, schema]) => typeof schema['description'] !== 'string')).toEqual([]);
  });

  test('has a README with its variables as they are', async () => {
    const readme = join(ROOT, 'roles', name, 'README.md');
    expect(existsSync(readme)).toBe(true);
    await expect(manualOf(await roleOf(name))).toMatchFileSnapshot(readme);
  });
});

interface Compiled {
  readonly graph: TaskGraph | undefined;
  readonly told: string;
}

/** One host with these variables, and these plays. `FILE` in a variable is a file of the controller. */
async function compiled(vars: object, playbook: string): Promise<Compiled> {
  await using project = await TempProject.of({'file.tar': 'an archive', 'playbook.yaml': playbook});
  const texts = JSON.stringify(vars).replaceAll('FILE', project.path('file.tar'));
  await project.write({
    'hosts.yaml': `all: {hosts: {node1: {ansible_host: 192.0.2.7}}, children: {kube_control_plane: {hosts: {node1: {}}}}, vars: ${texts}}`,
  });
  const problems = new Problems();
  const loaded = await loadProject({inventoryPaths: [project.path('hosts.yaml')], extraVars: []}, problems);
  const told = problems.all.map(({code, detail}) => `${code} ${detail}`).join('\n');
  return {graph: loaded?.graph, told};
}

const CONTAINERD = '- {play: hosts, hosts: all, roles: [containerd]}';

async function graphOf(vars: object, playbook: string): Promise<TaskGraph> {
  const {graph, told} = await compiled(vars, playbook);
  if (!graph) throw new Error(told);
  return graph;
}

/** What a task is on a small Debian server. */
function resourceOf({resource, id}: TaskNode): Resource {
  const late = () => {
    throw new Error(`${id} reads an output`);
  };
  const resolved = resource.resolve({profile: PROFILE, outputsOf: late, bracketOutputsOf: late});
  if (!resolved.ok) throw new Error(`${id}: ${resolved.problem}`);
  return resolved.value;
}

/** The content of the file that a task writes on a bare host. */
function contentOf(graph: TaskGraph, task: string): string {
  const found = graph.tasks.find(({id}) => id.endsWith(`/${task}`));
  const resource = found && resourceOf(found);
  const verdict = resource?.diff(emptyHost(resource.facts), contextOf());
  const steps = verdict && isPending(verdict) ? verdict.steps : [];
  const [content] = steps.flatMap((step) => (!isScript(step) && step.step === 'write' ? [step.content] : []));
  return typeof content === 'string' ? content : `no file: ${steps.map(display).join(', ')}`;
}

test.each([
  ['1.7.29', '2'],
  ['2.2.1', '3'],
  ['2.3.4', '4'],
])('containerd %s is configured in version %s of the format', async (version, format) => {
  const graph = await graphOf(
    {
      containerd_version: version,
      containerd_archive_checksum: DIGEST,
      containerd_additional_runtimes: [
        {
          name: 'gvisor',
          type: 'io.containerd.runsc.v1',
          options: {TypeUrl: 'io.containerd.runsc.v1.options'},
        },
        {name: 'plain', type: 'io.containerd.runc.v2'},
      ],
    },
    CONTAINERD,
  );
  await expect(contentOf(graph, 'config')).toMatchFileSnapshot(`fixtures/roles/config-${format}.toml`);
});

test('mirrors of registries are written as containerd reads them', async () => {
  const mirrors = [
    {host: 'https://mirror.invalid:5000', skip_verify: true, ca: '/etc/ssl/ca.pem', header: {'x-a': 'b'}},
    {host: 'https://other.invalid', capabilities: ['pull']},
  ];
  const registries = [
    {prefix: 'docker.io', server: 'https://registry-1.docker.io', mirrors},
    {prefix: '_default', mirrors: []},
  ];
  const graph = await graphOf({containerd_registries_mirrors: registries}, CONTAINERD);
  const [docker, others] = [contentOf(graph, 'mirrors[docker.io]'), contentOf(graph, 'mirrors[_default]')];
  await expect(docker).toMatchFileSnapshot('fixtures/roles/hosts.toml');
  expect(others).toBe('# Written by provision: role containerd.\n');
});

test('the unit of containerd knows the proxy', async () => {
  const graph = await graphOf({https_proxy: 'http://proxy.invalid:3128', no_proxy: '10.0.0.0/8'}, CONTAINERD);
  await expect(contentOf(graph, 'unit')).toMatchFileSnapshot('fixtures/roles/containerd.service');
});

test('what is downloaded has the address and the digest of its version and architecture', async () => {
  const graph = await graphOf({}, CONTAINERD);
  const binaries = ['containerd', 'runc', 'cni_plugins', 'crictl'].map((name) =>
    graph.tasks.find(({id}) => id.endsWith(`containerd/${name}`)),
  );
  const steps = binaries.flatMap((task) => {
    const resource = task && resourceOf(task);
    const verdict = resource?.diff(emptyHost(resource.facts), contextOf());
    const all = verdict && isPending(verdict) ? verdict.steps : [];
    return all.flatMap((step) => (!isScript(step) && step.step === 'send' ? [step] : []));
  });
  const table = readFileSync(join(ROOT, 'roles/kubernetes_artifacts/defaults.yaml'), 'utf8');
  expect(steps).toHaveLength(4);
  for (const {from, sha256} of steps) {
    expect(from).toHaveProperty('address', expect.stringMatching(/^https:\/\/github\.com\/.*amd64/));
    expect(table).toContain(`amd64: ${sha256}`);
  }
});

test('a mirror takes the place of all publishers, and the controller that of hosts, under the same digests', async () => {
  const roles = '- {play: all, hosts: all, roles: [containerd, kubernetes]}';
  const fetched = async (vars: object): Promise<ReadonlyMap<string, Fetch>> => {
    const all = (await graphOf(vars, roles)).tasks.flatMap((task) => resourceOf(task).fetches);
    return new Map(all.map((fetch) => [fetch.type === 'file' ? fetch.sha256 : '', fetch]));
  };
  const publishers = await fetched({});
  const mirror = 'https://mirror.invalid/all';
  const mirrored = await fetched({
    files_repo: mirror,
    registry_host: 'registry.invalid',
    download_mode: 'controller',
  });
  expect([...mirrored.keys()]).toEqual([...publishers.keys()]);
  const addresses = [...mirrored.values()].flatMap((each) => (each.type === 'file' ? [each.from] : []));
  expect(addresses).toHaveLength(6);
  for (const from of addresses)
    expect(from).toEqual({
      address: expect.stringMatching(/^https:\/\/mirror\.invalid\/all\/(github\.com|dl\.k8s\.io)\//),
      by: 'controller',
    });
  const images = [...mirrored.values()].flatMap((each) => (each.type === 'image' ? [each.name] : []));
  expect(images.filter((name) => !name.startsWith('registry.invalid/'))).toEqual([]);
  expect(images).not.toEqual([]);
});

/** Every task of every role that brings something from elsewhere, by its place. */
function bringing(): ReadonlyMap<string, object> {
  const files = ROLES.flatMap((role) =>
    readdirSync(join(ROOT, 'roles', role), {recursive: true, encoding: 'utf8'})
      .filter((file) => /^tasks\/.*\.yaml$/.test(file))
      .map((file) => `${role}/${file}`),
  );
  return new Map(
    files.flatMap((file) => {
      const tasks: readonly Readonly<Record<string, unknown>>[] = parse(
        readFileSync(join(ROOT, 'roles', file), 'utf8'),
      );
      return tasks.flatMap(({id, artifact, archive, container_image}) => {
        const spec = Object(artifact ?? archive ?? container_image);
        return 'src' in spec ? [[`${file} ${String(id)}`, spec] as const] : [];
      });
    }),
  );
}

test('who downloads, and through which proxy, is the same for all that is brought', async () => {
  const tasks = bringing();
  expect(tasks.size).toBeGreaterThan(12);
  const same = {download: '{{ download_mode }}', proxy: '{{ download_proxy }}'};
  for (const [place, spec] of tasks) expect(spec, place).toMatchObject(same);
  const proxy = {http: '', https: 'http://proxy.example:3128', no: 'local'};
  const {tasks: all} = await graphOf({https_proxy: proxy.https, no_proxy: proxy.no}, CONTAINERD);
  const sources = all.flatMap((task) => resourceOf(task).fetches);
  expect(sources.map((each) => 'from' in each && each.from)).toContainEqual({
    address: expect.stringContaining('/runc/'),
    proxy,
  });
});

test('images are brought for what is switched on alone, by digest where one is known', async () => {
  const digest = `sha256:${DIGEST}`;
  const vars = {
    kube_version: '1.36.4',
    metrics_server_enabled: false,
    kube_proxy_mode: 'none',
    image_digests: {'registry.k8s.io/pause:3.10.2': digest},
  };
  const graph = await graphOf(
    vars,
    '- {play: all, hosts: all, roles: [kubernetes, {role: kubernetes, entrypoint: pod_images}]}',
  );
  const images = graph.tasks.flatMap((task) => resourceOf(task).fetches).filter(({type}) => type === 'image');
  const names = images.flatMap((each) => (each.type === 'image' ? [each.name] : []));
  expect(images).toContainEqual({type: 'image', name: 'registry.k8s.io/pause:3.10.2', digest});
  expect(names.filter((name) => /kube-proxy|metrics-server/.test(name))).toEqual([]);
  expect(names.filter((name) => name.includes('flannel'))).toHaveLength(2);
});

test('a version without a digest is a mistake before any host is asked', async () => {
  const {graph, told} = await compiled({containerd_version: '2.2.99'}, CONTAINERD);
  expect(graph).toBeUndefined();
  expect(told).toContain('E301 "containerd_archive_checksums" has no "2.2.99".');
});

test.each([
  [{runc_binary_src: '/nowhere/runc'}, 'E701', 'The controller has no file "/nowhere/runc".'],
  [
    {runc_binary_src: 'FILE', runc_binary_checksum: DIGEST},
    'E702',
    `has the SHA-256 ${FILE_DIGEST}, and ${DIGEST} is wanted.`,
  ],
])('what the controller sends is looked at before any host is asked: %o', async (vars, code, detail) => {
  const {graph, told} = await compiled(vars, CONTAINERD);
  expect(graph).toBeUndefined();
  expect(told).toContain(code);
  expect(told).toContain(detail);
});

test('a role that is switched off is removed where it is installed', async () => {
  const playbook = '- {play: hosts, hosts: all, roles: [{role: containerd, when: "false"}]}';
  const {tasks} = await graphOf({}, playbook);
  expect(tasks.map(({id}) => id)).toContain('node1/hosts/containerd.remove/stop');
  expect(tasks.map(({id}) => id)).not.toContain('node1/hosts/containerd/service');
});
