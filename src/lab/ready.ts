import {setTimeout as delay} from 'node:timers/promises';
import {consoleOf} from './boot.ts';
import {processesOf} from './cgroups.ts';
import {knownHosts, loginKey} from './keys.ts';
import {LabError} from './lab-error.ts';
import {addressOf, inLab} from './network.ts';
import {hostUnit} from './places.ts';
import {type Argv, type Ran, run} from './run.ts';
import type {HostState, LabState} from './state.ts';

/** Long enough for a machine that builds something else at the same time. */
const BOOT_TIMEOUT_MS = 90_000;

/** Prints the addresses whose sshd says hello. A key exchange with each would cost 60 ms of processor time. */
const ASK = `for address; do
  {
    exec 3<> "/dev/tcp/$address/22" && read -r hello <&3 && [[ $hello == SSH-* ]] && echo "$address"
  } 2> /dev/null &
done
wait`;

/** Waits until every one of these hosts has answered by ssh and its systemd has nothing left to start. */
export async function waitUntilReady(lab: LabState, hosts: readonly HostState[]): Promise<void> {
  await waitForSsh(lab, hosts, Date.now() + BOOT_TIMEOUT_MS);
  if (lab.kind === 'systemd') await Promise.all(hosts.map((host) => waitForSystemd(lab, host)));
}

/** Those of the hosts that answer by ssh right now. One program asks them all. */
export async function answering(lab: LabState, hosts: readonly HostState[]): Promise<readonly HostState[]> {
  if (hosts.length === 0) return [];
  const addresses = hosts.map(({index}) => addressOf(index));
  const {stdout} = await run(inLab(lab.name, ['timeout', '1', 'bash', '-c', ASK, 'ask', ...addresses]));
  const found = new Set(stdout.split('\n'));
  return hosts.filter(({index}) => found.has(addressOf(index)));
}

/** The command line of the system's ssh, as it has to be for a host of a lab. */
export function sshCommand(lab: string, host: HostState, command: readonly string[], user = 'root'): Argv {
  const options = [
    [`IdentityFile=${loginKey(lab)}`, `UserKnownHostsFile=${knownHosts(lab)}`],
    ['IdentitiesOnly=yes', 'IdentityAgent=none', 'StrictHostKeyChecking=yes', 'LogLevel=ERROR'],
    ['ConnectTimeout=5', 'ControlMaster=no', 'ControlPath=none'],
  ].flat();
  const target = `${user}@${addressOf(host.index)}`;
  return inLab(lab, [
    'ssh',
    '-F',
    'none',
    ...options.flatMap((option) => ['-o', option]),
    target,
    ...command,
  ]);
}

/** Runs a command in a host, by ssh and the login shell, as root unless told otherwise. */
export const runOn = (lab: string, host: HostState, command: string, user = 'root'): Promise<Ran> =>
  run(sshCommand(lab, host, ['--', command], user));

async function waitForSsh(lab: LabState, hosts: readonly HostState[], deadline: number): Promise<void> {
  const ready = new Set(await answering(lab, hosts));
  const waiting = hosts.filter((host) => !ready.has(host));
  if (waiting.length === 0) return;
  const dead = waiting.find(({name}) => processesOf(hostUnit(lab.name, name)).length === 0);
  if (dead) throw bootFailure(lab, dead, 'ended while it booted');
  if (Date.now() > deadline && waiting[0]) throw bootFailure(lab, waiting[0], 'does not answer');
  await delay(100);
  return waitForSsh(lab, waiting, deadline);
}

/** A unit that failed makes it "degraded": the host is up all the same, and a test may want to see it so. */
async function waitForSystemd(lab: LabState, host: HostState): Promise<void> {
  const {stdout} = await runOn(lab.name, host, 'systemctl is-system-running --wait');
  if (!/^(running|degraded)/.test(stdout)) throw bootFailure(lab, host, `is "${stdout.trim()}"`);
}

const bootFailure = (lab: LabState, {name}: HostState, what: string): LabError =>
  new LabError(`The lab host ${name} ${what}.\n${consoleOf(lab.name, name)}`);
