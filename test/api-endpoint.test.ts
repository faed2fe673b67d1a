import {expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {renderAll} from '../src/diagnostics/render.ts';
import {isPending} from '../src/model/change.ts';
import {display, isScript} from '../src/model/step.ts';
import {PROFILE} from '../src/role-tests/bare-host.ts';
import {TempProject} from './support/project.ts';
import {contextOf, emptyHost} from './support/resources.ts';

const PLAYBOOK = `
- play: members
  hosts: k8s_cluster
  roles:
    - api_endpoint
    - {role: control_plane, when: '"kube_control_plane" in group_names'}
    - {role: api_endpoint, entrypoint: address}
`;

/** Control planes cp1, cp2 … and one worker, with these variables, and what its tasks write on a bare host. */
async function writtenOn(host: string, controlPlanes: number, vars: object): Promise<Map<string, string>> {
  const names = Array.from(
    {length: controlPlanes},
    (_, index) => `cp${index + 1}: {ip: 192.0.2.${index + 1}}`,
  );
  await using project = await TempProject.of({
    'playbook.yaml': PLAYBOOK,
    'hosts.yaml': `all:
  vars: ${JSON.stringify({kube_version: '1.36.3', ...vars})}
  children:
    kube_control_plane: {hosts: {${names.join(', ')}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.9}}}
`,
  });
  const problems = new Problems();
  const loaded = await loadProject({inventoryPaths: [project.path('hosts.yaml')], extraVars: []}, problems);
  if (!loaded) throw new Error(renderAll(problems.all, {color: false}));
  const late = {profile: PROFILE, outputsOf: () => ({address: '192.0.2.77'}), bracketOutputsOf: () => ({})};
  const written = loaded.graph.tasks
    .filter((task) => task.host === host && task.id.includes('/api_endpoint'))
    .flatMap(({resource, id}) => {
      const resolved = resource.resolve(late);
      if (!resolved.ok) throw new Error(`${id}: ${resolved.problem}`);
      const verdict = resolved.value.diff(emptyHost(resolved.value.facts), contextOf());
      const steps = isPending(verdict) ? verdict.steps : [];
      return steps.map((step): [string, string] => [
        id.slice(id.lastIndexOf('/') + 1),
        !isScript(step) && step.step === 'write' && typeof step.content === 'string'
          ? step.content
          : display(step),
      ]);
    });
  return new Map(written);
}

const leadsTo = (written: ReadonlyMap<string, string>): readonly string[] =>
  [...written.values()].flatMap(
    (text) => /^address=(\S+) names=(\S+)/m.exec(text)?.slice(1, 3).join(' ') ?? [],
  );

const LOCAL = 'lb-apiserver.kubernetes.local';

test('a worker has a proxy before several control planes, which knows them all', async () => {
  const written = await writtenOn('w1', 3, {});
  expect(leadsTo(written)).toEqual([`127.0.0.1 ${LOCAL}`]);
  await expect(written.get('configuration')).toMatchFileSnapshot('fixtures/roles/haproxy.cfg');
  await expect(written.get('proxy')).toMatchFileSnapshot('fixtures/roles/haproxy.yaml');
});

test('one control plane more makes another pod of the proxy', async () => {
  const [two, three] = [await writtenOn('w1', 2, {}), await writtenOn('w1', 3, {})];
  expect(two.get('proxy')).not.toBe(three.get('proxy'));
});

test.each([
  ['a control plane asks itself', 'cp2', 3, {}, [`192.0.2.2 ${LOCAL}`]],
  ['a worker goes straight to the only control plane', 'w1', 1, {}, [`192.0.2.1 ${LOCAL}`]],
  [
    'one control plane can have proxies before it',
    'w1',
    1,
    {loadbalancer_apiserver_localhost: true},
    [`127.0.0.1 ${LOCAL}`],
  ],
  [
    'a proxy on another port is on control planes too',
    'cp2',
    2,
    {loadbalancer_apiserver_port: 7443},
    [`127.0.0.1 ${LOCAL}`],
  ],
  [
    'a balancer is found by its address',
    'w1',
    3,
    {loadbalancer_apiserver: {address: '192.0.2.50', port: 443}},
    [],
  ],
  [
    'a balancer has the name that is given to it',
    'w1',
    3,
    {loadbalancer_apiserver: {address: '192.0.2.50'}, apiserver_loadbalancer_domain_name: 'api.example.com'},
    ['192.0.2.50 api.example.com'],
  ],
  [
    'a control plane is its own balancer where the port is the same',
    'cp1',
    3,
    {loadbalancer_apiserver: {address: '192.0.2.50'}, apiserver_loadbalancer_domain_name: 'api.example.com'},
    ['192.0.2.1 api.example.com'],
  ],
  [
    'name servers say where the API is',
    'w1',
    3,
    {
      apiserver_loadbalancer_domain_name: 'api.example.com',
      populate_loadbalancer_apiserver_to_hosts_file: false,
    },
    [],
  ],
  [
    'the address that kube-vip moves is where workers go',
    'w1',
    3,
    {kube_vip_enabled: true, kube_vip_address: '192.0.2.60'},
    [`192.0.2.60 ${LOCAL}`],
  ],
  [
    'the address that kube-vip moves is no name of the API, although it is given as that of a balancer',
    'w1',
    3,
    {
      kube_vip_enabled: true,
      kube_vip_address: '192.0.2.60',
      loadbalancer_apiserver: {address: '192.0.2.60', port: 6443},
    },
    [`192.0.2.60 ${LOCAL}`],
  ],
])('%s', async (_title, host, controlPlanes, vars, expected) => {
  expect(leadsTo(await writtenOn(host, controlPlanes, vars))).toEqual(expected);
});

test('kube-vip runs on control planes alone, as it is told', async () => {
  const vars = {
    kube_vip_enabled: true,
    kube_vip_address: '192.0.2.60',
    kube_vip_interface: 'eth0',
    kube_vip_arp_enabled: true,
    kube_vip_bgp_enabled: true,
    kube_vip_bgppeers: ['192.0.2.70:65001::false'],
  };
  const onControlPlane = await writtenOn('cp1', 3, vars);
  await expect(onControlPlane.get('kube_vip')).toMatchFileSnapshot('fixtures/roles/kube-vip.yaml');
  expect((await writtenOn('w1', 3, vars)).has('kube_vip')).toBe(false);
});
