import {expect} from 'vitest';
import type {Lab} from '../../src/lab/lab.ts';
import {run} from '../../src/lab/run.ts';

/** Programs that a host runs for its own reasons, now and then. */
const OWN = /^(\(sd-pam\)|\(.*\)|.*systemd.*|\/sbin\/agetty .*|sshd: .*(listener|\[accepted\]|\[net\]).*)$/;

/** Runs a program on a host without a login, so that the login is not among what is looked at. */
export async function onHost(lab: Lab, name: string, script: string): Promise<string> {
  const pid = lab.hosts.find((host) => host.name === name)?.pid;
  if (pid === undefined) throw new Error(`The host ${name} does not run`);
  const {code, stdout, stderr} = await run(
    ['nsenter', `--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '/bin/sh', '-s'],
    script,
  );
  expect({code, stderr}, script).toEqual({code: 0, stderr: ''});
  return stdout;
}

/** What runs on a host, as sorted command lines, without what comes and goes by itself. */
export async function processesOn(lab: Lab, name: string): Promise<readonly string[]> {
  const lines = (await onHost(lab, name, 'echo "$$"; ps -ww -eo pid=,ppid=,args=')).trimEnd().split('\n');
  const [me = '', ...rest] = lines;
  const found = rest.map((line) => /^\s*(\d+)\s+(\d+) (.*)$/.exec(line) ?? []);
  const others = found.filter(([, pid, parent]) => pid !== me && parent !== me);
  return others
    .map(([, , , args = '']) => args)
    .filter((args) => !OWN.test(args))
    .sort();
}

const TRACES = String.raw`
find / -xdev -name '.provision-*'
find /run /tmp /dev/shm -name '.provision-*'
[ ! -d /run/provision/jobs ] || find /run/provision/jobs -mindepth 1
[ ! -d /run/provision/windows ] || find /run/provision/windows -mindepth 1
[ ! -e /run/provision/lock ] || flock -n /run/provision/lock true || echo 'the lock is held'
[ ! -d /run/systemd/system ] || systemctl list-units --all --plain --no-legend 'provision-job-*'
`;

/** Everything of a run that may be left on a host: temp files, jobs, windows, a held lock. */
export async function tracesOn(lab: Lab, name: string): Promise<readonly string[]> {
  const found = await onHost(lab, name, TRACES);
  return found.split('\n').filter((line) => line !== '');
}

/** Waits until a host runs what it ran before, and no more: the end of a connection takes its moment. */
export async function expectOnlyProcesses(lab: Lab, name: string, before: readonly string[]): Promise<void> {
  await expect
    .poll(() => processesOn(lab, name), {timeout: 30_000, interval: 100, message: `processes on ${name}`})
    .toEqual(before);
}
