import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, changedBy, expectSuccess} from '../support/cluster-lab.ts';
import {stateOf} from '../support/host-state.ts';
import {type EndedRun, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

const INVENTORY = `
all:
  vars:
    kube_version: 1.36.3
    metrics_server_enabled: false
    etcd_deployment_type: host
    kube_encrypt_secret_data: true
    kube_vip_enabled: true
    kube_vip_arp_enabled: true
    kube_vip_address: 10.77.0.100
    kube_vip_interface: eth0
  children:
    kube_control_plane: {hosts: {cp1: {ansible_host: 10.77.0.11}, cp2: {ansible_host: 10.77.0.15}}}
    kube_node: {hosts: {cp1: {}}}
    etcd:
      hosts:
        etcd1: {ansible_host: 10.77.0.12}
        etcd2: {ansible_host: 10.77.0.13}
        etcd3: {ansible_host: 10.77.0.14}
`;

const MEMBERS = ['etcd1', 'etcd2', 'etcd3'];
const ETCDCTL = 'set -a; . /etc/etcd.env; /usr/local/bin/etcdctl';
const OF_CONTROL_PLANES = 'ls -d /etc/ssl/etcd/ssl/* /usr/local/bin/etcd* 2>/dev/null || :';

// One story: what is looked at is taken apart in the end.
describe.skipIf(!support.ok)(`etcd as a service on three hosts${reason}`, {shuffle: false}, () => {
  let cluster: ClusterLab;
  let before: readonly string[];

  beforeAll(async () => {
    cluster = await ClusterLab.of(`test-etcd-${process.pid}`, ['cp1', ...MEMBERS, 'cp2'], INVENTORY, 'bare');
    before = await states();
    expectSuccess(await cluster.run());
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const states = (): Promise<readonly string[]> =>
    Promise.all(MEMBERS.map((name) => stateOf(cluster.lab, name)));
  const addresses = (): Promise<readonly string[]> =>
    Promise.all(['cp1', 'cp2'].map((name) => onHost(cluster.lab, name, 'ip -brief address')));
  const members = async (): Promise<readonly string[]> => {
    const listed = await onHost(cluster.lab, 'etcd1', `${ETCDCTL} member list`);
    return listed.trim().split('\n').map(nameAndRole).toSorted();
  };
  const reset = (...words: readonly string[]): Promise<EndedRun> =>
    cluster.project.command(['reset', 'inventory.yaml', '--yes', '--output', 'ndjson', ...words], 100_000)
      .ended;

  test('has three members that vote, and the next run has nothing to do', async () => {
    expect(await members()).toEqual(['etcd1 started false', 'etcd2 started false', 'etcd3 started false']);
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
  });

  test('gets both control planes in one run', async () => {
    expect(await cluster.kubectl('cp1', 'get nodes -o name')).toBe('node/cp1\nnode/cp2\n');
  });

  // Not by name, which leads a control plane to itself: the certificate is for the address as well.
  test('has its API at the address that kube-vip moves', async () => {
    expect((await addresses()).filter((all) => all.includes(' 10.77.0.100/32'))).toHaveLength(1);
    expect(await cluster.kubectl('cp1', 'get --raw /readyz --server https://10.77.0.100:6443')).toBe('ok');
  });

  test('stores secrets encrypted, and reads them', async () => {
    await cluster.kubectl('cp1', 'create secret generic told --from-literal=word=xyzzy-plugh');
    const stored = await onHost(
      cluster.lab,
      'etcd2',
      `${ETCDCTL} get /registry/secrets/default/told --print-value-only | head -c 24 | tr -cd '[:print:]'`,
    );
    expect(stored).toMatch(/^k8s:enc:secretbox:v1:/);
    const read = await cluster.kubectl('cp1', "get secret told -o 'jsonpath={.data.word}'");
    expect(Buffer.from(read, 'base64').toString()).toBe('xyzzy-plugh');
  });

  test('is found right by who asks how the cluster is', async () => {
    const words = ['status', '-i', 'inventory.yaml', '--probe', '--format', 'json'];
    const asked = await cluster.project.command(words, 100_000).ended;
    expect({code: asked.code, problems: JSON.parse(asked.stdout).problems}).toEqual({
      code: 0,
      problems: [],
    });
  });

  test('keeps the key of its authority away from control planes', async () => {
    const files = await onHost(cluster.lab, 'cp1', OF_CONTROL_PLANES);
    expect(files.trim().split('\n').toSorted()).toEqual([
      '/etc/ssl/etcd/ssl/ca.pem',
      '/etc/ssl/etcd/ssl/client-key.pem',
      '/etc/ssl/etcd/ssl/client.pem',
      '/usr/local/bin/etcdctl',
    ]);
  });

  test('is not taken away from a control plane that stays', async () => {
    const run = await reset('--limit', 'etcd');
    expect({code: run.code, changed: changedBy(run)}).toEqual({code: 1, changed: []});
    expect(`${run.stdout}${run.stderr}`).toContain('No member of etcd would be left');
  });

  test('loses a member that is reset, and goes on with the others', async () => {
    expectSuccess(await reset('--limit', 'etcd3'));
    expect(await members()).toEqual(['etcd1 started false', 'etcd2 started false']);
    expect((await states())[2]).toBe(before[2]);
    expect(await cluster.kubectl('cp1', 'get --raw /readyz/etcd')).toBe('ok');
  });

  test('goes with the whole cluster', async () => {
    expectSuccess(await reset());
    expect(await states()).toEqual(before);
    expect(await onHost(cluster.lab, 'cp1', OF_CONTROL_PLANES)).toBe('');
    expect((await addresses()).join('')).not.toContain('10.77.0.100');
  });
});

/** Of `ID, started, NAME, PEER, CLIENT, LEARNER`. */
function nameAndRole(line: string): string {
  const [, state, name, , , learner] = line.split(', ');
  return `${name} ${state} ${learner}`;
}
