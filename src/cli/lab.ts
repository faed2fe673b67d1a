import {spawn} from 'node:child_process';
import process from 'node:process';
import {Command, InvalidArgumentError} from 'commander';
import {prepareMachine} from '../lab/install.ts';
import {
  allLabs,
  DEFAULT_LAB,
  down,
  hostOf,
  knownLab,
  openLab,
  up,
  type Lab,
  type LabStatus,
} from '../lab/lab.ts';
import {LabError} from '../lab/lab-error.ts';
import {sshCommand} from '../lab/ready.ts';
import {removeSnapshot, snapshotNames, takeSnapshot} from '../lab/snapshot.ts';
import {EXIT} from './exit-codes.ts';
import type {World} from './world.ts';

interface LabFlag {
  readonly lab: string;
}

interface UpFlags extends LabFlag {
  readonly hosts?: number;
  readonly names?: readonly string[];
  readonly light?: boolean;
  readonly from?: string;
  readonly yes?: boolean;
}

/** Those commands of ours that connect to hosts, and so check their keys. */
const OFFLINE = new Set(['validate', 'graph', 'vars', 'help']);

/** `provision lab`: hosts to try things on, made on this machine. */
export function labCommand(world: World, finish: (exitCode: number) => void): Command {
  const act = async (action: () => Promise<number>): Promise<void> => finish(await guarded(action, world));
  const lab = new Command('lab')
    .description('Make Linux hosts on this machine, to try things on. No packet leaves it.')
    .enablePositionalOptions();
  addUpAndDown(lab, world, act);
  addSnapshot(lab, world, act);
  addPrograms(lab, act);
  return lab;
}

type Act = (action: () => Promise<number>) => Promise<void>;

const labFlag = (command: Command): Command =>
  command.option('--lab <name>', 'which lab, where there are several', DEFAULT_LAB);

function addUpAndDown(lab: Command, world: World, act: Act): void {
  labFlag(lab.command('up'))
    .description('Bring hosts up, or those of them that are not. Running hosts stay as they are.')
    .option('--hosts <n>', 'node1 to node<n> (default for a new lab: 3)', positive)
    .option('--names <names>', 'hosts with names of your own, with commas between', (text) => text.split(','))
    .option('--light', 'hosts with an sshd and without systemd, many and at once')
    .option('--from <snapshot>', 'hosts as `lab snapshot` has kept them')
    .option('-y, --yes', 'install what this machine lacks without a question')
    .action((flags: UpFlags) => act(() => bringUp(flags, world)));
  labFlag(lab.command('down'))
    .description('End all hosts of a lab and remove everything of it. Snapshots stay.')
    .action((flags: LabFlag) =>
      act(async () => {
        await down(flags.lab);
        return EXIT.done;
      }),
    );
  lab
    .command('status')
    .description('Show all labs, their hosts, and the snapshots.')
    .option('--json', 'for programs')
    .action((flags: {readonly json?: boolean}) => act(() => showStatus(flags, world)));
}

function addSnapshot(lab: Command, world: World, act: Act): void {
  labFlag(lab.command('snapshot'))
    .description('Keep hosts as they are, for `lab up --from`. They are switched off for it, and on again.')
    .argument('<name>')
    .option('--remove', 'remove the snapshot of this name instead')
    .action((name: string, flags: LabFlag & {readonly remove?: boolean}) =>
      act(async () => {
        await (flags.remove ? removeSnapshot(name) : takeSnapshot(flags.lab, name));
        if (!flags.remove) world.out.write(`Kept. Use it with: provision lab up --from ${name}\n`);
        return EXIT.done;
      }),
    );
}

function addPrograms(lab: Command, act: Act): void {
  labFlag(lab.command('exec'))
    .description('Run a command on a host, as root.')
    .passThroughOptions()
    .argument('<host>')
    .argument('<command...>', 'its words behind --; a single one is a line of shell')
    .action((host: string, words: string[], flags: LabFlag) =>
      act(() => ssh(flags.lab, host, behindDashes(words))),
    );
  labFlag(lab.command('ssh'))
    .description('Log in on a host, as root.')
    .argument('<host>')
    .action((host: string, flags: LabFlag) => act(() => ssh(flags.lab, host, [])));
  labFlag(lab.command('run'))
    .description('Run provision itself where the hosts can be reached, with an inventory of how.')
    .passThroughOptions()
    .argument('<words...>', 'what follows `provision`, behind --')
    .addHelpText('after', '\nExample:\n  $ provision lab run -- inventories/lab/inventory.yaml --yes\n')
    .action((words: string[], flags: LabFlag) => act(() => runInside(flags.lab, words)));
  labFlag(lab.command('enter'))
    .description('Run any program where the hosts can be reached.')
    .passThroughOptions()
    .argument('<words...>', 'the program and its arguments, behind --')
    .action((words: string[], flags: LabFlag) =>
      act(async () => inherit((await openLab(flags.lab)).inside(words))),
    );
}

async function bringUp(flags: UpFlags, world: World): Promise<number> {
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

async function showStatus({json}: {readonly json?: boolean}, world: World): Promise<number> {
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

async function ssh(lab: string, name: string, words: readonly string[]): Promise<number> {
  const host = hostOf(await knownLab(lab), name);
  const [only, ...rest] = words;
  const command = only === undefined || rest.length === 0 ? words : [words.map(quoted).join(' ')];
  return inherit(sshCommand(lab, host, command.length > 0 ? ['--', ...command] : []));
}

/** Behind an argument, `--` is handed to us as a word. */
const behindDashes = (words: readonly string[]): readonly string[] =>
  words[0] === '--' ? words.slice(1) : words;

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The lab's inventory stands last, and so wins where the user's own says otherwise. */
async function runInside(name: string, words: readonly string[]): Promise<number> {
  const lab = await openLab(name);
  const main = process.argv[1] ?? '';
  const keys = words[0] !== undefined && OFFLINE.has(words[0]) ? [] : ['--known-hosts', lab.knownHostsFile];
  return inherit(
    lab.inside([
      process.execPath,
      ...process.execArgv,
      main,
      ...placed(words, ['-i', lab.inventoryFile, ...keys]),
    ]),
  );
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

async function guarded(action: () => Promise<number>, world: World): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    world.err.write(`${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
    return EXIT.failed;
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above zero.');
}
