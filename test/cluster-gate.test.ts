import {spawnSync} from 'node:child_process';
import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {gateScript} from '../src/brackets/cluster-gate/script.ts';
import {gateOf} from '../src/brackets/cluster-gate.ts';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import type {BracketNode} from '../src/model/graph.ts';
import {TempProject} from './support/project.ts';
import {TempDir} from './support/temp-dir.ts';

const INVENTORY = `
all:
  vars: {kube_version: 1.36.3}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 192.0.2.1}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.11}}}
`;

/** The gates of the playbook that makes clusters. */
async function gatesOf(vars: object, inventory = INVENTORY): Promise<readonly BracketNode[]> {
  await using project = await TempProject.of({'hosts.yaml': inventory});
  const problems = new Problems();
  const loaded = await loadProject(
    {
      inventoryPaths: [project.path('hosts.yaml')],
      playbook: 'cluster',
      extraVars: [JSON.stringify(vars)],
    },
    problems,
  );
  if (!loaded) throw new Error(problems.all.map(({code, detail}) => `${code} ${detail}`).join('\n'));
  return loaded.graph.brackets.filter(({kind}) => kind === 'cluster_gate');
}

const EXTERNAL = `${INVENTORY.trimEnd()}
    etcd: {hosts: {e1: {ip: 192.0.2.21}}}
`;

test('one gate is around what changes on hosts of etcd and in the cluster', async () => {
  const gates = await gatesOf({etcd_deployment_type: 'host'}, EXTERNAL);
  const plays = gates.map(({around}) => new Set(around.map((id) => id.split('/')[1])));
  expect(plays).toEqual([new Set(['etcd', 'cluster'])]);
});

test.each([
  [{kube_network_plugin: 'flannel'}, ['kube-system', 'kube-flannel']],
  [{kube_network_plugin: 'bridge'}, ['kube-system']],
  [
    {kube_network_plugin: 'none', kube_gate_namespaces: ['kube-system', 'calico-system']},
    ['kube-system', 'calico-system'],
  ],
])('the gate looks at all that a cluster needs: with %o at %o', async (vars, namespaces) => {
  const specs = (await gatesOf(vars)).map(({spec}) => spec());
  expect(specs).toMatchObject([{namespaces}]);
});

test.each([
  [{}, ['DaemonSet/kube-proxy', 'DaemonSet/kube-flannel-ds', 'Deployment/coredns', '']],
  [
    {kube_network_plugin: 'bridge', kube_proxy_mode: 'none', dns_mode: 'none', metrics_server_enabled: true},
    ['', '', '', 'Deployment/metrics-server'],
  ],
])('the gate misses what somebody has taken away: with %o one of %o', async (vars, workloads) => {
  const specs = (await gatesOf(vars)).map(({spec}) => spec());
  expect(specs).toMatchObject([{workloads}]);
});

/** What the gate says of a cluster that it looks at once; the API answers with these lines. */
function judged(
  {nodesAndPods, workloads, ready = '', services = 'yes'}: Answers,
  spec: Readonly<Record<string, unknown>>,
): {readonly status: number | null; readonly stderr: string} {
  using dir = new TempDir();
  writeFileSync(
    join(dir.path, 'kubectl'),
    `#!/bin/sh
case "$*" in
*nodes,pods*) printf '%s\\n' ${nodesAndPods.map((line) => `'${line}'`).join(' ')} ;;
*'get nodes'*) printf '%s\\n' '${ready}' ;;
*'get service kubernetes'*) echo 10.233.0.1 ;;
*https://10.233.0.1*) [ ${services} = yes ] ;;
*) printf '%s\\n' ${workloads.map((line) => `'${line}'`).join(' ')} ;;
esac
`,
  );
  chmodSync(join(dir.path, 'kubectl'), 0o755);
  const gate = gateOf({
    nodes: ['cp1'],
    version: '1.36.3',
    api_servers: [],
    etcd_members: 0,
    namespaces: ['kube-system'],
    workloads: [],
    from_others: [],
    probe_image: '',
    dns_domain: '',
    timeout: 0,
    kubeconfig: '/none',
    ...spec,
  });
  const {status, stderr} = spawnSync('sh', ['-c', gateScript(gate).wire], {
    env: {PATH: `${dir.path}:${process.env['PATH']}`},
    encoding: 'utf8',
  });
  return {status, stderr};
}

interface Answers {
  readonly nodesAndPods: readonly string[];
  readonly workloads: readonly string[];
  readonly ready?: string;
  readonly services?: 'yes' | 'no';
}

test.each([
  [{}, ['', '']],
  [{kube_network_plugin: 'none'}, ['network', '']],
  [{kube_network_plugin: 'none', kube_proxy_mode: 'none'}, ['network', 'services']],
])('the gate knows what others bring: with %o it is %o', async (vars, brought) => {
  const specs = (await gatesOf(vars)).map(({spec}) => spec());
  expect(specs).toMatchObject([{from_others: brought}]);
});

test('what is not there is told, though no pod of it is wrong', () => {
  const answers = {
    nodesAndPods: ['node cp1 v1.36.3 True', 'pod kube-system coredns-1 Running True pods on=cp1'],
    workloads: ['Deployment/coredns kube-system 1 1 1 1 1'],
  };
  const workloads = ['DaemonSet/kube-proxy', '', 'Deployment/coredns'];
  expect(judged(answers, {workloads})).toEqual({status: 1, stderr: 'DaemonSet/kube-proxy is not there\n'});
});

const UNPLUGGED = 'cp1 container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady';
const WITHOUT_NETWORK = {
  nodesAndPods: [
    'node cp1 v1.36.3 False',
    'pod kube-system etcd-cp1 Running True host on=cp1',
    'pod kube-system coredns-1 Pending False pods on=',
  ],
  workloads: ['Deployment/coredns kube-system 1 1 2 2 0'],
  ready: UNPLUGGED,
  services: 'no',
} as const;

test('a network that others bring is not missed before it is there, and nothing that needs it', () => {
  expect(judged(WITHOUT_NETWORK, {from_others: ['network', 'services']})).toEqual({status: 0, stderr: ''});
  const {stderr} = judged(WITHOUT_NETWORK, {});
  expect(stderr).toContain('node cp1 is not Ready\n');
  expect(stderr).toContain('pod kube-system/coredns-1 is not Ready (Pending)\n');
});

test('without a network, what needs none has to work all the same', () => {
  const nodesAndPods = ['node cp1 v1.36.3 False', 'pod kube-system etcd-cp1 Running False host on=cp1'];
  const {stderr} = judged({...WITHOUT_NETWORK, nodesAndPods}, {from_others: ['network']});
  expect(stderr).toBe('pod kube-system/etcd-cp1 is not Ready (Running)\n');
});

test('a node without a network is waited for where another one has it', () => {
  const nodesAndPods = ['node cp1 v1.36.3 False', 'node w1 v1.36.3 True'];
  const ready = `${UNPLUGGED}\nw1 kubelet is posting ready status`;
  const spec = {from_others: ['network'], nodes: ['cp1', 'w1'], namespaces: []};
  expect(judged({...WITHOUT_NETWORK, nodesAndPods, ready}, spec).stderr).toBe('node cp1 is not Ready\n');
});

test('where nobody makes services yet, CoreDNS is not waited for, and it is once somebody does', () => {
  const answers = {
    nodesAndPods: [
      'node cp1 v1.36.3 True',
      'pod kube-system etcd-cp1 Running True host on=cp1',
      'pod kube-system coredns-1 Running False pods on=cp1',
    ],
    workloads: ['Deployment/coredns kube-system 1 1 1 1 0'],
  };
  const spec = {from_others: ['services'], workloads: ['Deployment/coredns']};
  expect(judged({...answers, services: 'no'}, spec)).toEqual({status: 0, stderr: ''});
  expect(judged(answers, spec).stderr).toContain('pod kube-system/coredns-1 is not Ready (Running)');
});
