import {existsSync} from 'node:fs';
import {rm, rmdir} from 'node:fs/promises';
import {join} from 'node:path';
import {boot} from './boot.ts';
import {cgroupUnits, killAll, processesOf, removeCgroups} from './cgroups.ts';
import {setClock} from './clock.ts';
import {initOf} from './init.ts';
import {writeInventory} from './inventory.ts';
import {knownHosts, loginKey, makeKeys} from './keys.ts';
import {LabError} from './lab-error.ts';
import {lockFile, whileLocked} from './lock.ts';
import {prepareKernel} from './machine.ts';
import {addressOf, hasNamespace, inLab, makeBridge, removeNamespaces, setLink} from './network.ts';
import {hostUnit, labFolder, labNamespace} from './places.ts';
import {answering, runOn, waitUntilReady} from './ready.ts';
import {OPS_PASSWORD} from './rootfs-files.ts';
import type {Argv, Ran} from './run.ts';
import {type HostKind, type HostState, type LabState, labNames, readLab, writeLab} from './state.ts';
import {type Wanted, wantedLab} from './wanted.ts';

/** A host of a lab as it is right now. */
interface LabHost {
  readonly name: string;
  readonly address: string;
  /** Of the host's process 1, as the machine sees it; missing where the host is not running. */
  readonly pid?: number;
}

/** What `status` tells of a host. */
interface HostStatus extends LabHost {
  readonly state: 'up' | 'silent' | 'off';
}

/** What `status` tells of a lab. */
export interface LabStatus {
  readonly name: string;
  readonly kind: HostKind;
  readonly hosts: readonly HostStatus[];
}

/** Options of `up`. */
interface UpOptions extends Wanted {
  readonly name?: string;
  /** Told what takes long, in full sentences. */
  readonly report?: (line: string) => void;
}

/** A lab that is up. */
export interface Lab {
  readonly name: string;
  /** The network namespace in which all of it is: `ip netns exec` takes it. */
  readonly namespace: string;
  readonly kind: HostKind;
  readonly hosts: readonly LabHost[];
  /** An inventory of all hosts, with how to reach them. */
  readonly inventoryFile: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** What sudo asks of the user `opspw`; the user `ops` is not asked. */
  readonly sudoPassword: string;
  /** The command line that runs a program where the hosts can be reached. */
  inside(argv: readonly string[]): Argv;
  /** By ssh and the login shell, as root unless told otherwise. */
  exec(host: string, command: string, user?: string): Promise<Ran>;
  /** As a power cut. */
  kill(host: string): Promise<void>;
  /** Switches a host on that is off, and waits until it is there. */
  boot(host: string): Promise<void>;
  /** What `date` says in a host, so many seconds off; the kernel's clock is the machine's. */
  setClock(host: string, offsetSeconds: number): Promise<void>;
  linkDown(host: string): Promise<void>;
  linkUp(host: string): Promise<void>;
}

/** The name that is meant where none is given. */
const DEFAULT_LAB = 'default';

/** Brings a lab up, or what of it is not: hosts that run stay as they are. */
export async function up(options: UpOptions): Promise<Lab> {
  const name = options.name ?? DEFAULT_LAB;
  return whileLocked(lockFile(name), async () => {
    const state = await wantedLab(name, options, options.report ?? (() => undefined));
    await writeLab(state);
    await makeKeys(state);
    await makeBridge(name);
    await prepareKernel();
    await bringUp(state, state.hosts);
    await writeInventory(state);
    return labOf(state);
  });
}

/** A lab that somebody else has brought up. */
export async function openLab(name: string): Promise<Lab> {
  return labOf(await knownLab(name));
}

/** Ends a lab and removes all of it, whatever state it is in. Snapshots stay. */
export async function down(name: string): Promise<void> {
  await whileLocked(lockFile(name), async () => {
    const units = cgroupUnits(hostUnit(name, ''));
    await Promise.all(units.map(clear));
    await removeNamespaces(name);
    await rm(labFolder(name), {recursive: true, force: true});
    await rm(lockFile(name), {force: true});
  });
}

/** All labs of this user. */
export async function allLabs(): Promise<readonly LabStatus[]> {
  const labs = await Promise.all(labNames().map((name) => readLab(name)));
  return Promise.all(labs.filter((lab) => lab !== undefined).map(statusOf));
}

/** What is remembered of a lab that must be there. */
export async function knownLab(name: string): Promise<LabState> {
  const state = await readLab(name);
  if (state) return state;
  throw new LabError(`There is no lab "${name}".`, 'Make one with `provision lab up`.');
}

/** A host that must be one of the lab's. */
export function hostOf(state: LabState, name: string): HostState {
  const host = state.hosts.find((candidate) => candidate.name === name);
  if (host) return host;
  const names = state.hosts.map((candidate) => candidate.name).join(', ');
  throw new LabError(`The lab "${state.name}" has no host "${name}".`, `It has ${names}.`);
}

/** Ends what is left of hosts, and boots those that do not run. */
export async function bringUp(state: LabState, hosts: readonly HostState[]): Promise<void> {
  const alive = await running(state, hosts);
  const off = hosts.filter((host) => !alive.includes(host));
  await Promise.all(off.map((host) => clear(hostUnit(state.name, host.name))));
  await Promise.all(off.map((host) => boot(state, host)));
  await waitUntilReady(state, hosts);
}

/** Ends every process of a host at once. */
export const powerCut = (lab: string, host: HostState): Promise<void> => clear(hostUnit(lab, host.name));

/** A host that another program is booting right now counts: it only has to be waited for. */
async function running(state: LabState, hosts: readonly HostState[]): Promise<readonly HostState[]> {
  if (!hasNamespace(state.name)) return [];
  return hosts.filter((host) => initOf(hostUnit(state.name, host.name)) !== undefined);
}

async function clear(unit: string): Promise<void> {
  await killAll(unit);
  await removeCgroups(unit);
  // What nspawn makes outside of the host, and leaves there when it is killed.
  await rmdir(join('/run/systemd/nspawn/propagate', unit)).catch(() => undefined);
}

function labOf(state: LabState): Lab {
  const {name, kind} = state;
  const find = (host: string) => hostOf(state, host);
  return {
    name,
    namespace: labNamespace(name),
    kind,
    get hosts() {
      return state.hosts.map((host) => describe(name, host));
    },
    inventoryFile: join(labFolder(name), 'inventory.yaml'),
    keyFile: loginKey(name),
    knownHostsFile: knownHosts(name),
    sudoPassword: OPS_PASSWORD,
    inside: (argv) => inLab(name, argv),
    exec: (host, command, user) => runOn(name, find(host), command, user),
    kill: (host) => powerCut(name, find(host)),
    boot: (host) => bringUp(state, [find(host)]),
    setClock: (host, offsetSeconds) => setClock(name, find(host), offsetSeconds),
    linkDown: (host) => setLink(name, portOf(find(host)), 'down'),
    linkUp: (host) => setLink(name, portOf(find(host)), 'up'),
  };
}

function describe(lab: string, host: HostState): LabHost {
  const pid = initOf(hostUnit(lab, host.name));
  return {name: host.name, address: addressOf(host.index), ...(pid === undefined ? {} : {pid})};
}

async function statusOf(state: LabState): Promise<LabStatus> {
  const {name, kind, hosts} = state;
  const reachable = existsSync(labFolder(name)) && hasNamespace(name) ? await answering(state, hosts) : [];
  const statuses = hosts.map((host) => ({...describe(name, host), state: stateOf(name, host, reachable)}));
  return {name, kind, hosts: statuses};
}

function stateOf(lab: string, host: HostState, reachable: readonly HostState[]): HostStatus['state'] {
  if (reachable.includes(host)) return 'up';
  return processesOf(hostUnit(lab, host.name)).length > 0 ? 'silent' : 'off';
}

const portOf = ({name, index}: HostState) => ({host: name, index});
