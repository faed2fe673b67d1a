import {homedir} from 'node:os';
import {join} from 'node:path';
import {cacheFolder} from '../base/cache-folder.ts';
import {LabError} from './lab-error.ts';

/** A lab's name goes into names of namespaces and cgroups: short, and without a dot, which ends it there. */
const LAB_NAME = /^[a-z0-9][a-z0-9-]{0,30}$/;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const from = (variable: string, fallback: string): string =>
  process.env[variable] || join(homedir(), fallback);
const stateHome = (): string => join(from('XDG_STATE_HOME', '.local/state'), 'provision');

/** Where built root file systems are kept. */
export const labCacheFolder = (): string => join(cacheFolder(), 'lab');
/** Where all labs of this user are. */
export const labsFolder = (): string => join(stateHome(), 'lab');
/** Where one lab is: keys, inventory, hosts. */
export const labFolder = (lab: string): string => join(labsFolder(), checkedLab(lab));
/** Where one host of a lab is: its upper layer, what is bound into it, its console. */
export const hostFolder = (lab: string, host: string): string => join(labFolder(lab), 'hosts', host);
/** Where one snapshot is. It outlives the lab that it was taken of. */
export const snapshotFolder = (name: string): string => join(stateHome(), 'lab-snapshots', checkedLab(name));

/** The network namespace in which the lab's bridge is, and in which programs that talk to its hosts run. */
export const labNamespace = (lab: string): string => `provision-${lab}`;
/** The name of a host's own network namespace, cgroup and machine. The dot tells where the lab's name ends. */
export const hostUnit = (lab: string, host: string): string => `provision-${lab}.${host}`;
/** The path by which the kernel knows a named network namespace. */
export const namespacePath = (name: string): string => `/run/netns/${name}`;

/** A name for a lab or a snapshot that is safe in paths and in names of namespaces. */
export function checkedLab(name: string): string {
  if (LAB_NAME.test(name)) return name;
  const rule = 'Use up to 31 small letters, digits and dashes.';
  throw new LabError(`"${name}" cannot be the name of a lab or a snapshot.`, rule);
}

/** A name for a host that DNS would take as one label. */
export function checkedHost(name: string): string {
  if (HOST_NAME.test(name)) return name;
  throw new LabError(`"${name}" cannot be the name of a host.`, 'Use small letters, digits and dashes.');
}
