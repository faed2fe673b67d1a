import {spawn} from 'node:child_process';
import process from 'node:process';
import {prepareMachine} from '../lab/install.ts';
import {allLabs, down, hostOf, knownLab, type Lab, type LabStatus, openLab, up} from '../lab/lab.ts';
import {LabError} from '../lab/lab-error.ts';
import {sshCommand} from '../lab/ready.ts';
import {removeSnapshot, snapshotNames, takeSnapshot} from '../lab/snapshot.ts';
import {EXIT} from './exit-codes.ts';
import type {LabFlag, UpFlags} from './lab.ts';
import type {World} from './world.ts';

/** Commands of ours that read no inventory, or do not connect, and so lack the flags for it. */
const WITHOUT_INVENTORY = new Set(['apply', 'help', 'lab']);
const WITHOUT_HOSTS = new Set(['validate', 'graph', 'vars', 'help', 'lab']);

/** Does something with a lab; what is wrong with it is told, and is not our bug. */
export async function guarded(action: () => Promise<number>, world: World): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    world.err.write(`${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
    return EXIT.failed;
  }
}

/** `lab down` @public */
export async function takeDown({lab}: LabFlag): Promise<number> {
  await down(lab);
  return EXIT.done;
}

/** `lab snapshot` @public */
export async function snapshot(
  name: string,
  {lab, remove}: LabFlag & {readonly remove?: boolean},
  world: World,
): Promise<number> {
  await (remove ? removeSnapshot(name) : takeSnapshot(lab, name));
  if (!remove) world.out.write(`Kept. Use it with: provision lab up --from ${name}\n`);
  return EXIT.done;
}

/** `lab enter` @public */
export async function enter(name: string, words: readonly string[]): Promise<number> {
  return inherit((await openLab(name)).inside(words));
}

/** `lab up` @public */
export async function bringUp(flags: UpFlags, world: World): Promise<number> {
  const started = Date.now();
  await prepareMachine((packages) => consent(packages, flags, world));
  const hosts = flags.names ?? flags.hosts;
  const lab = await up({
    name: flags.lab,
    report: (line) => world.err.write(`${line}\n`),
    ...(hosts === undefined ? {} : {hosts}),
    ...(flags.light ? {kind: 'light'} : {}),
    ...(flags.from === undefined ? {} : {from: flags.from}),
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  world.out.write(`${lab.hosts.length} hosts are up after ${seconds} s.\n${listed(lab)}`);
  return EXIT.done;
}

const listed = ({hosts}: Lab): string => hosts.map(({name, address}) => `  ${name}  ${address}\n`).join('');

async function consent(packages: readonly string[], flags: UpFlags, world: World): Promise<boolean> {
  if (flags.yes) return true;
  if (!world.isInteractive) return false;
  const answer = await world.ask(`Install ${packages.join(', ')} on this machine with apt-get? [y/N] `);
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

/** `lab status` @public */
export async function showStatus({json}: {readonly json?: boolean}, world: World): Promise<number> {
  const labs = await allLabs();
  const snapshots = snapshotNames();
  if (json) world.out.write(`${JSON.stringify({labs, snapshots}, null, 2)}\n`);
  else world.out.write(statusText(labs, snapshots));
  return EXIT.done;
}

function statusText(labs: readonly LabStatus[], snapshots: readonly string[]): string {
  if (labs.length === 0 && snapshots.length === 0) return 'There is no lab.\n';
  const hosts = labs.map(({name, kind, hosts}) => [
    `${name}: ${hosts.length} ${kind} hosts\n`,
    ...hosts.map((host) => `  ${host.name}  ${host.address}  ${host.state}\n`),
  ]);
  return [...hosts.flat(), ...snapshots.map((name) => `snapshot: ${name}\n`)].join('');
}

/** `lab ssh`, and `lab exec` @public */
export async function ssh(lab: string, name: string, words: readonly string[]): Promise<number> {
  const host = hostOf(await knownLab(lab), name);
  const [only, ...rest] = words;
  const command = only === undefined || rest.length === 0 ? words : [words.map(quoted).join(' ')];
  return inherit(sshCommand(lab, host, command.length > 0 ? ['--', ...command] : []));
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** `lab run`: the lab's inventory stands last, and so wins where the user's own says otherwise. @public */
export async function runInside(name: string, words: readonly string[]): Promise<number> {
  const lab = await openLab(name);
  const [command = ''] = words;
  const inventory = WITHOUT_INVENTORY.has(command) ? [] : ['-i', lab.inventoryFile];
  const keys = WITHOUT_HOSTS.has(command) ? [] : ['--known-hosts', lab.knownHostsFile];
  const ourselves = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  return inherit(lab.inside([...ourselves, ...placed(words, [...inventory, ...keys])]));
}

/** Options of ours go before a `--`, behind which all belongs to a command on the hosts. */
function placed(words: readonly string[], flags: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? [...words, ...flags] : [...words.slice(0, end), ...flags, ...words.slice(end)];
}

/** Ctrl-C reaches the child by itself, which then decides what to do; we only outlive it. */
async function inherit([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  const child = spawn(program, args, {stdio: 'inherit'});
  const ignore = () => undefined;
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', forward).on('SIGHUP', forward);
  return new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => {
      process.off('SIGINT', ignore).off('SIGTERM', forward).off('SIGHUP', forward);
      resolve(code ?? EXIT.interrupted);
    });
  });
}
