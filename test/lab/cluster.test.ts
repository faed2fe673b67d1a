import {execFileSync} from 'node:child_process';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, changedBy, expectSuccess} from '../support/cluster-lab.ts';
import {NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

const inventoryOf = (...workers: readonly string[]): string => `
all:
  vars: {kube_version: 1.36.3, kube_network_plugin: flannel, metrics_server_enabled: true}
  children:
    kube_control_plane: {hosts: {cp1: {ansible_host: 10.77.0.11}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node:
      hosts:
${workers.map((name, index) => `        ${name}: {ansible_host: 10.77.0.${12 + index}}\n`).join('')}
`;

/** Asks an address with the keys that stdin tells. */
const ASK = `
const {address, ...keys} = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const read = Object.fromEntries(Object.entries(keys).map(([name, data]) => [name, Buffer.from(data, 'base64')]));
require('node:https').get(address, read, (answer) => answer.pipe(process.stdout));
`;

describe.skipIf(!support.ok)(`a cluster of one control plane and two workers${reason}`, () => {
  const name = `test-cluster-${process.pid}`;
  let cluster: ClusterLab;

  // From bare hosts, on which nothing was prepared, and from one file, as on a site that reaches nothing. Its last act is
  // the gate: a run that succeeds has a cluster that works.
  beforeAll(async () => {
    cluster = await ClusterLab.of(name, ['cp1', 'w1', 'w2'], inventoryOf('w1', 'w2'), 'bare');
    await cluster.pack('site.tar');
    expectSuccess(await cluster.run('--bundle', 'site.tar'));
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const nodes = async (): Promise<readonly string[]> =>
    (await cluster.kubectl('cp1', 'get nodes --no-headers')).trim().split('\n').map(firstWords);

  test('is there after one run, and the next one has nothing to do', async () => {
    expect(await nodes()).toEqual(expect.arrayContaining(['cp1 Ready', 'w1 Ready', 'w2 Ready']));
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
  });

  test('keeps no key that would let a stranger in', async () => {
    const secrets = await cluster.kubectl('cp1', 'get secrets -n kube-system -o name');
    expect(secrets).not.toMatch(/bootstrap-token|kubeadm-certs/);
    expect(await onHost(cluster.lab, 'cp1', 'ls /etc/kubernetes')).not.toContain('super-admin');
  });

  test('lets its administrator in by a kubeconfig, from where the hosts are reached', async () => {
    const told = await cluster.project.command(['kubeconfig', 'inventory.yaml']).ended;
    expect(told.code, told.stderr).toBe(0);
    const {clusters, users} = parse(told.stdout);
    const {server, 'certificate-authority-data': ca} = clusters[0].cluster;
    const {'client-certificate-data': cert, 'client-key-data': key} = users[0].user;
    expect(server).toBe('https://10.77.0.11:6443');
    const [command, ...words] = cluster.lab.inside([process.execPath, '-e', ASK]);
    const input = JSON.stringify({address: `${server}/api/v1/nodes`, ca, cert, key});
    const {kind, items} = JSON.parse(execFileSync(command, words, {input, encoding: 'utf8'}));
    const names = items.map(({metadata}: {readonly metadata: {readonly name: string}}) => metadata.name);
    expect([kind, ...names]).toEqual(expect.arrayContaining(['NodeList', 'cp1', 'w1', 'w2']));
  });

  test('gets one more worker, and no other host is changed', async () => {
    await up({name, hosts: ['w3']});
    await cluster.project.write({'inventory.yaml': inventoryOf('w1', 'w2', 'w3')});
    const run = await cluster.run('--bundle', 'site.tar');
    expectSuccess(run);
    expect(changedBy(run).length).toBeGreaterThan(0);
    expect(changedBy(run).filter((task) => !task.startsWith('w3/'))).toEqual([]);
    expect(await nodes()).toContain('w3 Ready');
  });
});

const firstWords = (line: string): string => line.split(/\s+/).slice(0, 2).join(' ');
