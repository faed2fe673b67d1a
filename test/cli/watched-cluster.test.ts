import {expect, test} from 'vitest';
import type {Gate} from '../../src/brackets/cluster-gate/script.ts';
import {type WatchFlags, watchedCluster} from '../../src/cli/watched-cluster.ts';
import {TempProject} from '../support/project.ts';
import {FakeWorld} from './fake-world.ts';

const FLAGS = {extraVars: [], forks: 1, knownHosts: []};
const USUAL_IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';

const inventoryOf = (vars: object, etcd?: readonly string[]): string =>
  JSON.stringify({
    all: {
      vars: {kube_version: '1.36.3', ...vars},
      children: {
        kube_control_plane: {hosts: {cp1: {ip: '192.0.2.1'}}},
        kube_node: {hosts: {w1: {}}},
        ...(etcd && {etcd: {hosts: Object.fromEntries(etcd.map((name) => [name, {}]))}}),
      },
    },
  });

interface Project {
  readonly inventory: string;
  readonly playbook?: string;
}

async function gateOf(
  {inventory, playbook}: Project,
  flags: Partial<WatchFlags> = {},
): Promise<{readonly gate: Gate; readonly said: string}> {
  await using project = await TempProject.of({
    'hosts.yaml': inventory,
    ...(playbook !== undefined && {'playbook.yaml': playbook}),
  });
  const world = new FakeWorld();
  const {gate} = await watchedCluster({...FLAGS, inventory: [project.path('hosts.yaml')], ...flags}, world);
  return {gate, said: world.stderr};
}

test('a cluster is held to what the gate of its playbook says', async () => {
  const {gate} = await gateOf({inventory: inventoryOf({})});
  expect(gate).toEqual({
    kubeconfig: '/etc/kubernetes/admin.conf',
    nodes: ['cp1', 'w1'],
    version: '1.36.3',
    apiServers: ['192.0.2.1:6443'],
    etcdMembers: 1,
    namespaces: ['kube-system', 'kube-flannel'],
    workloads: ['DaemonSet/kube-proxy', 'DaemonSet/kube-flannel-ds', 'Deployment/coredns'],
    fromOthers: [],
    probeImage: '',
    dnsDomain: 'cluster.local',
    timeoutMs: 0,
  });
});

test.each([
  ['a domain of its own', {dns_domain: 'corp.test'}, {dnsDomain: 'corp.test'}],
  ['no names', {dns_mode: 'none'}, {dnsDomain: ''}],
  ['another network', {kube_network_plugin: 'bridge'}, {namespaces: ['kube-system']}],
  ['a network that others bring', {kube_network_plugin: 'none'}, {fromOthers: ['network']}],
  [
    'the address that kube-vip moves',
    {kube_vip_enabled: true, kube_vip_arp_enabled: true, kube_vip_address: '192.0.2.99'},
    {apiServers: ['192.0.2.1:6443', '192.0.2.99:6443']},
  ],
  ['a mirror', {registry_host: 'mirror.test'}, {probeImage: 'mirror.test/e2e-test-images/agnhost:2.63.0'}],
])('so is one with %s', async (_, vars, expected) => {
  const {gate} = await gateOf({inventory: inventoryOf(vars)}, {probe: true});
  expect(gate).toMatchObject({timeoutMs: 60_000, ...expected});
});

test('members of etcd are counted wherever they are', async () => {
  const members = ['e1', 'e2', 'e3'];
  const elsewhere = await gateOf({inventory: inventoryOf({etcd_deployment_type: 'host'}, members)});
  expect(elsewhere.gate.etcdMembers).toBe(3);
});

test('what was named on the command line comes first', async () => {
  const flags = {probe: true, probeImage: 'mine:1', kubeconfig: '/root/admin.conf'};
  const {gate} = await gateOf({inventory: inventoryOf({})}, flags);
  expect(gate).toMatchObject({probeImage: 'mine:1', kubeconfig: '/root/admin.conf'});
});

test.each([
  ['has no gate', '- {play: p, hosts: all, roles: []}', ''],
  ['has a mistake', '- {play: p, hosts: all, roles: [nope]}', 'The playbook cannot be read'],
])('where the playbook %s, a cluster is held to what the inventory says', async (_, playbook, told) => {
  const {gate, said} = await gateOf({inventory: inventoryOf({}), playbook}, {probe: true});
  expect(said).toContain(told);
  expect(gate).toMatchObject({
    nodes: ['cp1', 'w1'],
    version: '',
    etcdMembers: 1,
    namespaces: ['kube-system'],
    probeImage: USUAL_IMAGE,
    dnsDomain: 'cluster.local',
  });
});
