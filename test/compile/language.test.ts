import {expect, test} from 'vitest';
import {compileFiles, edgesOf, graphOf} from './harness.ts';
import {bracket, resource} from './stubs.ts';

const TEXT = {type: 'string'} as const;
const MAP = {type: 'object', additionalProperties: TEXT} as const;

const resources = [
  resource({
    kind: 'kubeadm_join',
    properties: {endpoint: TEXT, ca_hash: TEXT, token: {...TEXT, 'x-secret': true}, node_name: TEXT},
    required: ['endpoint', 'ca_hash', 'token', 'node_name'],
  }),
  resource({
    kind: 'kubernetes_node',
    properties: {name: TEXT, labels: MAP, taints: {type: 'array', items: TEXT}},
    required: ['name'],
    key: ({name}) => `cluster:node/${JSON.stringify(name)}`,
  }),
  resource({kind: 'public_key', properties: {path: TEXT}, outputs: {public_key_sha256: TEXT}}),
  resource({kind: 'service', properties: {name: TEXT}}),
];

const brackets = [
  bracket({kind: 'kubeadm_token', properties: {ttl: TEXT}, outputs: {token: TEXT}}),
  bracket({kind: 'etcd_snapshot', properties: {keep: {type: 'integer'}}}),
  bracket({kind: 'control_plane_gate', properties: {steady: TEXT, timeout: TEXT}}),
  bracket({kind: 'kubernetes_drain', properties: {timeout: TEXT}}),
];

const INVENTORY = `
all:
  vars: {kube_apiserver_endpoint: "10.0.0.10:6443", drain_timeout: 5m, node_labels: {}, node_taints: []}
  children:
    kube_control_plane: {hosts: {cp1: {}, cp2: {}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {"w[1:2]": {node_labels: {disk: ssd}}}}
`;

const JOIN = `
- id: token
  name: Open a join token
  run_once: true
  delegate_to: kube_control_plane
  around: [join]
  kubeadm_token: {ttl: 1h}

- id: join
  name: Join the cluster
  kubeadm_join:
    endpoint: "{{ kube_apiserver_endpoint }}"
    ca_hash: "{{ tasks.ca.outputs.public_key_sha256 }}"
    token: "{{ brackets.token.outputs.token }}"
    node_name: "{{ inventory_hostname }}"
  timeout: 5m

- id: node
  name: Label and taint the node
  delegate_to: kube_control_plane
  kubernetes_node: {name: "{{ inventory_hostname }}", labels: "{{ node_labels }}", taints: "{{ node_taints }}"}
`;

const PLAYBOOK = `
- play: first control plane
  id: init
  hosts: kube_control_plane[0]
  roles: [{role: control_plane, entrypoint: init}]

- play: control planes
  hosts: kube_control_plane
  needs: [init]
  rollout: {max_unavailable: 1, max_failures: 0}
  around:
    - {id: snapshot, etcd_snapshot: {keep: 5}, run_once: true, delegate_to: etcd, impact: restart}
    - {id: gate, control_plane_gate: {steady: 10s, timeout: 5m}, impact: restart}
  roles: [control_plane]

- play: workers
  hosts: kube_node:!kube_control_plane
  needs: [control planes]
  rollout: {max_unavailable: 20%, max_failures: 1}
  around:
    - {id: drained, kubernetes_drain: {timeout: "{{ drain_timeout }}"}, impact: drain}
  roles: [containerd, kubelet, worker]
`;

const service = (id: string) => `- {id: ${id}, service: {name: ${id}}}\n`;

const files = {
  'inventory.yaml': INVENTORY,
  'playbook.yaml': PLAYBOOK,
  'roles/control_plane/role.yaml': 'summary: The control plane.\ndefault_entrypoint: install\n',
  'roles/control_plane/tasks/init.yaml': '- {id: ca, public_key: {path: /etc/kubernetes/pki/ca.crt}}\n',
  'roles/control_plane/tasks/install.yaml': service('api'),
  'roles/containerd/role.yaml': 'summary: The runtime.\n',
  'roles/containerd/tasks/install.yaml': service('containerd'),
  'roles/kubelet/role.yaml': 'summary: The kubelet.\n',
  'roles/kubelet/tasks/install.yaml': service('kubelet'),
  'roles/worker/role.yaml': 'summary: A worker.\n',
  'roles/worker/tasks/join.yaml': JOIN,
};

test('the examples of the language compile', async () => {
  const graph = await graphOf({files, resources, brackets});

  expect(graph.tasks.map(({id}) => id)).toEqual([
    'cp1/init/control_plane.init/ca',
    'cp1/control-planes/control_plane/api',
    'cp2/control-planes/control_plane/api',
    ...['w1', 'w2'].flatMap((host) => [
      `${host}/workers/containerd/containerd`,
      `${host}/workers/kubelet/kubelet`,
      `${host}/workers/worker/join`,
      `${host}/workers/worker/node`,
    ]),
  ]);
  expect(graph.brackets.map(({id, around, impact}) => ({id, around, impact}))).toEqual([
    {
      id: 'etcd/control-planes/snapshot',
      around: ['cp1/control-planes/control_plane/api', 'cp2/control-planes/control_plane/api'],
      impact: 'restart',
    },
    {id: 'cp1/control-planes/gate', around: ['cp1/control-planes/control_plane/api'], impact: 'restart'},
    {id: 'cp2/control-planes/gate', around: ['cp2/control-planes/control_plane/api'], impact: 'restart'},
    ...['w1', 'w2'].map((host) => ({
      id: `${host}/workers/drained`,
      around: ['containerd/containerd', 'kubelet/kubelet', 'worker/join', 'worker/node'].map(
        (task) => `${host}/workers/${task}`,
      ),
      impact: 'drain',
    })),
    {
      id: 'kube_control_plane/workers/worker/token',
      around: ['w1/workers/worker/join', 'w2/workers/worker/join'],
      impact: 'none',
    },
  ]);
});

test('an output of another role orders tasks across hosts, and says why', async () => {
  const graph = await graphOf({files, resources, brackets});
  expect(edgesOf(graph)).toEqual([
    'cp1/init/control_plane.init/ca -> cp1/control-planes/control_plane/api needs',
    'cp1/init/control_plane.init/ca -> cp2/control-planes/control_plane/api needs',
    ...['w1', 'w2'].flatMap((host) => [
      `cp1/control-planes/control_plane/api -> ${host}/workers/containerd/containerd needs`,
      `cp2/control-planes/control_plane/api -> ${host}/workers/containerd/containerd needs`,
      `${host}/workers/containerd/containerd -> ${host}/workers/kubelet/kubelet written-order`,
      `cp1/init/control_plane.init/ca -> ${host}/workers/worker/join output`,
      `${host}/workers/kubelet/kubelet -> ${host}/workers/worker/join written-order`,
      `${host}/workers/worker/join -> ${host}/workers/worker/node written-order`,
    ]),
  ]);
});

test('a task that is delegated runs at one of the group, for its own host', async () => {
  const {tasks} = await graphOf({files, resources, brackets});
  const node = tasks.find(({id}) => id === 'w1/workers/worker/node');
  expect(node).toMatchObject({
    host: 'w1',
    delegates: ['cp1', 'cp2'],
  });
  expect(node?.spec()).toEqual({name: 'w1', labels: {disk: 'ssd'}, taints: []});
  const join = tasks.find(({id}) => id === 'w1/workers/worker/join');
  expect(join).toMatchObject({timeoutMs: 300_000});
  expect(join?.spec()).toMatchObject({token: '{{ brackets.token.outputs.token }}'});
});

test('what a bracket gives may be read by the tasks inside alone', async () => {
  const join = JOIN.replace('around: [join]', 'around: [node]');
  const {mistakes} = await compileFiles({
    files: {...files, 'roles/worker/tasks/join.yaml': join},
    resources,
    brackets,
  });
  expect(mistakes).toEqual([
    'E503 roles/worker/tasks/join.yaml:14:12 "{{ brackets.token.outputs.token }}" is there only inside of ' +
      'kube_control_plane/workers/worker/token, and that is not around w1/workers/worker/join.',
  ]);
});
