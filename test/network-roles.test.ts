import {expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {isPending} from '../src/model/change.ts';
import type {TaskGraph} from '../src/model/graph.ts';
import type {Outputs, Resource} from '../src/model/resource.ts';
import {isScript} from '../src/model/step.ts';
import {PROFILE} from '../src/role-tests/bare-host.ts';
import {TempProject} from './support/project.ts';
import {contextOf, emptyHost} from './support/resources.ts';

const INVENTORY = `
all:
  vars: {kube_version: 1.36.3, kube_network_plugin: bridge}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 192.0.2.1}}}
    etcd: {hosts: {cp1: {}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.11}}}
`;

async function graphOf(roles: string, vars: object, inventory = INVENTORY): Promise<TaskGraph> {
  await using project = await TempProject.of({
    'hosts.yaml': inventory,
    'playbook.yaml': `- {play: hosts, hosts: k8s_cluster, roles: [${roles}]}`,
  });
  const problems = new Problems();
  const extraVars = [JSON.stringify(vars)];
  const loaded = await loadProject({inventoryPaths: [project.path('hosts.yaml')], extraVars}, problems);
  if (!loaded?.graph) throw new Error(problems.all.map(({code, detail}) => `${code} ${detail}`).join('\n'));
  return loaded.graph;
}

function resourceOf(graph: TaskGraph, id: string, outputs: Outputs = {}): Resource {
  const task = graph.tasks.find((each) => each.id.endsWith(id));
  if (!task) throw new Error(`No task ${id} among ${graph.tasks.map((each) => each.id).join(', ')}`);
  const late = {profile: PROFILE, outputsOf: () => outputs, bracketOutputsOf: () => ({})};
  const resolved = task.resource.resolve(late);
  if (!resolved.ok) throw new Error(resolved.problem);
  return resolved.value;
}

/** The file that a task writes where none is. */
function contentOf(resource: Resource): string {
  const verdict = resource.diff(emptyHost(resource.facts), contextOf());
  const steps = isPending(verdict) ? verdict.steps : [];
  const [content] = steps.flatMap((step) => (!isScript(step) && step.step === 'write' ? [step.content] : []));
  return typeof content === 'string' ? content : 'no file';
}

/** What a task wants of an object of the cluster, by its kind. */
function objectOf(resource: Resource, kind: string): {readonly data?: unknown; readonly spec?: unknown} {
  const asked = resource.facts.map(({key}) => Object(JSON.parse(key)).object);
  return asked.find((object) => object.kind === kind && object.metadata.name === 'coredns');
}

const NODES = {
  nodes: [
    {name: 'cp1', ranges: [{cidr: '10.233.64.0/24', address: '192.0.2.1'}]},
    {name: 'left', ranges: [{cidr: '10.233.66.0/24', address: '192.0.2.99'}]},
    {name: 'w1', ranges: [{cidr: '10.233.65.0/24', address: '192.0.2.11'}]},
  ],
};

test('a node has routes to all others that the cluster has, and none to itself', async () => {
  const routes = resourceOf(await graphOf('bridge', {}), 'w1/hosts/bridge/routes', NODES);
  expect(contentOf(routes)).toBe(
    'route replace 10.233.64.0/24 via 192.0.2.1 proto 180\nroute replace 10.233.66.0/24 via 192.0.2.99 proto 180\n',
  );
});

test('pods of a node get their addresses from the ranges that the cluster gave it', async () => {
  const ranges = [
    {cidr: '10.233.65.0/24', address: '192.0.2.11'},
    {cidr: 'fd00:65::/64', address: 'fd00::11'},
  ];
  const cni = resourceOf(await graphOf('bridge', {bridge_mtu: 1400}), 'w1/hosts/bridge/cni', {
    nodes: [{name: 'w1', ranges}],
  });
  const [bridge] = JSON.parse(contentOf(cni)).plugins;
  expect(bridge).toMatchObject({
    type: 'bridge',
    mtu: 1400,
    ipam: {ranges: [[{subnet: '10.233.65.0/24'}], [{subnet: 'fd00:65::/64'}]]},
  });
});

test.each([
  [
    '10.233.64.0/18',
    ['ip saddr != 10.233.64.0/18 return', 'ip daddr { 10.233.64.0/18, 224.0.0.0/4 } return'],
  ],
  ['fd00:10::/48', ['ip6 saddr != fd00:10::/48 return', 'ip6 daddr { fd00:10::/48, ff00::/8 } return']],
])('pods in %s hide from other networks and not from each other', async (kube_pods_subnet, rules) => {
  const vars = {kube_pods_subnet, kube_network_node_prefix: 64};
  const text = contentOf(resourceOf(await graphOf('bridge', vars), 'w1/hosts/bridge/masquerade'));
  expect(text.split('\n').map((line) => line.trim())).toEqual(expect.arrayContaining(rules));
});

test('without masquerade the table of rules is taken away', async () => {
  const graph = await graphOf('bridge', {bridge_masquerade: false});
  expect(contentOf(resourceOf(graph, 'w1/hosts/bridge/masquerade'))).toBe(
    '# Written by provision: role bridge.\ntable ip pod-network\ndelete table ip pod-network\n',
  );
});

test.each([
  ['two nodes take them', '', true],
  ['a node is only avoided', 'gpu=yes:PreferNoSchedule', true],
  ['a node that takes them is alone', 'gpu=yes:NoSchedule', false],
  ['pods are driven away from the other one', {key: 'gpu', effect: 'NoExecute'}, false],
])('pods of CoreDNS do not share a node: %s', async (_, taint, spreads) => {
  const worker = {ip: '192.0.2.11', ...(taint === '' ? {} : {node_taints: [taint]})};
  const graph = await graphOf('coredns', {}, INVENTORY.replace('{ip: 192.0.2.11}', JSON.stringify(worker)));
  const {spec} = objectOf(resourceOf(graph, 'coredns/objects'), 'Deployment');
  const rule = {topologyKey: 'kubernetes.io/hostname', minDomains: 2, whenUnsatisfiable: 'DoNotSchedule'};
  const wanted = spreads ? [expect.objectContaining(rule)] : undefined;
  expect(Object(spec).template.spec.topologySpreadConstraints).toEqual(wanted);
});

const DNS = {
  coredns_replicas: 3,
  upstream_dns_servers: ['192.0.2.53', '192.0.2.54:5353'],
  dns_upstream_forward_extra_opts: {prefer_udp: '', max_fails: 3},
  coredns_external_zones: [
    {
      zones: ['corp.example', 'branch.example:1053'],
      nameservers: ['192.0.2.60'],
      cache: 9,
      rewrite: ['name a.corp.example b'],
    },
    {zones: ['lab.example'], nameservers: ['192.0.2.61', '192.0.2.62']},
  ],
  dns_etchosts: '192.0.2.55 printer.example\n',
  coredns_additional_configs: 'log . {\n  class denial\n}',
  coredns_kubernetes_extra_opts: ['endpoint_pod_names'],
  coredns_extra_corefile: 'more.example {\n    whoami\n}',
};

test('the Corefile has what the variables say', async () => {
  const objects = resourceOf(await graphOf('coredns', DNS), 'coredns/objects');
  const {Corefile, hosts} = Object(objectOf(objects, 'ConfigMap').data);
  expect(hosts).toBe('192.0.2.55 printer.example\n');
  expect(objectOf(objects, 'Deployment').spec).toMatchObject({replicas: 3});
  await expect(Corefile).toMatchFileSnapshot('fixtures/roles/Corefile');
});

test('another Corefile starts the pods of CoreDNS anew, and another number of them does not', async () => {
  const templateWith = async (vars: object): Promise<unknown> => {
    const objects = resourceOf(await graphOf('coredns', vars), 'coredns/objects');
    return Object(objectOf(objects, 'Deployment').spec).template;
  };
  const template = await templateWith({});
  expect(await templateWith({coredns_replicas: 5})).toEqual(template);
  expect(await templateWith({upstream_dns_servers: ['192.0.2.53']})).not.toEqual(template);
});

test('kubeadm is told to leave CoreDNS alone, and kube-proxy where something else makes services', async () => {
  const configOf = async (vars: object): Promise<string> => {
    const {tasks} = await graphOf('control_plane', vars);
    const phase = tasks.find(({id}) => id.endsWith('/upload_config'));
    const resolved = phase?.resource.resolve({
      profile: PROFILE,
      outputsOf: () => ({}),
      bracketOutputsOf: () => ({}),
    });
    const verdict = resolved?.ok
      ? resolved.value.diff(emptyHost(resolved.value.facts), contextOf())
      : undefined;
    return JSON.stringify(verdict);
  };
  expect(await configOf({})).toContain('dns: {disabled: true}');
  expect(await configOf({})).not.toContain('proxy: {disabled: true}');
  expect(await configOf({kube_proxy_mode: 'none'})).toContain('proxy: {disabled: true}');
  expect(await configOf({kube_proxy_remove: true})).toContain('proxy: {disabled: true}');
});
