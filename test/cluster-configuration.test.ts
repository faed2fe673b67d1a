import {describe, expect, test} from 'vitest';
import {parse, parseAllDocuments} from 'yaml';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {isPending, type Verdict} from '../src/model/change.ts';
import type {TaskNode} from '../src/model/graph.ts';
import type {HostProfile} from '../src/model/profile.ts';
import {isScript, type Step} from '../src/model/step.ts';
import {PROFILE} from '../src/role-tests/bare-host.ts';
import {TempProject} from './support/project.ts';
import {contextOf, emptyHost} from './support/resources.ts';

const TEXTS = [
  'kubeadm_init_configuration',
  'kubeadm_cluster_configuration',
  'kubelet_configuration',
  'kubelet_host_configuration',
  'kube_proxy_configuration',
  'kube_audit_policy',
  'kube_audit_webhook',
  'kube_authentication_configuration',
  'kube_token_webhook',
  'kube_authorization_configuration',
  'kube_authorization_webhook',
  'kube_admission_configuration',
  'kube_tracing_configuration',
  'kube_apiserver_made_from',
  'kube_controller_manager_made_from',
  'kube_scheduler_made_from',
  'kube_etcd_made_from',
] as const;

const SHOWN = TEXTS.map((name) => `- {id: ${name}, copy: {content: "{{ ${name} }}", dest: /srv/${name}}}\n`);
const late = (): never => {
  throw new Error('nothing here reads an output');
};

/** The tasks of one control plane with these variables, and a file for each text. */
async function tasksWith(vars: object): Promise<readonly TaskNode[]> {
  const hosts = {cp1: {ansible_host: '192.0.2.7', ip: '10.0.0.11'}};
  const all = {vars: {kube_version: '1.36.3', ...vars}, children: {kube_control_plane: {hosts}}};
  await using project = await TempProject.of({
    'hosts.yaml': JSON.stringify({all}),
    'playbook.yaml': '- {play: show, hosts: all, roles: [show]}',
    'roles/show/role.yaml': 'summary: Shows it.\nneeds: kubernetes_defaults\n',
    'roles/show/tasks/main.yaml': SHOWN.join(''),
  });
  const problems = new Problems();
  const loaded = await loadProject({inventoryPaths: [project.path('hosts.yaml')], extraVars: []}, problems);
  if (!loaded) throw new Error(problems.all.map(({code, detail}) => `${code} ${detail}`).join('\n'));
  return loaded.graph.tasks;
}

function verdictOn({id, resource}: TaskNode, profile: HostProfile = PROFILE): Verdict {
  const bound = resource.resolve({profile, outputsOf: late, bracketOutputsOf: late});
  if (!bound.ok) throw new Error(`${id}: ${bound.problem}`);
  return bound.value.diff(emptyHost(bound.value.facts), contextOf());
}

function textIn(step: Step): readonly (readonly [string, string])[] {
  if (isScript(step) || step.step !== 'write') return [];
  return [[step.path.replace('/srv/', ''), String(step.content)]];
}

/** By their names. */
async function textsOf(vars: object, profile?: HostProfile): Promise<ReadonlyMap<string, string>> {
  const tasks = await tasksWith(vars);
  const verdicts = tasks.map((task) => verdictOn(task, profile)).filter(isPending);
  const steps = verdicts.flatMap((verdict) => verdict.steps);
  return new Map(steps.flatMap(textIn));
}

const refusalsOf = async (vars: object): Promise<readonly string[]> =>
  (await tasksWith(vars))
    .map((task) => verdictOn(task))
    .flatMap((verdict) => ('findings' in verdict ? (verdict.findings ?? []) : []))
    .map(({message}) => message);

const FULL = {
  kubernetes_audit: true,
  kubernetes_audit_webhook: true,
  audit_webhook_server_url: 'https://audit.example.com',
  audit_webhook_server_extra_args: {'certificate-authority-data': 'TUlJQg=='},
  kube_oidc_auth: true,
  kube_oidc_url: 'https://id.example.com',
  kube_oidc_client_id: 'kube',
  kube_oidc_groups_claim: 'groups',
  kube_api_anonymous_auth: false,
  kube_apiserver_authentication_config_jwt: [{issuer: {url: 'https://b.example.com', audiences: ['kube']}}],
  kube_apiserver_use_authorization_config_file: true,
  kube_webhook_token_auth: true,
  kube_webhook_token_auth_url: 'https://tokens.example.com',
  kube_pod_security_use_default: true,
  kube_apiserver_admission_event_rate_limits: {one: {type: 'Namespace', qps: 50, burst: 100}},
  kube_apiserver_tracing: true,
  kube_feature_gates: ['ContextualLogging=true'],
  kubelet_feature_gates: ['InPlacePodVerticalScaling=true'],
  kubeadm_feature_gates: ['RootlessControlPlane=false'],
  kube_etcd_extra_args: [{name: 'quota-backend-bytes', value: '4294967296'}],
  apiserver_extra_volumes: [{name: 'tz', hostPath: '/usr/share/zoneinfo', mountPath: '/usr/share/zoneinfo'}],
  supplementary_addresses_in_ssl_keys: ['api.example.com'],
  tls_min_version: 'VersionTLS12',
  tls_cipher_suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  kube_reserved: true,
  system_reserved: true,
  eviction_hard: {'memory.available': '5%'},
  eviction_soft: {'memory.available': '10%'},
  eviction_soft_grace_period: {'memory.available': '1m'},
  kubelet_fail_swap_on: false,
  kubelet_resolv_conf: '/etc/kubernetes/resolv.conf',
  kubelet_node_config_extra_args: {topologyManagerPolicyOptions: {'prefer-closest-numa-nodes': 'true'}},
};

test.each([
  ['usual', {}],
  ['full', FULL],
])('what kubeadm and the API server are given is YAML, and as it was: %s', async (name, vars) => {
  const texts = [...(await textsOf(vars))].filter(([key]) => !key.endsWith('_made_from'));
  expect(texts.flatMap(([, text]) => parseAllDocuments(text).flatMap(({errors}) => errors))).toEqual([]);
  const all = texts.map(([key, text]) => `# ${key}\n${text}`);
  await expect(all.join('---\n')).toMatchFileSnapshot(`fixtures/cluster-configuration/${name}.yaml`);
});

test.each([
  [{}, '5.13.0-1-amd64', 'nftables'],
  [{}, '5.14.0-427.el9_4.x86_64', 'nftables'],
  [{}, '4.18.0-553.el8_10.x86_64', 'iptables'],
  [{kube_proxy_mode: 'nftables'}, '5.10.110-v8+', 'nftables'],
  [{kube_proxy_mode: 'ipvs'}, '6.1.0', 'ipvs'],
])('kube-proxy takes what the kernel can, unless it is told: %j on %s', async (vars, kernel, mode) => {
  const texts = await textsOf(vars, {...PROFILE, kernel});
  expect(texts.get('kube_proxy_configuration')).toContain(`mode: "${mode}"`);
});

test('what others say of a flag or a field is said instead of what the role says, and once', async () => {
  const texts = await textsOf({
    kubelet_config_extra_args: {maxPods: 200, podPidsLimit: 1000, failCgroupV1: false},
    kubelet_node_config_extra_args: {podPidsLimit: 2000},
    kube_kubeadm_apiserver_extra_args: [{name: 'profiling', value: 'true'}],
    kube_kubeadm_controller_extra_args: [{name: 'v', value: '4'}],
    kube_kubeadm_scheduler_extra_args: [{name: 'leader-elect-lease-duration', value: '50s'}],
    kubernetes_audit_webhook: true,
    audit_webhook_server_extra_args: {server: 'https://b.example.com'},
  });
  const kubelet = parse(texts.get('kubelet_host_configuration') ?? '', {uniqueKeys: true});
  expect(kubelet).toMatchObject({maxPods: 200, podPidsLimit: 2000, failCgroupV1: false});
  const {apiServer, controllerManager, scheduler} = parse(texts.get('kubeadm_cluster_configuration') ?? '');
  const valuesOf = ({extraArgs}: Component, flag: string): readonly string[] =>
    extraArgs.filter(({name}) => name === flag).map(({value}) => value);
  expect(valuesOf(apiServer, 'profiling')).toEqual(['true']);
  expect(valuesOf(controllerManager, 'v')).toEqual(['4']);
  expect(valuesOf(scheduler, 'leader-elect-lease-duration')).toEqual(['50s']);
  const {clusters} = parse(texts.get('kube_audit_webhook') ?? '', {uniqueKeys: true});
  expect(clusters).toEqual([{name: 'audit', cluster: {server: 'https://b.example.com'}}]);
});

test('old cgroups are for their hosts alone: the cluster is not told of them', async () => {
  const old = {...PROFILE, cgroup: 'v1'} as const;
  const [here, there] = [await textsOf({}, old), await textsOf({})];
  expect(here.get('kubelet_configuration')).toBe(there.get('kubelet_configuration'));
  expect(here.get('kubelet_host_configuration')).toContain('failCgroupV1: false');
  expect(here.get('kubeadm_init_configuration')).toContain('- SystemVerification');
  expect(there.get('kubelet_host_configuration')).toContain('failCgroupV1: true');
  expect(there.get('kubeadm_init_configuration')).not.toContain('SystemVerification');
});

describe('a changed variable starts anew only what it is for', () => {
  const SWITCHED = {kubernetes_audit: true, kube_oidc_auth: true, kube_oidc_client_id: 'kube'};
  const BEFORE = {...SWITCHED, kube_oidc_url: 'https://id.example.com'};
  let first: Promise<ReadonlyMap<string, string>> | undefined;

  test.each([
    ['kube_kubeadm_apiserver_extra_args', [{name: 'max-requests-inflight', value: '500'}], ['apiserver']],
    ['event_ttl_duration', '2h0m0s', ['apiserver']],
    ['audit_policy_custom_rules', [{level: 'Metadata'}], ['apiserver']],
    ['kube_api_anonymous_auth', false, ['apiserver']],
    ['kube_oidc_groups_claim', 'roles', []],
    ['supplementary_addresses_in_ssl_keys', ['api.example.com'], []],
    ['kube_proxy_mode', 'iptables', []],
    ['kubelet_max_pods', 200, []],
    ['kube_controller_node_monitor_period', '3s', ['controller_manager']],
    ['kube_kubeadm_scheduler_extra_args', [{name: 'v', value: '4'}], ['scheduler']],
    ['kube_etcd_extra_args', [{name: 'log-level', value: 'warn'}], ['etcd']],
    ['kubeadm_patches', [{target: 'etcd', patch: {metadata: {annotations: {a: 'b'}}}}], ['etcd']],
    ['kube_log_level', 3, ['apiserver', 'controller_manager', 'scheduler']],
  ])('%s', async (name, value, concerned) => {
    const [before, after] = [await (first ??= textsOf(BEFORE)), await textsOf({...BEFORE, [name]: value})];
    const parts = ['apiserver', 'controller_manager', 'scheduler', 'etcd'];
    const differ = parts.filter((part) => {
      const key = `kube_${part}_made_from`;
      return before.get(key) !== after.get(key);
    });
    expect(differ).toEqual(concerned);
  });
});

test.each([
  [{kube_feature_gates: ['NoSuchGate=true']}, 'Kubernetes 1.36 has no feature gate NoSuchGate,'],
  [{kubelet_feature_gates: ['SeccompDefault=true']}, 'Kubernetes 1.36 has no feature gate SeccompDefault,'],
  [{kube_feature_gates: ['NodeSwap=false']}, 'the feature gate NodeSwap=false cannot be set'],
  [
    {kubeadm_feature_gates: ['ControlPlaneKubeletLocalMode=true']},
    'kubeadm 1.36 has no feature gate ControlPlaneKubeletLocalMode,',
  ],
  [{kube_oidc_auth: true, kube_oidc_client_id: 'kube'}, 'kube_oidc_url is empty,'],
  [
    {kube_apiserver_use_authorization_config_file: true, kube_webhook_authorization: true},
    'takes neither authorization_modes nor kube_webhook_authorization',
  ],
])('what the components would not start with is found before any change: %o', async (vars, message) => {
  const refusals = await refusalsOf(vars);
  expect(refusals.filter((each) => each.includes(message))).toHaveLength(1);
});

test('a webhook that decides is asked where authorization_modes says, else last, and never twice', async () => {
  const modesOf = async (vars: object): Promise<string | undefined> => {
    const told = {kube_webhook_authorization: true, kube_webhook_authorization_url: 'https://a.example.com'};
    const texts = await textsOf({...told, ...vars});
    const text = texts.get('kubeadm_cluster_configuration') ?? '';
    return /authorization-mode, value: "(.*)"/.exec(text)?.[1];
  };
  expect(await modesOf({})).toBe('Node,RBAC,Webhook');
  expect(await modesOf({authorization_modes: ['Node', 'Webhook', 'RBAC']})).toBe('Node,Webhook,RBAC');
});

test('etcd comes from a registry of its own where one is named', async () => {
  const etcdOf = async (vars: object): Promise<unknown> => {
    const texts = await textsOf(vars);
    const [cluster] = parseAllDocuments(texts.get('kubeadm_cluster_configuration') ?? '');
    return cluster?.toJS().etcd.local.imageRepository;
  };
  expect(await etcdOf({})).toBeUndefined();
  expect(await etcdOf({kube_image_repo: 'mirror.example.com/k8s'})).toBeUndefined();
  expect(await etcdOf({etcd_image_repo: 'quay.io/coreos/etcd'})).toBe('quay.io/coreos');
  await expect(etcdOf({etcd_image_repo: 'quay.io/coreos/other'})).rejects.toThrow('E105');
});

test.each(['all', 'ALL', 'All', ' all'])('kubeadm is not told to ignore everything: %j', async (name) => {
  const vars = {kubeadm_ignore_preflight_errors: ['NumCPU', name]};
  await expect(textsOf(vars)).rejects.toThrow(`E105 item [1] cannot be "${name}".`);
});

test('a gate is one of its minor: what 1.36 has given up, 1.35 takes', async () => {
  const vars = {kubeadm_feature_gates: ['ControlPlaneKubeletLocalMode=true'], kube_version: '1.35.8'};
  expect(await refusalsOf(vars)).toEqual([]);
});

interface Component {
  readonly extraArgs: readonly {readonly name: string; readonly value: string}[];
}
