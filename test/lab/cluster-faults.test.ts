import {setTimeout as after} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, expectSuccess} from '../support/cluster-lab.ts';
import {type LabRun, NOTHING_TO_DO, type Told, verdictOf} from '../support/lab-project.ts';
import {tracesOn} from '../support/leftovers.ts';
import {randomFrom} from '../support/random.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const HOSTS = ['cp1', 'w1'] as const;
/** `npm run faults` asks for more kills, and for the others. */
const KILLS = Number(process.env['KILLS'] ?? 3);
/** Not there at all otherwise: a lab test that is skipped is a failure in CI. */
const thorough = process.env['FAULTS'] === 'all' ? test : (): void => undefined;
/** From prepared hosts a cluster takes about as long, on two processors: one kill in ten comes too late. */
const INSTALL_MS = 40_000;
const UNFINISHED = '/etc/kubernetes/provision/unfinished';

const INVENTORY = `
all:
  vars: {kube_version: 1.36.3, kube_network_plugin: flannel, metrics_server_enabled: false}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 10.77.0.11}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {w1: {ip: 10.77.0.12}}}
`;

/** How often kubeadm was called, as it does not tell itself: the first on the path notes it and calls the other. */
const COUNTING = String.raw`
mkdir -p /usr/local/sbin
printf '#!/bin/sh\necho "$1" >>/var/log/kubeadm-calls\nexec /usr/local/bin/kubeadm "$@"\n' >/usr/local/sbin/kubeadm
chmod 755 /usr/local/sbin/kubeadm
`;
const CALLS = 'cat /var/log/kubeadm-calls';

const isBegun =
  (task: string) =>
  (event: Told): boolean =>
    event.type === 'task-started' && event.task?.endsWith(task) === true;

describe.skipIf(!support.ok)(`an install of a cluster${reason}`, () => {
  const name = `test-faults-${process.pid}`;
  const random = randomFrom(seed);
  let cluster: ClusterLab;

  // Each begins with hosts on which there is no cluster.
  beforeEach(async () => {
    cluster = await ClusterLab.of(name, HOSTS, INVENTORY);
  });
  afterEach(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const said = async (host: string, script: string): Promise<string> =>
    (await cluster.lab.exec(host, script)).stdout.trim();

  /** The next run converges, the one behind it finds nothing to do, and nothing of the dead one is left. */
  async function expectRecovery(instant: string): Promise<void> {
    expectSuccess(await cluster.run());
    expect(verdictOf(await cluster.run()), instant).toEqual(NOTHING_TO_DO);
    for (const host of HOSTS) expect(await said(host, `ls ${UNFINISHED} 2>/dev/null`), instant).toBe('');
    const lab = await up({name});
    for (const host of HOSTS) expect(await tracesOn(lab, host), instant).toEqual([]);
  }

  async function killed(run: LabRun): Promise<string> {
    run.signal('SIGKILL');
    const {type, task} = (await run.ended).events.at(-1) ?? {type: 'nothing'};
    return `${type} ${task ?? ''}`;
  }

  test.each(Array.from({length: KILLS}, (_, index) => index + 1))(
    `that is killed at a random instant costs a re-run and nothing else: kill %d (SEED=${seed})`,
    async (count) => {
      const instantMs = Math.round(random() * INSTALL_MS);
      const run = cluster.start();
      await run.until(({type}) => type === 'run-started');
      await Promise.race([after(instantMs), run.ended]);
      const instant = `SEED=${seed}, kill ${count} after ${instantMs} ms, behind ${await killed(run)}`;
      console.log(instant);
      await expectRecovery(instant);
    },
  );

  thorough(
    'whose controller dies while kubeadm works is followed by one that waits for kubeadm, and does not call it again',
    async () => {
      for (const host of HOSTS) await cluster.lab.exec(host, COUNTING);
      await killedAt('cp1', '/etc/kubernetes/pki/ca.crt');
      await killedAt('w1', '/etc/kubernetes/bootstrap-kubelet.conf');
      await expectRecovery('behind two controllers that died');
      expect(await said('cp1', CALLS)).toBe('init');
      expect(await said('w1', CALLS)).toBe('join');
    },
  );

  /** Kills a run as soon as something is on a host that kubeadm makes early. */
  async function killedAt(host: string, path: string): Promise<void> {
    const run = cluster.start();
    const isThere = async (): Promise<boolean> => (await said(host, `ls ${path} 2>/dev/null`)) !== '';
    await expect.poll(isThere, {timeout: 200_000, interval: 50}).toBe(true);
    await killed(run);
  }

  thorough(
    'whose hosts lose their power is repaired by the next run: half a control plane, half a worker, a worker that was only not noted',
    async () => {
      await cut('cp1', 'control_plane.make/init', '/etc/kubernetes/manifests/kube-apiserver.yaml');
      await cut('w1', 'worker/join', '/etc/kubernetes/bootstrap-kubelet.conf');
      await expectRecovery('behind two power cuts');

      // As if the power had gone between kubeadm's last act and ours: the node is Ready, and kubeadm would refuse it.
      const pods = await cluster.kubectl(
        'cp1',
        'get pods -n kube-system -o jsonpath={.items[*].metadata.uid}',
      );
      await said('w1', `touch ${UNFINISHED}`);
      await expectRecovery('behind a note that was not written');
      expect(
        await cluster.kubectl('cp1', 'get pods -n kube-system -o jsonpath={.items[*].metadata.uid}'),
      ).toBe(pods);
    },
  );

  thorough('that gives the API server a wrong flag is put right by one that does not', async () => {
    expectSuccess(await cluster.run());
    const flag = 'kube_kubeadm_apiserver_extra_args: [{name: no-such-flag, value: x}], ';
    const wrong = INVENTORY.replace('vars: {', `vars: {${flag}`);
    await cluster.project.write({'inventory.yaml': wrong});
    const told = await cluster.run();
    expect(verdictOf(told)).toMatchObject({code: 1});
    expect(told.stdout).toContain('kube-apiserver.yaml does not get ready');
    expect(told.stdout).toContain('unknown flag: --no-such-flag');
    await cluster.project.write({'inventory.yaml': INVENTORY});
    await expectRecovery('behind a wrong flag');
  });

  /** Begins a run, and cuts the power of a host once it has got that far with a task. The run dies with it. */
  async function cut(host: string, task: string, path: string): Promise<void> {
    const run = cluster.start();
    await run.until(isBegun(task));
    await expect
      .poll(() => said(host, `ls ${path} 2>/dev/null`), {timeout: 60_000, interval: 50})
      .not.toBe('');
    await cluster.lab.kill(host);
    await killed(run);
    await cluster.lab.boot(host);
    expect(await said(host, `ls ${UNFINISHED}`)).toBe(UNFINISHED);
  }
});
