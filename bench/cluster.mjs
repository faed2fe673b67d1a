// `npm run bench:cluster`: from bare booted hosts to a cluster in which pods reach each other, by this program and by
// a script (by-hand/cluster.sh) that does the same with kubeadm alone. Both get what they install from this machine.
// usage: cluster.mjs [--sizes 1+1,3+2] [--runs N] [--json FILE]
import {spawnSync} from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {down, up} from '../dist/lab/lab.js';

const {values: options} = parseArgs({
  options: {
    sizes: {type: 'string', default: '1+1,3+2'},
    runs: {type: 'string', default: '3'},
    json: {type: 'string'},
  },
});
const LAB = 'bench-cluster';
const VARIABLES = 'inventories/lab/group_vars/all';
const folder = mkdtempSync(join(tmpdir(), 'provision-bench-'));
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

function must(command, args, more = {}) {
  const result = spawnSync(command, args, {encoding: 'utf8', maxBuffer: 1 << 28, ...more});
  if (result.status === 0) return result.stdout;
  throw new Error(
    `${[command, ...args].join(' ')}: ${result.status}\n${result.stdout.slice(-4000)}${result.stderr.slice(-4000)}`,
  );
}

/** What was built for the lab, under the names that the script knows. */
function artifacts() {
  must(process.execPath, ['test/lab/artifacts/build.mjs', '--set', 'all']);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'provision/artifacts');
  const {artifacts: built} = JSON.parse(readFileSync(join(cache, 'index.json'), 'utf8'));
  const byName = new Map(built.map((each) => [each.name, each.path]));
  const images = {
    all: ['pause', 'kube-proxy', 'coredns', 'flannel', 'flannel-cni-plugin', 'agnhost'],
    'control-plane': ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'],
  };
  const root = join(folder, 'artifacts');
  for (const [part, names] of Object.entries(images)) {
    mkdirSync(join(root, 'images', part), {recursive: true});
    for (const name of names)
      symlinkSync(byName.get(`image-${name}`), join(root, 'images', part, `${name}.tar`));
  }
  for (const name of ['containerd', 'runc', 'cni-plugins', 'kubeadm', 'kubelet', 'kubectl'])
    symlinkSync(byName.get(name), join(root, name));
  return root;
}

function sized(size) {
  const [controlPlanes, workers] = size.split('+').map(Number);
  const names = (prefix, count) => Array.from({length: count}, (_, n) => `${prefix}${n + 1}`);
  return {controlPlanes: names('cp', controlPlanes), workers: names('w', workers)};
}

/** A project as a user has it; what was built is told by the lab's own variables. */
function projectOf({controlPlanes, workers}, addresses) {
  const root = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(root, 'group_vars/all'), {recursive: true});
  for (const file of readdirSync(VARIABLES))
    copyFileSync(join(VARIABLES, file), join(root, 'group_vars/all', file));
  const hosts = (names) =>
    Object.fromEntries(names.map((name) => [name, {ansible_host: addresses.get(name)}]));
  const children = {
    kube_control_plane: {hosts: hosts(controlPlanes)},
    etcd: {children: {kube_control_plane: {}}},
    kube_node: {hosts: hosts(workers)},
  };
  writeFileSync(
    join(root, 'inventory.yaml'),
    JSON.stringify({all: {vars: {kube_version: '1.36.3'}, children}}),
  );
  return root;
}

function byHand(lab, {controlPlanes, workers}, addresses, root) {
  const pairs = (names) => names.map((name) => `${name}=${addresses.get(name)}`).join(' ');
  const words = [root, lab.keyFile, lab.knownHostsFile, '1.36.3', pairs(controlPlanes), pairs(workers)];
  const [command, ...rest] = lab.inside(['bash', resolve('bench/by-hand/cluster.sh'), ...words]);
  return must(command, rest).trimEnd().split('\n');
}

function byProgram(lab, size, addresses) {
  const root = projectOf(size, addresses);
  const run = (report) => {
    const words = [resolve('dist/bin/provision.js'), 'inventory.yaml', '-i', lab.inventoryFile];
    const more = [
      '--known-hosts',
      lab.knownHostsFile,
      '--playbook',
      resolve('playbooks/cluster.yaml'),
      '--yes',
      '--output',
      'plain',
    ];
    const [command, ...rest] = lab.inside([process.execPath, ...words, ...more, '--report', report]);
    const startedAt = Date.now();
    must(command, rest, {cwd: root});
    return Date.now() - startedAt;
  };
  const wallMs = run(join(root, 'first.ndjson'));
  return {
    wallMs,
    againMs: run(join(root, 'second.ndjson')),
    timeline: timelineOf(join(root, 'first.ndjson')),
  };
}

/** Where the seconds went: from the first start to the last end of the tasks of each name, the longest ones. */
function timelineOf(report) {
  const events = readFileSync(report, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const zero = events[0].at;
  const spans = new Map();
  for (const {type, at, name, bracket, durationMs} of events) {
    if (type === 'plan-ready') spans.set('looking, planning', {from: 0, to: at - zero});
    if (type === 'bracket-closed' && /gate/.test(bracket))
      spans.set('the gate has passed', {from: at - zero, to: at - zero});
    if (type !== 'task-finished' || !(durationMs > 0)) continue;
    const span = spans.get(name) ?? {from: Infinity, to: 0};
    spans.set(name, {from: Math.min(span.from, at - zero - durationMs), to: Math.max(span.to, at - zero)});
  }
  return [...spans]
    .filter(([name, {from, to}]) => to - from > 700 || name.startsWith('the gate'))
    .sort(([, a], [, b]) => a.from - b.from)
    .map(
      ([name, {from, to}]) =>
        `${(from / 1000).toFixed(1).padStart(6)} to ${(to / 1000).toFixed(1).padStart(5)} s  ${name}`,
    );
}

const cases = [];
async function onBareHosts(size, act) {
  const names = [...size.controlPlanes, ...size.workers];
  const lab = await up({name: LAB, hosts: names});
  try {
    return act(lab, new Map(lab.hosts.map(({name, address}) => [name, address])));
  } finally {
    await down(LAB);
  }
}

try {
  const root = artifacts();
  for (const text of options.sizes.split(',')) {
    const size = sized(text);
    const [hand, ours, again] = [[], [], []];
    let laps = [];
    let timeline = [];
    for (let run = 0; run < Number(options.runs); run += 1) {
      hand.push(
        await onBareHosts(size, (lab, addresses) => {
          const startedAt = Date.now();
          laps = byHand(lab, size, addresses, root);
          return Date.now() - startedAt;
        }),
      );
      const result = await onBareHosts(size, (lab, addresses) => byProgram(lab, size, addresses));
      ours.push(result.wallMs);
      again.push(result.againMs);
      timeline = result.timeline;
    }
    const figures = {byHandMs: median(hand), provisionMs: median(ours), againMs: median(again)};
    cases.push({size: text, runs: Number(options.runs), ...figures});
    const ratio = (figures.provisionMs / figures.byHandMs).toFixed(2);
    console.log(
      `${text}: by hand ${(figures.byHandMs / 1000).toFixed(1)} s (${hand.map((ms) => (ms / 1000).toFixed(1)).join(', ')}), ` +
        `provision ${(figures.provisionMs / 1000).toFixed(1)} s (${ours.map((ms) => (ms / 1000).toFixed(1)).join(', ')}): ${ratio} times; ` +
        `a second run ${(figures.againMs / 1000).toFixed(1)} s`,
    );
    console.log(
      `by hand, the last run:\n${laps.join('\n')}\nprovision, the last run:\n${timeline.join('\n')}\n`,
    );
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({cases}, null, 2)}\n`);
} finally {
  rmSync(folder, {recursive: true});
}
