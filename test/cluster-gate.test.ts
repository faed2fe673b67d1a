import {expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import type {BracketNode} from '../src/model/graph.ts';
import {TempProject} from './support/project.ts';

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
