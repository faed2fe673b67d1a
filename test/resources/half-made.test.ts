import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {stat} from '../../src/facts/stat.ts';
import {isPending} from '../../src/model/change.ts';
import {fact} from '../../src/model/fact.ts';
import {bound, contextOf, givenFacts} from '../support/resources.ts';

const UNFINISHED = '/etc/kubernetes/provision/unfinished';
const FILE = {type: 'file', mode: '0600', owner: 0, group: 0} as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'provision-half-made-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'kubernetes/provision'), {recursive: true});
  writeFileSync(join(folder, 'kubernetes/provision/unfinished'), '');
  program('kubeadm', `echo "$*" >>'${folder}/calls'`);
  program('kubectl', 'exit 1');
});
afterEach(() => rmSync(folder, {recursive: true}));

const program = (name: string, text: string): void =>
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, {mode: 0o755});

/** What kubeadm is called with on a host that a dead run left half made. */
function callsFor(etcd: string): readonly string[] {
  const resource = bound('kubeadm_init', {config: 'kind: InitConfiguration\n', etcd});
  const facts = [fact(stat(UNFINISHED), FILE)];
  const verdict = resource.diff(givenFacts(resource.facts, facts), contextOf());
  const step = isPending(verdict) ? verdict.steps[0] : undefined;
  if (!step || !('program' in step)) throw new Error('nothing would be done');
  const script = step.program.wire.replaceAll('/etc/kubernetes', join(folder, 'kubernetes'));
  const env = {...process.env, PATH: `${folder}/bin:${process.env['PATH']}`};
  spawnSync('/bin/sh', ['-c', script], {env});
  return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
}

test.each([
  ['its own etcd with it', 'local', ''],
  ['no etcd that is not its own', 'external', ' --skip-phases remove-etcd-member'],
])('what a dead run left is reset, and %s', (_, etcd, more) => {
  expect(callsFor(etcd)).toEqual([
    'config validate --config /dev/stdin',
    `reset --force --cri-socket unix:///run/containerd/containerd.sock${more}`,
    'init --config /dev/stdin',
  ]);
});

test('a configuration that kubeadm refuses is told in its words, and nothing is done with it', () => {
  const refusing = `[ "$1" != config ] || { cat >'${folder}/refused'; echo 'unknown field "maxPodz"' >&2; exit 1; }`;
  program('kubeadm', `echo "$*" >>'${folder}/calls'\n${refusing}`);
  expect(callsFor('local')).toEqual(['config validate --config /dev/stdin']);
  expect(readFileSync(join(folder, 'refused'), 'utf8')).toBe('kind: InitConfiguration\n\n');
});
