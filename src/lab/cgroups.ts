import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {LabError} from './lab-error.ts';

/** One mounted cgroup hierarchy of this machine. */
interface Hierarchy {
  readonly path: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** What systemd in a host gets to see: cgroup v2 alone, or the controllers of v1. */
export const usesCgroup2 = (): boolean => hierarchies().every(({version}) => version === 2);

/** The cgroups of a host. */
interface HostCgroups {
  /** Of what starts the host, one in each hierarchy. */
  readonly power: readonly string[];
  /** Of the host, where that is another one: cgroup v2 passes controllers on only where no process is. */
  readonly host: readonly string[];
}

/**
 * A host's cgroups, made where they are missing. All that a host ever starts stays in them, whatever became
 * of the process that booted it, so they tell what to end.
 */
export function makeCgroups(unit: string): HostCgroups {
  const made = hierarchies().map((hierarchy) => makeCgroup(hierarchy, join(hierarchy.path, unit)));
  return {power: made.flatMap(({power}) => power), host: made.flatMap(({host}) => host)};
}

/** The units of all cgroups whose names begin so, whoever made them. */
export function cgroupUnits(prefix: string): readonly string[] {
  const names = hierarchies().flatMap(({path}) => readdirSync(path));
  return [...new Set(names.filter((name) => name.startsWith(prefix)))];
}

/** Every process of a host, also those that it moved to cgroups further down. Each is in every hierarchy. */
export function processesOf(unit: string): readonly number[] {
  const [hierarchy] = hierarchies();
  return hierarchy ? foldersBelow(join(hierarchy.path, unit)).flatMap(members) : [];
}

/** Ends every process of a host as a power cut would, and returns when there is none left. */
export async function killAll(unit: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (killOnce(unit) > 0) {
    if (Date.now() > deadline) throw new LabError(`Processes of ${unit} cannot be ended.`);
    await delay(10);
  }
}

/** Removes a host's cgroups, those that it made itself first. */
export async function removeCgroups(unit: string): Promise<void> {
  const trees = hierarchies().map(({path}) => join(path, unit));
  for (const folder of trees.flatMap(foldersBelow)) await removeCgroup(folder);
}

function killOnce(unit: string): number {
  const pids = processesOf(unit);
  for (const pid of pids) signalIfThere(pid);
  return pids.length;
}

function signalIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended on its own since it was listed.
  }
}

/** A cgroup is busy for a moment after its last process has gone. */
async function removeCgroup(folder: string): Promise<void> {
  for (let attempt = 0; existsSync(folder); attempt++) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (attempt === 200) throw new LabError(`The cgroup ${folder} cannot be removed: ${String(error)}`);
      await delay(10);
    }
  }
}

/** Deepest first, because a cgroup with children cannot be removed. */
function foldersBelow(folder: string): readonly string[] {
  const children = childrenOf(folder);
  return children ? [...children.flatMap((child) => foldersBelow(join(folder, child))), folder] : [];
}

/** A running host makes and removes cgroups at any time: one that has gone is none. */
function childrenOf(folder: string): readonly string[] | undefined {
  try {
    const entries = readdirSync(folder, {withFileTypes: true});
    return entries.filter((entry) => entry.isDirectory()).map(({name}) => name);
  } catch {
    return undefined;
  }
}

function members(folder: string): readonly number[] {
  const lines = readIfThere(join(folder, 'cgroup.procs')).split('\n');
  return lines.filter(Boolean).map(Number);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function makeCgroup({path: root, version, controllers}: Hierarchy, path: string): HostCgroups {
  mkdirSync(path, {recursive: true});
  if (version === 1) {
    if (controllers.includes('cpuset')) copyCpuset(root, path);
    return {power: [path], host: []};
  }
  const [power, host] = [join(path, 'power'), join(path, 'host')];
  mkdirSync(power, {recursive: true});
  mkdirSync(host, {recursive: true});
  for (const parent of [root, path]) passOnControllers(parent);
  return {power: [power], host: [host]};
}

/** A controller that the parent does not pass on is missing in the host; some parents may not pass any on. */
function passOnControllers(parent: string): void {
  for (const controller of readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ')) {
    try {
      writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // It is bound to cgroup v1, or this machine does not let it go.
    }
  }
}

/** A new cpuset of v1 is empty, and nothing can enter it before it is told its processors and memory. */
function copyCpuset(parent: string, child: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(child, file), readFileSync(join(parent, file)));
  }
  writeFileSync(join(child, 'cgroup.clone_children'), '1');
}

let mounted: readonly Hierarchy[] | undefined;

/** Mounted when the machine boots, and read once. Version 2 comes first: nothing in a host of version 1 sees it. */
function hierarchies(): readonly Hierarchy[] {
  mounted ??= readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap(parseMount)
    .filter(({path}) => path.startsWith('/sys/fs/cgroup'))
    .sort((left, right) => right.version - left.version);
  return mounted;
}

/** `36 25 0:32 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu` */
export function parseMount(line: string): readonly Hierarchy[] {
  const [before = '', after = ''] = line.split(' - ');
  const [type, , options = ''] = after.split(' ');
  const path = before.split(' ')[4];
  if (!path || (type !== 'cgroup' && type !== 'cgroup2')) return [];
  return [{path, version: type === 'cgroup' ? 1 : 2, controllers: options.split(',')}];
}
