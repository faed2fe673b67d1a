import {copyFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, changedBy, expectSuccess} from '../support/cluster-lab.ts';
import {NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

const ADDRESS = {cp1: '10.77.0.11', w1: '10.77.0.12', cp2: '10.77.0.13', cp3: '10.77.0.14'} as const;
type Name = keyof typeof ADDRESS;

/** An argument of the API server that comes in a chapter of its own, and stays. */
const FLAG = '{name: max-requests-inflight, value: "501"}';

const MOVED = '10.77.0.100';
/** An address that moves, instead of a proxy on each host. Lab hosts have no default route to say where it goes. */
const KUBE_VIP = `kube_vip_enabled: true, kube_vip_arp_enabled: true, kube_vip_address: ${MOVED}, kube_vip_interface: eth0`;

const inventoryOf = (
  controlPlanes: readonly Name[],
  gone: readonly Name[] = [],
  {flags = FLAG, more = 'metrics_server_enabled: false'} = {},
): string => `
all:
  vars: {kube_version: 1.36.3, kube_network_plugin: flannel, kube_removed_nodes: [${gone.join(', ')}], kube_kubeadm_apiserver_extra_args: [${flags}], ${more}}
  children:
    kube_control_plane:
      hosts:
${controlPlanes.map((name) => `        ${name}: {ansible_host: ${ADDRESS[name]}}\n`).join('')}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {w1: {ansible_host: ${ADDRESS.w1}}}}
`;

/** What runs of the control plane, each with the moment at which it began. */
const COMPONENTS = `for component in etcd kube-apiserver kube-controller kube-scheduler; do
  pid=$(pgrep -o "^$component") && echo "$component $pid $(cut -d ' ' -f 22 "/proc/$pid/stat")"
done`;

/** As the kubelet of the worker asks: with its name and its certificate, by its own way to the API. */
const askWithin = (seconds: number): string =>
  `/usr/local/bin/kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout ${seconds}s get node w1 -o name 2>&1 || :`;

const PKI = '/etc/kubernetes/pki/etcd';
const MEMBERS = `exec -n kube-system etcd-cp2 -- etcdctl --cacert ${PKI}/ca.crt --cert ${PKI}/healthcheck-client.crt --key ${PKI}/healthcheck-client.key member list`;

// One story: each chapter begins where the one before has ended.
describe.skipIf(!support.ok)(`a cluster of several control planes${reason}`, {shuffle: false}, () => {
  const name = `test-ha-${process.pid}`;
  let cluster: ClusterLab;

  beforeAll(async () => {
    cluster = await ClusterLab.of(name, ['cp1', 'w1'], inventoryOf(['cp1'], [], {flags: ''}));
    expectSuccess(await cluster.run());
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const ready = async (host: Name): Promise<readonly string[]> =>
    (await cluster.kubectl(host, 'get nodes --no-headers'))
      .trim()
      .split('\n')
      .filter((line) => line.split(/\s+/)[1] === 'Ready')
      .map((line) => line.split(/\s+/)[0] ?? '');

  async function status(): Promise<{readonly code: number | null; readonly problems: readonly string[]}> {
    const words = ['status', '-i', 'inventory.yaml', '--format', 'json'];
    const {code, stdout} = await cluster.project.command(words).ended;
    const {problems}: {readonly problems: readonly string[]} = JSON.parse(stdout);
    return {code, problems};
  }

  test('gets two more control planes in one run, and the first one goes on as it was', async () => {
    const before = await onHost(cluster.lab, 'cp1', COMPONENTS);
    await cluster.grow(['cp2', 'cp3']);
    await cluster.project.write({'inventory.yaml': inventoryOf(['cp1', 'cp2', 'cp3'], [], {flags: ''})});
    expectSuccess(await cluster.run());
    expect(await onHost(cluster.lab, 'cp1', COMPONENTS)).toBe(before);
    expect(before.trim().split('\n')).toHaveLength(4);
    expect(await ready('cp1')).toEqual(['cp1', 'cp2', 'cp3', 'w1']);
    expect(await onHost(cluster.lab, 'w1', 'getent hosts lb-apiserver.kubernetes.local')).toMatch(
      /^127\.0\.0\.1 /,
    );
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
    expect(await status()).toEqual({code: 0, problems: []});
    // Workers have none, and the chapters below ask from there.
    const program = (host: Name): string =>
      `/proc/${cluster.lab.hosts.find((each) => each.name === host)?.pid}/root/usr/local/bin/kubectl`;
    copyFileSync(program('cp2'), program('w1'));
  });

  // The worker's own way to the API is asked all the time, and every answer counts.
  test('takes another flag of the API server, one after the other, and the API is there all the time', async () => {
    const loop = `while :; do ${askWithin(10)}; sleep 0.1; done >/run/asked 2>&1`;
    await onHost(
      cluster.lab,
      'w1',
      `cat >/run/ask <<'E'\n${loop}\nE\nsystemd-run --quiet --unit ask sh /run/ask`,
    );
    await cluster.project.write({'inventory.yaml': inventoryOf(['cp1', 'cp2', 'cp3'])});
    const run = await cluster.run();
    await onHost(cluster.lab, 'w1', 'systemctl stop ask');
    expectSuccess(run);
    const changed = changedBy(run).filter((id) => id.endsWith('/apiserver'));
    expect(changed.map((id) => id.split('/')[0] ?? '').toSorted()).toEqual(['cp1', 'cp2', 'cp3']);
    const answers = (await onHost(cluster.lab, 'w1', 'cat /run/asked')).trim().split('\n');
    expect(answers.length).toBeGreaterThan(50);
    expect(answers.filter((line) => line !== 'node/w1')).toEqual([]);
  });

  const members = async () =>
    (await cluster.kubectl('cp2', MEMBERS)).match(/(?<=, started, )cp\d(?=, .*, false$)/gm)?.toSorted();

  test('lets go a control plane that lives, and takes it back, be it the first one', async () => {
    const words = ['reset', 'inventory.yaml', '--yes', '--output', 'ndjson', '--limit', 'cp1'];
    expectSuccess(await cluster.project.command(words).ended);
    expect(await ready('cp2')).toEqual(['cp2', 'cp3', 'w1']);
    expect(await members()).toEqual(['cp2', 'cp3']);
    expectSuccess(await cluster.run());
    expect(await ready('cp2')).toEqual(['cp1', 'cp2', 'cp3', 'w1']);
    expect(await members()).toEqual(['cp1', 'cp2', 'cp3']);
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
  });

  test('goes on without any one of the others', async () => {
    for (const host of ['cp2', 'cp3'] as const) {
      await cluster.lab.linkDown(host);
      await expect.poll(() => onHost(cluster.lab, 'w1', askWithin(2)), {timeout: 60_000}).toBe('node/w1\n');
      for (let count = 0; count < 5; count += 1)
        expect(await onHost(cluster.lab, 'w1', askWithin(10))).toBe('node/w1\n');
      await cluster.lab.linkUp(host);
      const readyz = `get --raw /readyz --server https://${ADDRESS[host]}:6443`;
      await expect.poll(() => cluster.kubectl('cp1', readyz), {timeout: 60_000}).toBe('ok');
    }
  });

  test('goes on without the first control plane, and so does a run', async () => {
    await cluster.lab.kill('cp1');
    await expect.poll(() => onHost(cluster.lab, 'w1', askWithin(2)), {timeout: 30_000}).toBe('node/w1\n');
    expect(verdictOf(await cluster.run())).toEqual({code: 4, changed: 0, failed: 0});
    const seen = await status();
    expect(seen.code).toBe(1);
    expect(seen.problems.join('\n')).toMatch(/cp1|10\.77\.0\.11/);
    // What is asked once for all is asked of another one, and a change reaches all others; the gate says what is missing.
    const sysctl = {additional_sysctl: [{name: 'net.ipv4.tcp_keepalive_time', value: 601}]};
    const run = await cluster.run('-e', JSON.stringify(sysctl));
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`the API server at ${ADDRESS.cp1}:6443 does not answer`);
    expect(changedBy(run).map((id) => id.split('/')[0])).toEqual(
      expect.arrayContaining(['cp2', 'cp3', 'w1']),
    );
    const fine = run.events.flatMap(({task, outcome}) => (outcome?.status === 'ok' ? [task] : []));
    expect(fine).toContain('kube_control_plane/cluster/control_plane.make/init');
    expect(fine).toContain('w1/cluster/worker/join');
    const names = {...sysctl, coredns_default_zone_cache_block: 'cache 31'};
    const renamed = await cluster.run('-e', JSON.stringify(names));
    expect(changedBy(renamed)).toEqual(['kube_control_plane/cluster/coredns/objects']);
    expect(await cluster.kubectl('cp2', 'get configmap -n kube-system coredns -o yaml')).toContain(
      'cache 31',
    );
    expect(await ready('cp2')).toContain('w1');
  });

  test('forgets it for good: another speaks for the cluster, and etcd has its quorum from those that are left', async () => {
    await cluster.project.write({'inventory.yaml': inventoryOf(['cp2', 'cp3'], ['cp1'])});
    const run = await cluster.run();
    expectSuccess(run);
    expect(changedBy(run)).toEqual(expect.arrayContaining(['w1/cluster/api_endpoint/proxy']));
    expect(await ready('cp2')).toEqual(['cp2', 'cp3', 'w1']);
    expect(await cluster.kubectl('cp2', 'get nodes -o name')).not.toContain('cp1');
    expect(await members()).toEqual(['cp2', 'cp3']);
    expect(await onHost(cluster.lab, 'w1', 'cat /etc/kubernetes/haproxy/haproxy.cfg')).not.toContain(
      ADDRESS.cp1,
    );
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
  });

  /** Who has the address that kube-vip moves. */
  const holders = async (): Promise<readonly Name[]> => {
    const names = ['cp2', 'cp3'] as const;
    const seen = await Promise.all(names.map((host) => onHost(cluster.lab, host, 'ip -brief address')));
    return names.filter((_, index) => seen[index]?.includes(` ${MOVED}/32`));
  };

  test('has an address that moves instead, and a host that leaves takes nothing of it along', async () => {
    await cluster.project.write({
      'inventory.yaml': inventoryOf(['cp2', 'cp3'], ['cp1'], {more: KUBE_VIP}),
    });
    expectSuccess(await cluster.run());
    expect(await onHost(cluster.lab, 'w1', 'getent hosts lb-apiserver.kubernetes.local')).toMatch(
      /^10\.77\.0\.100 /,
    );
    expect(await onHost(cluster.lab, 'w1', 'ls /etc/kubernetes/manifests')).toBe('');
    expect(await onHost(cluster.lab, 'w1', askWithin(2))).toBe('node/w1\n');
    const [holder, ...others] = await holders();
    expect(others).toEqual([]);
    const words = ['reset', 'inventory.yaml', '--yes', '--output', 'ndjson', '--limit', holder ?? ''];
    expectSuccess(await cluster.project.command(words).ended);
    await expect.poll(() => onHost(cluster.lab, 'w1', askWithin(2)), {timeout: 30_000}).toBe('node/w1\n');
    expect(await holders()).toEqual([holder === 'cp2' ? 'cp3' : 'cp2']);
  });
});
