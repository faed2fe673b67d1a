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

test('what is not there is told, though no pod of it is wrong', () => {
  using dir = new TempDir();
  const workload = (kind: string): string => `${kind} kube-system 1 1 1 1 1`;
  writeFileSync(
    join(dir.path, 'kubectl'),
    `#!/bin/sh
case "$*" in
*nodes,pods*) printf '%s\\n' 'node cp1 v1.36.3 True' 'pod kube-system coredns-1 Running True on=cp1' ;;
*) printf '%s\\n' '${workload('Deployment/coredns')}' ;;
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
    workloads: ['DaemonSet/kube-proxy', '', 'Deployment/coredns'],
    probe_image: '',
    dns_domain: '',
    timeout: 0,
    kubeconfig: '/none',
  });
  const ended = spawnSync('sh', ['-c', gateScript(gate).wire], {
    env: {PATH: `${dir.path}:${process.env['PATH']}`},
    encoding: 'utf8',
  });
  expect(ended).toMatchObject({status: 1, stderr: 'DaemonSet/kube-proxy is not there\n'});
});
