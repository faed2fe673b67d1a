import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {LabError} from './lab-error.ts';
import {MAX_HOSTS} from './network.ts';
import {checkedHost, labFolder, snapshotFolder} from './places.ts';
import {rootfs} from './rootfs.ts';
import {type HostKind, type HostState, type LabState, readJson, readLab, stateFile} from './state.ts';

/** What is asked of a lab. Nothing asked: what it was, or three hosts with systemd. */
export interface Wanted {
  /** Names, or a number: node1, node2 and so on. */
  readonly hosts?: number | readonly string[];
  readonly kind?: HostKind;
  /** The snapshot on which the hosts that it has are to stand. */
  readonly from?: string;
}

/** The lab as it is to be: hosts that it has, then those of the snapshot, then new ones. */
export async function wantedLab(
  name: string,
  wanted: Wanted,
  report: (line: string) => void,
): Promise<LabState> {
  const present = await readLab(name);
  const base = present ?? (await fromSnapshot(name, wanted.from));
  if (base) return extended(checkedBase(base, present, wanted), wanted);
  const start: LabState = {name, kind: wanted.kind ?? 'systemd', rootfs: await rootfs(report), hosts: []};
  return extended(start, {...wanted, hosts: wanted.hosts ?? 3});
}

async function fromSnapshot(lab: string, snapshot: string | undefined): Promise<LabState | undefined> {
  if (snapshot === undefined) return undefined;
  const state = await readJson(stateFile(snapshotFolder(snapshot)));
  if (state) return {...state, name: lab};
  throw new LabError(`There is no snapshot "${snapshot}".`, 'Make one with `provision lab snapshot NAME`.');
}

function checkedBase(base: LabState, present: LabState | undefined, {kind, from}: Wanted): LabState {
  const remedy = 'Remove it first with `provision lab down`, or use another name with `--lab`.';
  if (present && from) throw new LabError(`The lab "${base.name}" is there already.`, remedy);
  if (kind && kind !== base.kind)
    throw new LabError(`The lab "${base.name}" has ${base.kind} hosts.`, remedy);
  if (!existsSync(base.rootfs)) {
    throw new LabError(`The root file system ${base.rootfs} of this lab is gone.`, remedy);
  }
  return base;
}

function extended(base: LabState, {hosts}: Wanted): LabState {
  const missing = namesOf(hosts).filter((name) => !base.hosts.some((host) => host.name === name));
  const next = Math.max(-1, ...base.hosts.map(({index}) => index)) + 1;
  const added = missing.map((name, position): HostState => ({name, index: next + position, layers: []}));
  if (next + added.length > MAX_HOSTS) throw new LabError(`A lab has at most ${MAX_HOSTS} hosts.`);
  checkFolder(labFolder(base.name));
  return {...base, hosts: [...base.hosts, ...added]};
}

function namesOf(hosts: Wanted['hosts']): readonly string[] {
  if (hosts === undefined) return [];
  if (typeof hosts === 'number') return Array.from({length: hosts}, (_, index) => `node${index + 1}`);
  return [...new Set(hosts.map(checkedHost))];
}

/** These signs have a meaning in the options of an overlay. */
function checkFolder(folder: string): void {
  if (!/[,:\\"]/.test(folder)) return;
  const hint = 'Set XDG_STATE_HOME to a folder without commas, colons, quotes and backslashes.';
  throw new LabError(`A lab cannot be in ${join(folder, '..')}.`, hint);
}
