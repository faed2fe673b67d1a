import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {stringify} from 'yaml';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, changedBy, expectSuccess} from '../support/cluster-lab.ts';
import {type EndedRun, NOTHING_TO_DO, type ToldTask, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

type Variables = Readonly<Record<string, unknown>>;

const inventoryWith = (vars: Variables, ofWorker: Variables): string =>
  stringify({
    all: {
      vars: {
        kube_version: '1.36.3',
        kube_network_plugin: 'flannel',
        flannel_backend_type: 'host-gw',
        metrics_server_enabled: true,
        ...BALANCED,
        ...vars,
      },
      children: {
        kube_control_plane: {hosts: {cp1: {ansible_host: '10.77.0.11'}}},
        etcd: {children: {kube_control_plane: {}}},
        kube_node: {hosts: {w1: {ansible_host: '10.77.0.12', ...ofWorker}}},
      },
    },
  });

/** Somebody else's balancer, on a host that has no API server. */
const BALANCER = `cd /run/systemd/system
printf '[Socket]\\nListenStream=7443\\n' >balancer.socket
printf '[Service]\\nExecStart=/lib/systemd/systemd-socket-proxyd 10.77.0.11:6443\\n' >balancer.service
systemctl daemon-reload && systemctl start balancer.socket`;
const BALANCED = {
  loadbalancer_apiserver: {address: '10.77.0.12', port: 7443},
  apiserver_loadbalancer_domain_name: 'api.example.test',
};

/** What tells two starts of a thing apart: of a static pod the hash of its manifest, of another its id. */
const PODS =
  '{range .items[*]}{.metadata.name} {.metadata.annotations.kubernetes\\.io/config\\.hash}{.metadata.uid}{"\\n"}{end}';
const STATIC =
  '{range .items[?(@.metadata.annotations.kubernetes\\.io/config\\.source=="file")]}{.metadata.name} {.metadata.annotations.kubernetes\\.io/config\\.hash}{"\\n"}{end}';
const ENDED = '{.items[*].status.containerStatuses[*].restartCount}';
const UNITS = 'systemctl show -P InvocationID kubelet.service containerd.service';

describe.skipIf(!support.ok)(`a variable that changes reaches the running cluster${reason}`, () => {
  let cluster: ClusterLab;
  let vars: Variables = {};
  let ofWorker: Variables = {};

  beforeAll(async () => {
    cluster = await ClusterLab.of(`test-changes-${process.pid}`, ['cp1', 'w1'], inventoryWith({}, {}));
    await onHost(cluster.lab, 'w1', BALANCER);
    expectSuccess(await cluster.run());
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  /** Each test stands on what those before it have set. */
  async function set(more: Variables, moreOfWorker: Variables = {}): Promise<EndedRun> {
    vars = {...vars, ...more};
    ofWorker = {...ofWorker, ...moreOfWorker};
    await cluster.project.write({'inventory.yaml': inventoryWith(vars, ofWorker)});
    return cluster.run();
  }

  /** All that runs, by name, each with what tells its start from another. */
  async function running(): Promise<ReadonlyMap<string, string>> {
    const pods = await cluster.kubectl('cp1', `get pods -n kube-system -o 'jsonpath=${PODS}'`);
    const fixed = await cluster.kubectl('cp1', `get pods -n kube-system -o 'jsonpath=${STATIC}'`);
    const units = await Promise.all(['cp1', 'w1'].map((host) => onHost(cluster.lab, host, UNITS)));
    const rows = `${pods}\n${fixed}`
      .split('\n')
      .filter(Boolean)
      .map((row) => row.split(' '));
    const started = ['cp1', 'w1'].flatMap((host, index) => {
      const [kubelet = '', containerd = ''] = (units[index] ?? '').split('\n').filter(Boolean);
      return [
        [`kubelet of ${host}`, kubelet],
        [`containerd of ${host}`, containerd],
      ];
    });
    return new Map([...rows, ...started].map(([name = '', id = '']): [string, string] => [name, id]));
  }

  /** What etcd holds of a secret, as far as it can be shown. */
  async function stored(secret: string): Promise<string> {
    const pki = '/etc/kubernetes/pki/etcd';
    const keys = `--cacert ${pki}/ca.crt --cert ${pki}/server.crt --key ${pki}/server.key`;
    const key = `/registry/secrets/default/${secret}`;
    const get = `exec -n kube-system etcd-cp1 -- etcdctl ${keys} get ${key} --print-value-only | tr -cd '[:print:]'`;
    return cluster.kubectl('cp1', get);
  }

  /** Sets it, and tells what does not run as before; the run must succeed. */
  async function restartedBy(more: Variables, moreOfWorker: Variables = {}): Promise<readonly string[]> {
    const before = await running();
    expectSuccess(await set(more, moreOfWorker));
    const after = await running();
    const names = new Set([...before.keys(), ...after.keys()]);
    return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
  }

  test('a flag of the API server and the audit log start the API server anew, and nothing else', async () => {
    const more = {
      kube_kubeadm_apiserver_extra_args: [{name: 'max-requests-inflight', value: '500'}],
      kubernetes_audit: true,
    };
    expect(await restartedBy(more)).toEqual(['kube-apiserver-cp1']);
    // Those who lead end when the API is away for long.
    const ended = await cluster.kubectl(
      'cp1',
      `get pods -n kube-system -l tier=control-plane -o 'jsonpath=${ENDED}'`,
    );
    expect(new Set(ended.split(' '))).toEqual(new Set(['0']));
    const told = await cluster.kubectl('cp1', 'get pods -n kube-system -l component=kube-apiserver -o yaml');
    expect(told).toContain('--max-requests-inflight=500');
    expect(
      await onHost(cluster.lab, 'cp1', 'wc -l </var/log/kubernetes/audit/kube-apiserver-audit.log'),
    ).not.toBe('0\n');
  });

  test('a component is changed although somebody has stopped the kubelet', async () => {
    await onHost(cluster.lab, 'cp1', 'systemctl stop kubelet.service');
    const more = {kube_kubeadm_scheduler_extra_args: [{name: 'v', value: '3'}]};
    expect(await restartedBy(more)).toEqual(['kube-scheduler-cp1', 'kubelet of cp1']);
  });

  test('the plan says which pod is started anew before it is', async () => {
    const words = ['plan', 'inventory.yaml', '--format', 'json', '-e', 'event_ttl_duration=2h0m0s'];
    const plan = await cluster.project.command(words).ended;
    const {tasks}: {readonly tasks: readonly (ToldTask & Detailed)[]} = JSON.parse(plan.stdout);
    const restarts = tasks.filter(({change}) => change?.impact === 'restart');
    expect(restarts.map(({id}) => id.split('/').at(-1))).toEqual(['apiserver']);
    expect(JSON.stringify(restarts)).toContain('the pod kube-apiserver-cp1');
    // Which key the API server has read is known once it has started anew; without encryption nobody asks.
    const deferred = tasks.filter(({status}) => status === 'deferred').map(({id}) => id.split('/').at(-1));
    expect(deferred.filter((task) => !task?.startsWith('encryption_'))).toEqual([]);
  });

  test('another name of the API is served, and nothing is started anew', async () => {
    const served = 'get --raw /readyz --server https://10.77.0.11:6443 --tls-server-name api.example.com';
    await expect(cluster.kubectl('cp1', served)).rejects.toThrow();
    expect(await restartedBy({supplementary_addresses_in_ssl_keys: ['api.example.com']})).toEqual([]);
    expect(await eventually(() => cluster.kubectl('cp1', served))).toBe('ok');
  });

  test('a setting of the kubelet starts kubelets anew, and no pod', async () => {
    expect(await restartedBy({kubelet_max_pods: 111})).toEqual(['kubelet of cp1', 'kubelet of w1']);
    const capacity = await cluster.kubectl('cp1', `get nodes -o 'jsonpath={.items[*].status.capacity.pods}'`);
    expect(capacity).toBe('111 111');
  });

  test('labels, annotations and taints come and go, and nothing is started anew', async () => {
    const marks = () =>
      cluster.kubectl(
        'cp1',
        "get node w1 -o 'jsonpath={.metadata.labels.disk},{.metadata.annotations.example\\.org/rack},{.spec.taints[*].key}'",
      );
    const given = {
      node_labels: {disk: 'ssd'},
      node_annotations: {'example.org/rack': 'r1'},
      node_taints: ['gpu=yes:PreferNoSchedule'],
    };
    expect(await restartedBy({}, given)).toEqual([]);
    expect(await marks()).toBe('ssd,r1,gpu');
    expect(await restartedBy({}, {node_labels: {}, node_annotations: {}, node_taints: []})).toEqual([]);
    expect(await marks()).toBe(',,');
  });

  test('encryption reaches what is stored already', async () => {
    await cluster.kubectl('cp1', 'create secret generic told --from-literal=word=xyzzy-plugh');
    expect(await stored('told')).toContain('xyzzy-plugh');
    expect(await restartedBy({kube_encrypt_secret_data: true})).toEqual(['kube-apiserver-cp1']);
    expect(await stored('told')).toMatch(/^k8s:enc:secretbox:v1:secretbox-1:/);
    const read = await cluster.kubectl('cp1', "get secret told -o 'jsonpath={.data.word}'");
    expect(Buffer.from(read, 'base64').toString()).toBe('xyzzy-plugh');
  });

  test('kernel parameters and mirrors of registries are in force at once', async () => {
    const more = {
      additional_sysctl: [{name: 'net.ipv4.tcp_keepalive_time', value: 601}],
      containerd_registries_mirrors: [
        {prefix: 'docker.io', mirrors: [{host: 'https://mirror.invalid', capabilities: ['pull']}]},
      ],
    };
    expect(await restartedBy(more)).toEqual([]);
    expect(await onHost(cluster.lab, 'w1', 'cat /proc/sys/net/ipv4/tcp_keepalive_time')).toBe('601\n');
    const mirror = 'grep -c mirror.invalid /etc/containerd/certs.d/docker.io/hosts.toml';
    expect(await onHost(cluster.lab, 'w1', mirror)).toBe('1\n');
  });

  test('kubelets serve with certificates that the cluster has signed', async () => {
    const args = await cluster.kubectl('cp1', 'get deployment metrics-server -n kube-system -o yaml');
    expect(args).not.toContain('kubelet-insecure-tls');
    const requests = `get csr -o 'jsonpath={range .items[*]}{.spec.signerName} {.status.conditions[*].type}{"\\n"}{end}'`;
    const made = (await cluster.kubectl('cp1', requests)).trim().split('\n');
    const serving = made.filter((line) => line.startsWith('kubernetes.io/kubelet-serving'));
    expect(serving.length).toBeGreaterThanOrEqual(2);
    expect(new Set(serving)).toEqual(new Set(['kubernetes.io/kubelet-serving Approved']));
    expect(await eventually(() => cluster.kubectl('cp1', 'top nodes --no-headers'))).toMatch(/^cp1 .*\nw1 /s);
  });

  test('what is switched off goes from the cluster, and comes again, as does what somebody has deleted', async () => {
    const deployments = () => cluster.kubectl('cp1', 'get deployments -n kube-system -o name');
    const both = 'deployment.apps/coredns\ndeployment.apps/metrics-server\n';
    expect(await deployments()).toBe(both);
    expectSuccess(await cluster.run('-e', '{"metrics_server_enabled": false, "dns_mode": "none"}'));
    expect(await deployments()).toBe('');
    await cluster.kubectl('cp1', 'delete daemonset kube-proxy -n kube-system');
    await cluster.kubectl('cp1', 'delete node w1');
    const run = await cluster.run();
    expectSuccess(run);
    expect(await deployments()).toBe(both);
    expect(run.stdout).toContain('"DaemonSet.apps kube-system/kube-proxy","before":"missing"');
    expect(run.stdout).toContain('"Node w1","before":"not registered"');
    // The range of the node's addresses is another one by now, and the gate has seen its pods reached.
    const pods = await cluster.kubectl('cp1', `get pods -A -o 'jsonpath={.items[*].status.podIP}'`);
    const range = await cluster.kubectl('cp1', `get node w1 -o 'jsonpath={.spec.podCIDR}'`);
    expect(pods).toContain(range.replace(/0\/24$/, ''));
  });

  test('a second run finds nothing to do', async () => {
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
  });

  test('another version and another endpoint are refused before anything is changed anywhere', async () => {
    const before = await running();
    const elsewhere = 'apiserver_loadbalancer_domain_name=api.example';
    const run = await cluster.run('-e', 'kube_version=1.36.4', '-e', 'kubelet_max_pods=112', '-e', elsewhere);
    expect(run.code).toBe(1);
    expect(changedBy(run)).toEqual([]);
    expect(run.stdout).toContain('The cluster does not run 1.36.4');
    for (const host of ['cp1', 'w1'])
      expect(run.stdout).toMatch(
        new RegExp(`"${host}/[^"]*endpoint".*another endpoint than api.example:7443`),
      );
    expect(await running()).toEqual(before);
    expect(await onHost(cluster.lab, 'w1', '/usr/local/bin/kubelet --version')).toBe('Kubernetes v1.36.3\n');
  });

  test.each([
    ['kube_version=1.36.4', 'The cluster does not run 1.36.4'],
    ['kube_pods_subnet=10.234.0.0/18', 'The cluster has other networks than 10.234.0.0/18'],
    ['dns_domain=foo.test', 'names in another domain than foo.test'],
    ['etcd_deployment_type=host', 'The cluster keeps its data in another place'],
  ])('what a cluster was made with is not changed by a run for some hosts: %s', async (changed, finding) => {
    for (const part of [
      ['--limit', 'w1'],
      ['--target', 'w1/cluster/kubernetes/kubelet'],
    ]) {
      const run = await cluster.run('-e', changed, '-e', 'kubelet_max_pods=113', ...part);
      expect(run).toMatchObject({code: 1});
      expect(changedBy(run)).toEqual([]);
      expect(run.stdout).toContain(finding);
    }
  });
});

interface Detailed {
  readonly change?: {readonly impact: string; readonly details: readonly object[]};
}

/** What becomes true by itself within a minute, as where a server reads a file again. */
async function eventually(ask: () => Promise<string>): Promise<string> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
