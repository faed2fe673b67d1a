import {execFileSync} from 'node:child_process';
import {constants, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect} from 'vitest';
import {parse, stringify} from 'yaml';
import {archiveNameOf} from '../../src/artifacts/collect.ts';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {whileLocked} from '../../src/lab/lock.ts';
import {snapshotNames, takeSnapshot} from '../../src/lab/snapshot.ts';
import {type EndedRun, LabProject, type LabRun, MAIN} from './lab-project.ts';
import {onHost} from './leftovers.ts';
import {preparedLock, preparedName} from './prepared.ts';

const BUILD = new URL('../lab/artifacts/build.mjs', import.meta.url).pathname;
const PLAYBOOK = new URL('../../playbooks/cluster.yaml', import.meta.url);
const VARIABLES = new URL('../../inventories/lab/group_vars/all/', import.meta.url);
const KUBECTL =
  'PATH=$PATH:/usr/local/bin kubectl --kubeconfig /etc/kubernetes/admin.conf --cache-dir /tmp/kubectl';

/** A cluster from bare hosts takes two minutes on a machine that does nothing else. */
const DEADLINE_MS = 280_000;

/** Hosts as most tests have them. The gate would wait half a minute longer for a metrics-server. */
export const ONE_AND_ONE = `
all:
  vars: {kube_version: 1.36.3, kube_network_plugin: flannel, metrics_server_enabled: false}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 10.77.0.11}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {w1: {ip: 10.77.0.12}}}
`;
/** All but the cluster itself. */
const PREPARED_PLAY =
  '- {play: cluster, hosts: k8s_cluster, roles: [host_baseline, containerd, kubernetes, {role: kubernetes, entrypoint: pod_images}]}\n';

/** Lab hosts, and an inventory that makes a cluster of them with what was built for the lab. */
export class ClusterLab implements AsyncDisposable {
  readonly project: LabProject;
  #lab: Lab;

  private constructor(lab: Lab, project: LabProject) {
    this.#lab = lab;
    this.project = project;
  }

  /**
   * Brings the hosts up; the inventory is one as users write it, with these hosts in it. Most tests are about what
   * comes behind the installation of programs and images: cp1 and w1 have these already, unless all are to be bare.
   */
  static async of(
    name: string,
    hosts: readonly string[],
    inventory: string,
    start: 'prepared' | 'bare' = 'prepared',
  ): Promise<ClusterLab> {
    await prepareMachine(() => Promise.resolve(true));
    if (start === 'prepared') await whileLocked(preparedLock(), () => ClusterLab.#prepare());
    return ClusterLab.#on(
      await up({name, hosts, ...(start === 'prepared' && {from: preparedName()})}),
      inventory,
    );
  }

  static async #prepare(): Promise<void> {
    if (snapshotNames().includes(preparedName())) return;
    await using cluster = await ClusterLab.of(preparedName(), ['cp1', 'w1'], ONE_AND_ONE, 'bare');
    await cluster.project.write({'prepared.yaml': PREPARED_PLAY});
    expectSuccess(await cluster.run('--playbook', 'prepared.yaml'));
    await takeSnapshot(preparedName(), preparedName());
  }

  static async #on(lab: Lab, inventory: string): Promise<ClusterLab> {
    const files = {'inventory.yaml': inventory, 'playbook.yaml': readFileSync(PLAYBOOK, 'utf8')};
    const project = await LabProject.of(lab, '[]\n', {...files, ...labVariables()});
    const variables = project.path('group_vars/all/built.yaml');
    execFileSync(process.execPath, [BUILD, '--set', 'all', '--vars', variables], {stdio: 'ignore'});
    return new ClusterLab(lab, project);
  }

  /** The lab as it was when hosts were last added. */
  get lab(): Lab {
    return this.#lab;
  }

  /** Brings further hosts up. */
  async grow(hosts: readonly string[]): Promise<void> {
    this.#lab = await up({name: this.#lab.name, hosts});
  }

  /** The main job: `provision inventory.yaml --yes`, as events. */
  start(...words: readonly string[]): LabRun {
    return this.project.command(['inventory.yaml', '--yes', '--output', 'ndjson', ...words], DEADLINE_MS);
  }

  run(...words: readonly string[]): Promise<EndedRun> {
    return this.start(...words).ended;
  }

  /** Packs all that the inventory needs into one file; from then on the inventory itself says nowhere where that is. */
  async pack(bundle: string): Promise<void> {
    const variables = this.project.path('group_vars/all/built.yaml');
    const told: Readonly<Record<string, unknown>> = parse(readFileSync(variables, 'utf8'));
    const shelf = this.project.path('shelf');
    mkdirSync(shelf);
    for (const {name, src} of imagesIn(told['image_archives']))
      copyFileSync(src, join(shelf, archiveNameOf(name)), constants.COPYFILE_FICLONE);
    const isKept = ([name]: readonly [string, unknown]): boolean =>
      name !== 'image_archives' && !name.endsWith('_src');
    await this.project.write({
      'group_vars/all/built.yaml': stringify(Object.fromEntries(Object.entries(told).filter(isKept))),
    });
    const from = ['--from', shelf, '--from', dirname(String(told['kubelet_binary_src']))];
    const words = ['bundle', 'create', 'inventory.yaml', ...from, '--out', bundle];
    execFileSync(process.execPath, [MAIN, ...words], {cwd: this.project.path('.'), stdio: 'ignore'});
    rmSync(shelf, {recursive: true});
  }

  /** What `kubectl` says on a control plane. */
  kubectl(host: string, words: string): Promise<string> {
    return onHost(this.lab, host, `${KUBECTL} ${words}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
    await down(this.lab.name);
  }
}

/** The variables of the lab's own inventory, but for the digests of what this machine built. */
function labVariables(): Readonly<Record<string, string>> {
  const files = readdirSync(VARIABLES).filter((file) => !file.startsWith('artifacts'));
  return Object.fromEntries(
    files.map((file) => [`group_vars/all/${file}`, readFileSync(new URL(file, VARIABLES), 'utf8')]),
  );
}

function imagesIn(archives: unknown): readonly {readonly name: string; readonly src: string}[] {
  const named = Object.entries(Object(archives)) as readonly (readonly [string, {readonly src: string}])[];
  return named.map(([name, {src}]) => ({name, src}));
}

/** The ids of the tasks that a run changed, in order. */
export function changedBy({events}: EndedRun): readonly string[] {
  return events.flatMap(({type, task, outcome}) =>
    type === 'task-finished' && task !== undefined && outcome?.status === 'changed' ? [task] : [],
  );
}

/** Fails the test with all that the run printed, where it did not succeed. */
export function expectSuccess(run: EndedRun): void {
  expect(run.code, `${run.stdout.slice(-6000)}\n${run.stderr.slice(-3000)}`).toBe(0);
}
