import {readdirSync} from 'node:fs';
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {LabError} from './lab-error.ts';
import {labFolder, labsFolder} from './places.ts';

/** Systemd as process 1 in namespaces of its own, or one sshd in a root of its own. */
export type HostKind = 'systemd' | 'light';

/** What a lab remembers of one host. */
export interface HostState {
  readonly name: string;
  readonly index: number;
  /** Upper layers of the snapshots that it stands on, the newest first. */
  readonly layers: readonly string[];
}

/** What a lab remembers. What runs is never remembered, but looked up. */
export interface LabState {
  readonly name: string;
  readonly kind: HostKind;
  readonly rootfs: string;
  readonly hosts: readonly HostState[];
}

/** What is remembered of a lab; `undefined` where there is none. */
export const readLab = (name: string): Promise<LabState | undefined> => readJson(stateFile(labFolder(name)));
/** Remembers a lab. */
export const writeLab = (state: LabState): Promise<void> =>
  writeJson(stateFile(labFolder(state.name)), state);
/** Where a lab, and a snapshot of one, keep what they remember. */
export const stateFile = (folder: string): string => join(folder, 'lab.json');

/** The names of all labs that this user has. */
export function labNames(): readonly string[] {
  try {
    return readdirSync(labsFolder()).filter((name) => !name.includes('.'));
  } catch {
    return [];
  }
}

/** Reads what `writeJson` wrote. */
export async function readJson(file: string): Promise<LabState | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const state: LabState = JSON.parse(text);
    return state;
  } catch {
    throw new LabError(`${file} is damaged.`, 'Run `provision lab down`: it removes the lab all the same.');
  }
}

/** Written beside and renamed, so that a death in between leaves the old file. */
export async function writeJson(file: string, state: LabState): Promise<void> {
  await mkdir(dirname(file), {recursive: true});
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.new`, file);
}
