import {execFileSync} from 'node:child_process';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, changedBy, expectSuccess} from '../support/cluster-lab.ts';
import {NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

/** What the tests change, each its own part, in whatever order they run. */
interface Settings {
  readonly workers: readonly string[];
  readonly mode: 'iptables' | 'nftables';
  readonly names: string;
}

/** All that decides whom and what the API server lets in, at once. Nobody answers at the addresses. */
const LET_IN = `
    kube_api_anonymous_auth: false
    kube_oidc_auth: true
    kube_oidc_url: https://id.test
    kube_oidc_client_id: kubernetes
    kube_oidc_groups_claim: groups
    kube_oidc_groups_prefix: "id:"
    kube_webhook_token_auth: true
    kube_webhook_token_auth_url: https://127.0.0.1:9/tokens
    kube_apiserver_use_authorization_config_file: true
    kube_pod_security_use_default: true
    kube_pod_security_default_warn: baseline
    kube_apiserver_admission_event_rate_limits: {all: {type: Server, qps: 500, burst: 1000}}
    kubernetes_audit: true
    kubernetes_audit_webhook: true
    audit_webhook_server_url: https://127.0.0.1:9/audit
    kube_apiserver_tracing: true
    kube_apiserver_tracing_endpoint: 127.0.0.1:4317
    tls_min_version: VersionTLS12
    tls_cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]`;

const inventoryOf = ({workers, mode, names}: Settings): string => `
all:
  vars:
    kube_version: 1.36.3
    kube_network_plugin: bridge
    metrics_server_enabled: false
    kube_proxy_mode: ${mode}
    dns_etchosts: ${JSON.stringify(names)}
${LET_IN}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 10.77.0.11}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node:
      hosts:
${workers.map((name, index) => `        ${name}: {ip: 10.77.0.${12 + index}}\n`).join('')}
`;

const FIRST: Settings = {workers: ['w1'], mode: 'iptables', names: ''};
const ROUTES = "ip route show proto 180 | sed 's/ dev.*//'";

describe.skipIf(!support.ok)(`a cluster with bridges and routes${reason}`, () => {
  const name = `test-bridge-${process.pid}`;
  let cluster: ClusterLab;
  let settings = FIRST;

  // Its last act is the gate, in which pods reach each other across nodes by address, name and port.
  beforeAll(async () => {
    cluster = await ClusterLab.of(name, ['cp1', 'w1'], inventoryOf(settings));
    expectSuccess(await cluster.run());
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  /** Runs with a part of the settings changed, and tells which tasks changed something. */
  async function changedWith(part: Partial<Settings>): Promise<readonly string[]> {
    settings = {...settings, ...part};
    await cluster.project.write({'inventory.yaml': inventoryOf(settings)});
    const run = await cluster.run();
    expectSuccess(run);
    return changedBy(run);
  }

  /** By a login: a host that has booted has other processes than before. */
  const said = async (host: string, script: string): Promise<string> =>
    (await cluster.lab.exec(host, script)).stdout.trim();

  const routesOn = async (host: string): Promise<readonly string[]> =>
    (await said(host, ROUTES)).split('\n').toSorted();

  /** Routes to the pods of all other nodes, from what the cluster says of these. */
  async function expectedRoutes(host: string): Promise<readonly string[]> {
    const row = '{.metadata.name} {.spec.podCIDR} via {.status.addresses[?(@.type=="InternalIP")].address}';
    const nodes = await cluster.kubectl('cp1', `get nodes -o jsonpath='{range .items[*]}${row}{"\\n"}{end}'`);
    const others = nodes
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith(`${host} `));
    return others.map((line) => line.slice(line.indexOf(' ') + 1)).toSorted();
  }

  test('a second run changes nothing, and a route that was lost is the only thing that the next one sets', async () => {
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
    await said('w1', 'ip route flush proto 180');
    expect(await changedWith({})).toEqual(['w1/cluster/bridge/routes']);
    expect(await routesOn('w1')).toEqual(await expectedRoutes('w1'));
  });

  test('one more worker changes the routes of the others and nothing else there', async () => {
    const others = ['cp1', ...settings.workers];
    await cluster.grow(['w2']);
    const changed = await changedWith({workers: ['w1', 'w2']});
    expect(changed.filter((task) => !task.startsWith('w2/')).toSorted()).toEqual(
      others.map((host) => `${host}/cluster/bridge/routes`).toSorted(),
    );
    for (const host of others) expect(await routesOn(host)).toEqual(await expectedRoutes(host));
  });

  test('routes and rules are there again when a host has started, before any run', async () => {
    await cluster.lab.kill('w1');
    await cluster.lab.boot('w1');
    await expect
      .poll(() => said('w1', 'systemctl is-active pod-network.service'), {timeout: 60_000})
      .toBe('active');
    expect(await routesOn('w1')).toEqual(await expectedRoutes('w1'));
    expect(await said('w1', 'nft list table ip pod-network')).toContain('masquerade');
  });

  test('another mode of kube-proxy reaches all nodes, and the rules of the old one go', async () => {
    const mode = settings.mode === 'iptables' ? 'nftables' : 'iptables';
    expect(await changedWith({mode})).toEqual(['kube_control_plane/cluster/control_plane.make/kube_proxy']);
    const rules = (word: string): string =>
      `${word} 2>/dev/null | grep -c -e 'ip kube-proxy$' -e '^:KUBE-SERVICES'`;
    const [tables, chains] = [rules('nft list tables'), rules('iptables-save')];
    const wanted = mode === 'nftables' ? ['1', '0'] : ['0', '2'];
    expect([await said('w1', tables), await said('w1', chains)]).toEqual(wanted);
  });

  test('the API server lets in whom and what the inventory says', async () => {
    const stranger = (path: string, options: object = {}): string => {
      const there = {host: '10.77.0.11', port: 6443, rejectUnauthorized: false, ...options};
      const ask = `require('node:https').get(${JSON.stringify({...there, path})}, ({statusCode}) => { console.log(statusCode); process.exit(); }).on('error', ({code}) => console.log(code))`;
      const [command, ...rest] = cluster.lab.inside([process.execPath, '-e', ask]);
      return execFileSync(command, rest, {encoding: 'utf8'}).trim();
    };
    expect(stranger('/livez')).toBe('200');
    expect(stranger('/api')).toBe('401');
    expect(stranger('/livez', {headers: {authorization: 'Bearer nobody'}})).toBe('401');
    const [spoken, other] = ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'];
    expect(stranger('/livez', {ciphers: spoken, maxVersion: 'TLSv1.2'})).toBe('200');
    expect(stranger('/livez', {ciphers: other, maxVersion: 'TLSv1.2'})).toMatch(/EPROTO|HANDSHAKE_FAILURE/);
    const guest = (words: string): Promise<string> =>
      cluster.kubectl('cp1', `run guest --image=guest.test/none --dry-run=server ${words} 2>&1 || :`);
    expect(await guest('--privileged')).toContain('violates PodSecurity "baseline:latest"');
    expect(await guest('')).toContain('pod/guest created');
    expect(await said('cp1', 'pgrep -a kube-apiserver')).toMatch(
      /--enable-admission-plugins=\S*EventRateLimit/,
    );
  });

  test('names that CoreDNS is to know are known to pods behind the run', async () => {
    const changed = await changedWith({names: '192.0.2.55 printer.test\n'});
    expect(changed).toEqual(['kube_control_plane/cluster/coredns/objects']);
    const image = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';
    const run = `run names --restart=Never --image=${image} --command -- getent hosts printer.test`;
    await cluster.kubectl('cp1', `${run} >/dev/null`);
    await cluster.kubectl('cp1', "wait --for=jsonpath='{.status.phase}'=Succeeded --timeout=60s pod/names");
    expect(await cluster.kubectl('cp1', 'logs names')).toMatch(/192\.0\.2\.55\s+printer\.test/);
    await cluster.kubectl('cp1', 'delete pod names');
  });
});
