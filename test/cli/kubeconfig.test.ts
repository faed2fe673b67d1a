import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {parse} from 'yaml';
import {runCli} from '../../src/cli/cli.ts';
import {FakeWorld} from './fake-world.ts';

let folder: string;
let config: string;

/** As kubeadm writes it. */
const admin = (authority: string): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${authority}
    server: https://10.0.0.11:6443
  name: cluster.local
contexts:
- context:
    cluster: cluster.local
    user: kubernetes-admin
  name: kubernetes-admin@cluster.local
current-context: kubernetes-admin@cluster.local
kind: Config
users:
- name: kubernetes-admin
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  config = join(folder, '.kube', 'config');
  const hosts =
    'all: {children: {kube_control_plane: {hosts: {cp1: {}}}}, vars: {ansible_connection: local, ansible_become: false}}';
  writeFileSync(join(folder, 'hosts.yaml'), hosts);
  writeFileSync(join(folder, 'admin.conf'), admin('Q0E='));
});
afterEach(() => rmSync(folder, {recursive: true}));

async function provision(
  ...words: readonly string[]
): Promise<{readonly code: number; readonly world: FakeWorld}> {
  const world = new FakeWorld({env: {PROVISION_INVENTORY: join(folder, 'hosts.yaml'), HOME: folder}});
  const argv = ['kubeconfig', '--kubeconfig', join(folder, 'admin.conf'), ...words];
  return {code: await runCli(argv, world), world};
}

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8);
const contextsIn = (file: string): readonly string[] =>
  parse(readFileSync(file, 'utf8')).contexts.map(({name}: {readonly name: string}) => name);

test('the kubeconfig is printed, with the name of its cluster for all that is in it', async () => {
  const {code, world} = await provision('--server', 'https://203.0.113.7:6443');
  expect(world.stderr).toBe('');
  expect(parse(world.stdout)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'cluster.local',
    clusters: [
      {
        name: 'cluster.local',
        cluster: {server: 'https://203.0.113.7:6443', 'certificate-authority-data': 'Q0E='},
      },
    ],
    users: [
      {
        name: 'cluster.local-admin',
        user: {'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ'},
      },
    ],
    contexts: [{name: 'cluster.local', context: {cluster: 'cluster.local', user: 'cluster.local-admin'}}],
  });
  expect(code).toBe(0);
});

test('a file with it can be read by nobody else', async () => {
  const file = join(folder, 'out.yaml');
  writeFileSync(file, 'of another time', {mode: 0o644});
  await provision('--out', file);
  expect(mode(file)).toBe('600');
  expect(contextsIn(file)).toEqual(['cluster.local']);
});

test('where there is no kubeconfig yet, merging makes one', async () => {
  const {code, world} = await provision('--merge');
  expect([code, world.stdout]).toEqual([0, '']);
  expect([mode(config), mode(join(folder, '.kube'))]).toEqual(['600', '700']);
  expect(contextsIn(config)).toEqual(['cluster.local']);
});

test('merging keeps what is there, comments too, and does so twice', async () => {
  mkdirSync(join(folder, '.kube'));
  const kept = `# mine
apiVersion: v1
kind: Config
current-context: other
clusters:
  - {name: other, cluster: {server: "https://192.0.2.1:6443"}} # at home
contexts:
  - {name: other, context: {cluster: other, user: me}}
users:
  - {name: me, user: {token: abc}}
`;
  writeFileSync(join(folder, 'real'), kept, {mode: 0o644});
  symlinkSync(join(folder, 'real'), config);
  await provision('--merge', '--name', 'lab');
  const once = readFileSync(config, 'utf8');
  await provision('--merge', '--name', 'lab');
  expect(readFileSync(config, 'utf8')).toBe(once);
  expect(once).toContain('# mine\n');
  expect(once).toContain('# at home\n');
  expect(contextsIn(config)).toEqual(['other', 'lab']);
  expect(parse(once)['current-context']).toBe('other');
  expect(mode(join(folder, 'real'))).toBe('600');
  expect(readdirSync(folder).filter((name) => /lock|new/.test(name))).toEqual([]);
});

test('another cluster of the same name is left alone', async () => {
  await provision('--merge');
  const before = readFileSync(config, 'utf8');
  writeFileSync(join(folder, 'admin.conf'), admin('T1RIRVI='));
  const {code, world} = await provision('--merge');
  expect(code).toBe(2);
  expect(world.stderr).toContain('has another cluster named "cluster.local"');
  expect(readFileSync(config, 'utf8')).toBe(before);
});

test.each([
  ['clusters: [', 'is no kubeconfig'],
  ['- a list', 'is no kubeconfig: It holds no map.'],
])('what is no kubeconfig is left as it is: %s', async (text, told) => {
  mkdirSync(join(folder, '.kube'));
  writeFileSync(config, text);
  const {code, world} = await provision('--merge');
  expect([code, readFileSync(config, 'utf8')]).toEqual([2, text]);
  expect(world.stderr).toContain(told);
});

test('a kubeconfig that somebody else is changing is left alone', async () => {
  mkdirSync(join(folder, '.kube'));
  writeFileSync(`${config}.lock`, '');
  const {code, world} = await provision('--merge');
  expect([code, readdirSync(join(folder, '.kube'))]).toEqual([2, ['config.lock']]);
  expect(world.stderr).toContain('is being changed');
});

test('a control plane without a kubeconfig says so', async () => {
  rmSync(join(folder, 'admin.conf'));
  const {code, world} = await provision();
  expect([code, world.stdout]).toEqual([4, '']);
  expect(world.stderr).toContain('No such file');
});

test.each(['kubeconfig', 'status'])(
  '%s takes inventories as a run does, by -i or without',
  async (command) => {
    for (const words of [['nowhere.yaml'], ['-i', 'nowhere.yaml']]) {
      const world = new FakeWorld({env: {HOME: folder}});
      expect(await runCli([command, ...words], world)).toBe(2);
      expect(world.stderr).toContain('nowhere.yaml');
      expect(world.stderr).not.toContain('E601');
    }
  },
);
