// `npm run bench`: a run with nothing to do, against the floor, on light lab hosts. `--json FILE` for the figures.
// Ratios within one run are what counts: machines are noisy. Each figure is the median of RUNS processes.
import {spawn, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {down, up} from '../dist/lab/lab.js';

const {values: options} = parseArgs({
  options: {
    json: {type: 'string'},
    hosts: {type: 'string', default: '1,10,50'},
    tasks: {type: 'string', default: '30,300'},
    rtt: {type: 'string', default: '0,20,100'},
    runs: {type: 'string', default: '3'},
    compile: {type: 'string', default: '1000x300'},
  },
});
const numbers = (text) => text.split(',').map(Number);
const RUNS = Number(options.runs);
const LAB = 'bench';
const MAIN = resolve('dist/bin/provision.js');
const FIRST_PORT = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'provision-bench-'));
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

const filesOf = (tasks) =>
  Array.from({length: tasks}, (_, n) => ({path: `/etc/bench-${tasks}/file-${n}`, content: `line ${n}\n`}));

/** A project with a role that wants so many files. */
function writeProject(name, tasks, inventory) {
  const root = join(folder, name);
  mkdirSync(join(root, 'roles/files/tasks'), {recursive: true});
  const role = {summary: 'Files to look at.'};
  writeFileSync(join(root, 'roles/files/role.yaml'), JSON.stringify(role));
  const folderTask = {
    id: 'folder',
    name: 'Make the folder',
    file: {path: `/etc/bench-${tasks}`, state: 'directory', mode: '0755'},
  };
  const fileTasks = filesOf(tasks - 1).map(({content}, n) => ({
    id: `file-${n}`,
    name: `Write file ${n}`,
    copy: {dest: `/etc/bench-${tasks}/file-${n}`, content, mode: '0644', owner: 'root', group: 'root'},
  }));
  writeFileSync(join(root, 'roles/files/tasks/main.yaml'), JSON.stringify([folderTask, ...fileTasks]));
  writeFileSync(
    join(root, 'playbook.yaml'),
    JSON.stringify([{play: 'files', hosts: 'all', roles: ['files']}]),
  );
  writeFileSync(join(root, 'inventory.yaml'), JSON.stringify(inventory));
  return root;
}

function inventoryOf(hosts, keyFile) {
  const entries = hosts.map(({name, address, port}) => [name, {ansible_host: address, ansible_port: port}]);
  const vars = {ansible_user: 'root', ansible_ssh_private_key_file: keyFile};
  return {all: {vars, hosts: Object.fromEntries(entries)}};
}

/** Runs a program in the lab's network and gives the medians of what its processes used. */
function measure(lab, args, env = {}) {
  const meter = join(folder, 'meter.jsonl');
  writeFileSync(meter, '');
  const [command, ...rest] = lab.inside(['node', '--import', resolve('bench/meter.mjs'), ...args]);
  for (let run = 0; run < RUNS; run += 1) {
    const result = spawnSync(command, rest, {
      env: {...process.env, ...env, METER_FILE: meter},
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (result.status !== 0)
      throw new Error(
        `${args.join(' ')}: ${result.status}\n${result.stdout.slice(-2000)}${result.stderr.slice(-2000)}`,
      );
  }
  const figures = readFileSync(meter, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const of = (name) => Math.round(10 * median(figures.map((each) => each[name]))) / 10;
  return {wallMs: of('wallMs'), controllerCpuMs: of('controllerCpuMs'), peakRssMb: of('peakRssMb')};
}

async function proxied(lab, rttMs, addresses) {
  const args = [resolve('bench/delay-proxy.mjs'), String(rttMs), String(FIRST_PORT), ...addresses];
  const [command, ...rest] = lab.inside(['node', ...args]);
  const child = spawn(command, rest, {stdio: ['ignore', 'pipe', 'inherit']});
  await new Promise((ready, failed) => {
    child.stdout.once('data', ready);
    child.once('exit', () => failed(new Error('the delaying proxy ended')));
  });
  return child;
}

function row(cells) {
  console.log(
    cells
      .map((cell, index) => String(cell)[index === 0 ? 'padEnd' : 'padStart'](index === 0 ? 10 : 10))
      .join(''),
  );
}

const cases = [];
function record(tool, hosts, tasks, rttMs, figures) {
  cases.push({tool, hosts, tasks, rttMs, ...figures});
  const perTask = (figures.controllerCpuMs / (hosts * tasks)).toFixed(2);
  row([tool, hosts, tasks, rttMs, figures.wallMs, figures.controllerCpuMs, perTask, figures.peakRssMb]);
}

async function benchHosts() {
  const most = Math.max(...numbers(options.hosts));
  const lab = await up({name: LAB, hosts: most, kind: 'light', report: (line) => console.log(line)});
  const keys = readFileSync(lab.knownHostsFile, 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const hostKeys = new Map(keys.map(([name, type, key]) => [name, `${type} ${key}`]));
  row(['tool', 'hosts', 'tasks', 'rtt ms', 'wall ms', 'cpu ms', 'cpu/task', 'rss MB']);
  const start = measure(lab, [MAIN, '--version']);
  cases.push({tool: 'process-start', hosts: 0, tasks: 0, rttMs: 0, ...start});
  for (const rttMs of numbers(options.rtt)) {
    const proxy =
      rttMs > 0
        ? await proxied(
            lab,
            rttMs,
            lab.hosts.map(({address}) => address),
          )
        : undefined;
    try {
      for (const count of numbers(options.hosts)) {
        const hosts = lab.hosts.slice(0, count).map(({name, address}, index) => ({
          name,
          address: proxy ? '127.0.0.1' : address,
          port: proxy ? FIRST_PORT + index : 22,
          hostKey: keyOf(hostKeys, name, address),
        }));
        const known = join(folder, 'known_hosts');
        const lines = hosts.map(
          ({address, port, hostKey}) => `${port === 22 ? address : `[${address}]:${port}`} ${hostKey}`,
        );
        writeFileSync(known, `${lines.join('\n')}\n`);
        for (const tasks of numbers(options.tasks)) benchCase(lab, {hosts, tasks, rttMs, known});
      }
    } finally {
      proxy?.kill();
    }
  }
  return start.wallMs;
}

function keyOf(hostKeys, name, address) {
  const found = [...hostKeys].find(([names]) =>
    names?.split(',').some((each) => each === name || each === address),
  );
  if (!found) throw new Error(`No host key of ${name}`);
  return found[1];
}

function benchCase(lab, {hosts, tasks, rttMs, known}) {
  const root = writeProject(`project-${tasks}`, tasks, inventoryOf(hosts, lab.keyFile));
  const args = [
    MAIN,
    join(root, 'inventory.yaml'),
    '--playbook',
    join(root, 'playbook.yaml'),
    '--known-hosts',
    known,
    '--yes',
    '--output',
    'plain',
  ];
  const [command, ...rest] = lab.inside(['node', ...args]);
  const first = spawnSync(command, rest, {encoding: 'utf8', maxBuffer: 1 << 28});
  if (first.status !== 0) throw new Error(`${first.stdout.slice(-3000)}${first.stderr.slice(-3000)}`);
  const plain = hosts.map(({address, port, hostKey}) => ({address, port, hostKey: hostKey.split(' ')[1]}));
  const caseFile = join(folder, 'case.json');
  const files = filesOf(tasks - 1).map((file, n) => ({...file, path: `/etc/bench-${tasks}/file-${n}`}));
  writeFileSync(caseFile, JSON.stringify({hosts: plain, keyFile: lab.keyFile, files}));
  record('floor', hosts.length, tasks, rttMs, measure(lab, [resolve('bench/floor.mjs'), caseFile]));
  record('provision', hosts.length, tasks, rttMs, measure(lab, args));
}

/** Compiling alone: no host is contacted. */
function benchCompile() {
  const [hosts, tasks] = options.compile.split('x').map(Number);
  const all = Array.from({length: hosts}, (_, n) => ({
    name: `node${n + 1}`,
    address: `10.1.${n >> 8}.${n & 255}`,
    port: 22,
  }));
  const root = writeProject('compile', tasks, inventoryOf(all, join(folder, 'none')));
  const nowhere = {inside: (argv) => argv};
  const figures = measure(nowhere, [
    MAIN,
    'validate',
    '-i',
    join(root, 'inventory.yaml'),
    '--playbook',
    join(root, 'playbook.yaml'),
  ]);
  record('compile', hosts, tasks, 0, figures);
}

try {
  const startMs = await benchHosts();
  benchCompile();
  const [floor, ours] = ['floor', 'provision'].map((tool) =>
    cases.find((each) => each.tool === tool && each.hosts === 50 && each.tasks === 300 && each.rttMs === 0),
  );
  if (floor && ours) {
    const ratio = (ours.wallMs - startMs) / floor.wallMs;
    console.log(
      `\n50 x 300, nothing to do: ${ratio.toFixed(2)} times the floor, process start (${startMs} ms) not counted.`,
    );
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({cases}, null, 2)}\n`);
} finally {
  await down(LAB);
  rmSync(folder, {recursive: true});
}
