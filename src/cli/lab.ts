import {Command, InvalidArgumentError} from 'commander';
import type {World} from './world.ts';

/** Which lab a command is about. */
export interface LabFlag {
  readonly lab: string;
}

/** Flags of `lab up`. */
export interface UpFlags extends LabFlag {
  readonly hosts?: number;
  readonly names?: readonly string[];
  readonly light?: boolean;
  readonly from?: string;
  readonly yes?: boolean;
}

type Actions = typeof import('./lab-actions.ts');
type Act = (action: (actions: Actions) => Promise<number>) => Promise<void>;

/** `provision lab`: hosts to try things on, made on this machine. What it needs is loaded when it is called. */
export function labCommand(world: World, finish: (exitCode: number) => void): Command {
  const act: Act = async (action) => {
    const actions = await import('./lab-actions.ts');
    finish(await actions.guarded(() => action(actions), world));
  };
  const lab = new Command('lab')
    .description('Make Linux hosts on this machine, to try things on. No packet leaves it.')
    .enablePositionalOptions();
  addUpAndDown(lab, world, act);
  addSnapshot(lab, world, act);
  addPrograms(lab, act);
  return lab;
}

const labFlag = (command: Command): Command =>
  command.option('--lab <name>', 'which lab, where there are several', 'default');

function addUpAndDown(lab: Command, world: World, act: Act): void {
  labFlag(lab.command('up'))
    .description('Bring hosts up, or those of them that are not. Running hosts stay as they are.')
    .option('--hosts <n>', 'node1 to node<n> (default for a new lab: 3)', positive)
    .option('--names <names>', 'hosts with names of your own, with commas between', (text) => text.split(','))
    .option('--light', 'hosts with an sshd and without systemd, many and at once')
    .option('--from <snapshot>', 'hosts as `lab snapshot` has kept them')
    .option('-y, --yes', 'install what this machine lacks without a question')
    .action((flags: UpFlags) => act(({bringUp}) => bringUp(flags, world)));
  labFlag(lab.command('down'))
    .description('End all hosts of a lab and remove everything of it. Snapshots stay.')
    .action((flags: LabFlag) => act(({takeDown}) => takeDown(flags)));
  lab
    .command('status')
    .description('Show all labs, their hosts, and the snapshots.')
    .option('--json', 'for programs')
    .action((flags: {readonly json?: boolean}) => act(({showStatus}) => showStatus(flags, world)));
}

function addSnapshot(lab: Command, world: World, act: Act): void {
  labFlag(lab.command('snapshot'))
    .description('Keep hosts as they are, for `lab up --from`. They are switched off for it, and on again.')
    .argument('<name>')
    .option('--remove', 'remove the snapshot of this name instead')
    .action((name: string, flags: LabFlag & {readonly remove?: boolean}) =>
      act(({snapshot}) => snapshot(name, flags, world)),
    );
}

function addPrograms(lab: Command, act: Act): void {
  labFlag(lab.command('exec'))
    .description('Run a command on a host, as root.')
    .passThroughOptions()
    .argument('<host>')
    .argument('<command...>', 'its words behind --; a single one is a line of shell')
    .action((host: string, words: string[], flags: LabFlag) =>
      act(({ssh}) => ssh(flags.lab, host, behindDashes(words))),
    );
  labFlag(lab.command('ssh'))
    .description('Log in on a host, as root.')
    .argument('<host>')
    .action((host: string, flags: LabFlag) => act(({ssh}) => ssh(flags.lab, host, [])));
  labFlag(lab.command('run'))
    .description('Run provision itself where the hosts can be reached, with an inventory of how.')
    .passThroughOptions()
    .argument('<words...>', 'what follows `provision`, behind --')
    .addHelpText('after', '\nExample:\n  $ provision lab run -- inventories/lab/inventory.yaml --yes\n')
    .action((words: string[], flags: LabFlag) => act(({runInside}) => runInside(flags.lab, words)));
  labFlag(lab.command('enter'))
    .description('Run any program where the hosts can be reached.')
    .passThroughOptions()
    .argument('<words...>', 'the program and its arguments, behind --')
    .action((words: string[], flags: LabFlag) => act(({enter}) => enter(flags.lab, words)));
}

/** Behind an argument, `--` is handed to us as a word. */
const behindDashes = (words: readonly string[]): readonly string[] =>
  words[0] === '--' ? words.slice(1) : words;

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above zero.');
}
