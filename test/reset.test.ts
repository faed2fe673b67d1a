import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {stat} from '../src/facts/stat.ts';
import {isPending, isUnknown} from '../src/model/change.ts';
import {fact} from '../src/model/fact.ts';
import type {TaskGraph} from '../src/model/graph.ts';
import type {Resource} from '../src/model/resource.ts';
import {isScript} from '../src/model/step.ts';
import {PROFILE} from '../src/role-tests/bare-host.ts';
import {TempProject} from './support/project.ts';
import {contextOf, givenFacts} from './support/resources.ts';

const OF_ITS_OWN = `
all:
  vars: {kube_version: 1.36.3, etcd_deployment_type: host}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 192.0.2.1}, cp2: {ip: 192.0.2.2}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.11}}}
    etcd: {hosts: {e1: {ip: 192.0.2.21}, e2: {ip: 192.0.2.22}, e3: {ip: 192.0.2.23}}}
`;

const BESIDE = `
all:
  vars: {kube_version: 1.36.3}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 192.0.2.1}, cp2: {ip: 192.0.2.2}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.11}}}
    etcd: {children: {kube_control_plane: {}}}
`;

async function graphOf(inventory: string, limit: string, vars: object = {}): Promise<TaskGraph> {
  await using project = await TempProject.of({'hosts.yaml': inventory});
  const problems = new Problems();
  const loaded = await loadProject(
    {
      inventoryPaths: [project.path('hosts.yaml')],
      playbook: 'reset',
      extraVars: [JSON.stringify(vars)],
      limit,
    },
    problems,
  );
  if (!loaded) throw new Error(problems.all.map(({code, detail}) => `${code} ${detail}`).join('\n'));
  return loaded.graph;
}

/** Of one host or of all, without their plays. */
const idsOf = ({tasks}: TaskGraph, host?: string): readonly string[] =>
  tasks.filter((task) => host === undefined || task.host === host).map(({id}) => id.replace(/\/[^/]+/, ''));

function resourceOf({tasks}: TaskGraph, id: string): Resource {
  const task = tasks.find((each) => each.id === id);
  if (!task) throw new Error(`No task ${id} among ${tasks.map((each) => each.id).join(', ')}`);
  const resolved = task.resource.resolve({
    profile: PROFILE,
    outputsOf: () => ({}),
    bracketOutputsOf: () => ({}),
  });
  if (!resolved.ok) throw new Error(resolved.problem);
  return resolved.value;
}

/** What a check finds where this file is there. */
function foundBy(resource: Resource, path: string): readonly string[] {
  const there = fact(stat(path), {type: 'file', mode: '0600', owner: 0, group: 0});
  const verdict = resource.diff(givenFacts(resource.facts, [there]), contextOf());
  if (isPending(verdict) || isUnknown(verdict)) throw new Error('it is no check');
  return (verdict.findings ?? []).map(({severity, message}) => `${severity}: ${message}`);
}

describe('an etcd of its own', () => {
  test('goes with the whole cluster, whose members are not asked to let go of each other', async () => {
    const graph = await graphOf(OF_ITS_OWN, 'all');
    expect(idsOf(graph).filter((id) => id.includes('/etcd.leave/'))).toEqual([]);
    expect(idsOf(graph, 'e1')).toContain('e1/etcd.remove/data');
    expect(idsOf(graph, 'cp1')).toContain('cp1/etcd.forget/certificates');
  });

  test('is not taken away from control planes that stay', async () => {
    const graph = await graphOf(OF_ITS_OWN, 'etcd');
    expect(foundBy(resourceOf(graph, 'e1/etcd-members/etcd.leave/needed'), '/etc/etcd.env')).toEqual([
      expect.stringMatching(/^error: No member of etcd would be left/),
    ]);
  });

  test('does not stay with what a cluster has stored that is gone', async () => {
    const graph = await graphOf(OF_ITS_OWN, 'k8s_cluster:e1');
    const kept = resourceOf(graph, 'cp1/etcd-members/etcd.leave/kept');
    expect(foundBy(kept, '/etc/ssl/etcd/ssl/client.pem')).toEqual([
      expect.stringMatching(/^error: No control plane would be left/),
    ]);
    expect(foundBy(kept, '/elsewhere')).toEqual([]);
  });

  test('is no matter to a worker that leaves', async () => {
    expect(idsOf(await graphOf(OF_ITS_OWN, 'w1')).filter((id) => /leave.(needed|kept)/.test(id))).toEqual([]);
  });

  test('is not asked for a member beside the API server, and keeps its data when that goes', async () => {
    const both = OF_ITS_OWN.replace('e1: {ip: 192.0.2.21}', 'cp1: {}');
    const ids = idsOf(await graphOf(both, 'cp1'), 'cp1');
    expect(ids.filter((id) => /kubernetes.*etcd/.test(id))).toEqual([]);
    expect(ids.indexOf('cp1/etcd.remove/data')).toBeGreaterThan(ids.indexOf('cp1/kubernetes.remove/reset'));
  });
});

test('an etcd beside the API servers loses the member of a control plane that leaves', async () => {
  const ids = idsOf(await graphOf(BESIDE, 'cp2'));
  expect(ids).toContain('cp2/kubernetes.leave/etcd_member');
  expect(ids).toContain('cp2/kubernetes.remove/etcd');
  expect(ids.filter((id) => id.includes('/etcd.'))).toEqual([]);
});

describe('a member that leaves an etcd of its own', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'provision-reset-'));
    writeFileSync(join(folder, 'etcd.env'), 'ETCDCTL_CERT=/etc/ssl/etcd/ssl/admin-e1.pem\n');
  });
  afterEach(() => rmSync(folder, {recursive: true}));

  /** Runs what the task would run on a host that stays, where etcdctl is this. */
  async function leave(etcdctl: string): Promise<readonly [asked: number | null, done: number | null]> {
    writeFileSync(join(folder, 'etcdctl'), `#!/bin/sh\n${etcdctl}\n`, {mode: 0o755});
    const vars = {bin_dir: folder, etcd_env_file: join(folder, 'etcd.env')};
    const resource = resourceOf(await graphOf(OF_ITS_OWN, 'e3', vars), 'e3/etcd-members/etcd.leave/member');
    const [guard] = resource.facts;
    if (!guard) throw new Error('nothing is asked');
    const verdict = resource.diff(givenFacts(resource.facts, [fact(guard, 0)]), contextOf());
    const scripts = isPending(verdict) ? verdict.steps.filter(isScript) : [];
    const run = (text: string) => spawnSync('/bin/sh', ['-c', text]).status;
    return [run(guard.key), run(scripts.map(({wire}) => wire).join('\n'))];
  }
  const answering = (...members: readonly string[]): string =>
    `[ "$ETCDCTL_ENDPOINTS" = https://192.0.2.21:2379,https://192.0.2.22:2379,https://192.0.2.23:2379 ] || exit 9
if [ "$2" = list ]; then printf '%s\\n' ${members.map((each) => `'${each}'`).join(' ')}; else echo "$*" >${folder}/called; fi`;
  const called = (): string => readFileSync(join(folder, 'called'), 'utf8');

  const FIRST = '8e9e05c52164694d, started, e1, https://192.0.2.21:2380, https://192.0.2.21:2379, false';
  const THIRD = '91bc3c398fb3c146, started, e3, https://192.0.2.23:2380, https://192.0.2.23:2379, false';

  test('is removed by its address, at one that stays', async () => {
    expect(await leave(answering(FIRST, THIRD))).toEqual([0, 0]);
    expect(called()).toBe('member remove 91bc3c398fb3c146\n');
  });

  test('is not removed twice', async () => {
    expect(await leave(answering(FIRST))).toEqual([1, 0]);
    expect(called).toThrow();
  });

  test('stays where no other answers', async () => {
    expect(await leave('exit 1')).toEqual([0, 1]);
  });

  test('stays where the one that is asked has no etcd', async () => {
    rmSync(join(folder, 'etcd.env'));
    expect(await leave(answering(FIRST))).toEqual([0, 1]);
  });
});
