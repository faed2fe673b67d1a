import {expect, test} from 'vitest';
import {planText} from '../src/report/plan-text.ts';
import {barePlan} from './support/bare-plan.ts';

/** What a golden plan should not change with: the newest of everything. */
const VERSIONS = `
    kube_version: 1.36.3
    containerd_version: 2.3.4
    runc_version: 1.4.3
    cni_version: 1.9.1
    crictl_version: 1.36.0`;

const ONE_AND_ONE = `
all:
  vars:${VERSIONS}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 192.0.2.1}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.2}}}
`;

const THREE_AND_TWO = `
all:
  vars:${VERSIONS}
  hosts:
    cp1: {ip: 192.0.2.1}
    cp2: {ip: 192.0.2.2}
    cp3: {ip: 192.0.2.3}
    w1: {ip: 192.0.2.4, node_labels: {disk: ssd}}
    w2: {ip: 192.0.2.5}
  children:
    kube_control_plane: {hosts: {"cp[1:3]": {}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {"w[1:2]": {}}}
`;

const UNUSUAL = `
all:
  vars:${VERSIONS}
    kube_network_plugin: bridge
    kube_proxy_mode: iptables
    metrics_server_enabled: true
    kubernetes_audit: true
    crictl_enabled: false
    image_archives:
      registry.k8s.io/pause:3.10.2: {src: https://mirror.invalid/pause.tar, sha256: ${'a'.repeat(64)}}
    containerd_registries_mirrors:
      - {prefix: docker.io, mirrors: [{host: https://mirror.invalid}]}
  hosts:
    cp1: {ip: 192.0.2.1}
    w1: {ip: 192.0.2.2, node_taints: [{key: gpu, value: "1", effect: NoSchedule}]}
  children:
    kube_control_plane: {hosts: {cp1: {}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {cp1: {}, w1: {}}}
`;

const EXTERNAL = `
all:
  vars:${VERSIONS}
    etcd_version: 3.6.8
    etcd_deployment_type: host
    kube_encrypt_secret_data: true
  hosts:
    cp1: {ip: 192.0.2.1}
    e1: {ip: 192.0.2.2}
  children:
    kube_control_plane: {hosts: {cp1: {}}}
    etcd: {hosts: {e1: {}}}
    kube_node: {hosts: {cp1: {}}}
`;

/** As people see it, without digests: what a file says has its own tests. */
const shown = (text: string): string => text.replaceAll(/\b(?:sha256:)?[0-9a-f]{12,64}\b/g, '(digest)');

test.each([
  ['one control plane and one worker', 'one-and-one', ONE_AND_ONE],
  ['three control planes and two workers', 'three-and-two', THREE_AND_TWO],
  ['an etcd of its own, and encrypted secrets', 'external-etcd', EXTERNAL],
  ['a schedulable control plane, bridge, iptables, an audit log and a mirror', 'unusual', UNUSUAL],
])('the plan for bare hosts of %s says what would be done, in order', async (_, name, inventory) => {
  const text = shown(planText(await barePlan(inventory, 'cluster')));
  await expect(text).toMatchFileSnapshot(`fixtures/plans/${name}.plan`);
});

test('what is switched off is looked for in a cluster that was there before, and not on bare hosts', async () => {
  const inventory = ONE_AND_ONE.replace(VERSIONS, `${VERSIONS}\n    dns_mode: none`);
  const removals = async (found: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
    const {tasks} = await barePlan(inventory, 'cluster', found);
    return tasks.filter(({id}) => id.includes('.remove/')).map(({id, status}) => `${id}: ${status}`);
  };
  const [metrics, names] = ['metrics_server', 'coredns'].map(
    (role) => `kube_control_plane/cluster/${role}.remove/objects`,
  );
  const admin = {type: 'file', mode: '0600', owner: 0, group: 0};
  expect(await removals({})).toEqual([`${metrics}: skipped`, `${names}: skipped`]);
  // What is changed before them may change the cluster too.
  expect(await removals({'stat /etc/kubernetes/admin.conf': admin})).toEqual([
    `${metrics}: deferred`,
    `${names}: deferred`,
  ]);
});
