import {expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {renderAll} from '../src/diagnostics/render.ts';
import {idOf} from '../src/model/fact.ts';
import type {TaskGraph} from '../src/model/graph.ts';
import type {HostName} from '../src/model/names.ts';
import {answerOf, bareHost, type FakeHost} from '../src/role-tests/bare-host.ts';
import {type LeftByRun, runOn} from '../src/role-tests/left-by-run.ts';
import {planFor} from '../src/role-tests/plan-for.ts';
import {TempProject} from './support/project.ts';

const ADDRESS = {cp1: '192.0.2.1', cp2: '192.0.2.2', cp3: '192.0.2.3', w1: '192.0.2.4', w2: '192.0.2.5'};
const THREE_AND_TWO = `
all:
  vars: {kube_version: 1.36.3, metrics_server_enabled: true}
  hosts: {${Object.entries(ADDRESS)
    .map(([name, ip]) => `${name}: {ip: ${ip}}`)
    .join(', ')}}
  children:
    kube_control_plane: {hosts: {"cp[1:3]": {}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {"w[1:2]": {}}}
`;

async function graphOf(inventory: string): Promise<TaskGraph> {
  await using project = await TempProject.of({'hosts.yaml': inventory});
  const problems = new Problems();
  const paths = {inventoryPaths: [project.path('hosts.yaml')], playbook: 'cluster', extraVars: []};
  const loaded = await loadProject(paths, problems);
  if (!loaded) throw new Error(renderAll(problems.all, {color: false}));
  return loaded.graph;
}

/** What a run leaves, and the certificates with which kubelets serve behind it: the cluster makes these. */
function hostsAfter(left: LeftByRun): ReadonlyMap<HostName, FakeHost> {
  const served = 'certificate /var/lib/kubelet/pki/kubelet-server-current.pem';
  return new Map(
    Object.entries(ADDRESS).map(([name, address]) => {
      const neighbours = Object.values(ADDRESS);
      const {profile, answer} = left.on(name as HostName, bareHost({name, address, neighbours}));
      const certificate = answerOf({names: [name, address]});
      return [
        name as HostName,
        {profile, answer: (fact) => (idOf(fact) === served ? certificate : answer(fact))},
      ];
    }),
  );
}

test('a run on a cluster that is there asks each host three times at most', async () => {
  const graph = await graphOf(THREE_AND_TWO);
  const asked: HostName[] = [];
  await planFor(graph, hostsAfter(await runOn(graph, hostsAfter)), (host) => asked.push(host));
  const times = graph.hosts.map(({name}) => 1 + asked.filter((each) => each === name).length);
  expect(times).toEqual([3, 3, 3, 3, 3]);
});
