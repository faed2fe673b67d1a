import {existsSync, readdirSync} from 'node:fs';
import {mkdir, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {processesOf} from './cgroups.ts';
import {copyTree} from './copy-tree.ts';
import {initOf} from './init.ts';
import {bringUp, knownLab, powerCut} from './lab.ts';
import {LabError} from './lab-error.ts';
import {lockFile, whileLocked} from './lock.ts';
import {hostFolder, hostUnit, snapshotFolder} from './places.ts';
import {type HostState, type LabState, labNames, readJson, readLab, stateFile, writeJson} from './state.ts';

/** systemd's own signal for "power off", SIGRTMIN+4; Node has no name for it. */
const POWER_OFF = 38;
const POWER_OFF_TIMEOUT_MS = 60_000;

/** Keeps a lab's hosts as they are, for `up({from})`. They are switched off for it, and on again. */
export async function takeSnapshot(lab: string, snapshot: string): Promise<void> {
  await whileLocked(lockFile(lab), async () => {
    const state = await knownLab(lab);
    const folder = snapshotFolder(snapshot);
    if (existsSync(folder)) {
      const hint = `Remove it first with \`provision lab snapshot ${snapshot} --remove\`.`;
      throw new LabError(`There is a snapshot "${snapshot}" already.`, hint);
    }
    const running = state.hosts.filter(({name}) => processesOf(hostUnit(lab, name)).length > 0);
    await Promise.all(running.map((host) => powerOff(lab, host)));
    try {
      await keep(state, folder);
    } finally {
      await bringUp(state, running);
    }
  });
}

/** Removes a snapshot on which nothing stands. */
export async function removeSnapshot(snapshot: string): Promise<void> {
  const folder = snapshotFolder(snapshot);
  if (!existsSync(folder)) throw new LabError(`There is no snapshot "${snapshot}".`);
  const user = await firstUser(folder);
  if (user) throw new LabError(`The snapshot "${snapshot}" is what ${user} stands on.`, 'Remove that first.');
  await rm(folder, {recursive: true});
}

/** The names of all snapshots of this user. */
export function snapshotNames(): readonly string[] {
  const folder = dirname(snapshotFolder('any'));
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.includes('.')) : [];
}

/** Complete or not there: a snapshot under its final name is one that a lab may stand on. */
async function keep(state: LabState, folder: string): Promise<void> {
  const partial = `${folder}.new`;
  await rm(partial, {recursive: true, force: true});
  await mkdir(partial, {recursive: true});
  for (const {name} of state.hosts) {
    for (const part of ['upper', 'bound']) {
      await copyTree(join(hostFolder(state.name, name), part), join(partial, 'hosts', name, part));
    }
  }
  const hosts = state.hosts.map((host) => standing(host, folder));
  await writeJson(stateFile(partial), {...state, hosts});
  await rename(partial, folder);
}

const standing = (host: HostState, folder: string): HostState => ({
  ...host,
  layers: [join(folder, 'hosts', host.name, 'upper'), ...host.layers],
});

/** So that nothing in the snapshot looks like a crash. A light host has nothing to write before it ends. */
async function powerOff(lab: string, host: HostState): Promise<void> {
  const unit = hostUnit(lab, host.name);
  const init = initOf(unit);
  const deadline = Date.now() + POWER_OFF_TIMEOUT_MS;
  if (init !== undefined) process.kill(init, POWER_OFF);
  while (processesOf(unit).length > 0 && Date.now() < deadline) await delay(50);
  await powerCut(lab, host);
}

async function firstUser(folder: string): Promise<string | undefined> {
  const labs = await Promise.all(labNames().map((name) => readLab(name)));
  const others = snapshotNames()
    .map(snapshotFolder)
    .filter((other) => other !== folder);
  const snapshots = await Promise.all(others.map((other) => readJson(stateFile(other))));
  const standsOn = (state: LabState | undefined) =>
    state?.hosts.some(({layers}) => layers.some((layer) => layer.startsWith(`${folder}/`)));
  const lab = labs.find(standsOn);
  if (lab) return `the lab "${lab.name}"`;
  const index = snapshots.findIndex(standsOn);
  return index < 0 ? undefined : `the snapshot in ${others[index]}`;
}
