import {readFileSync} from 'node:fs';
import {Command, Option} from 'commander';
import {addBundle} from './bundle-command.ts';
import {addClusterCommands} from './cluster-commands.ts';
import type {ApplyFlags, PlanFlags, ResetFlags} from './converge.ts';
import type {ExecFlags} from './exec.ts';
import type {FactsFlags} from './facts.ts';
import type {ConvergeFlags, ProjectFlags} from './flags.ts';
import {
  checkFlag,
  connectionFlags,
  describeOption,
  extraVarsOption,
  limitFlag,
  outputFlags,
  projectFlags,
  runFlags,
  selectionFlags,
} from './flags.ts';
import type {GraphFlags} from './graph.ts';
import type {TestFlags} from './test.ts';
import type {ValidateFlags} from './validate.ts';
import type {World} from './world.ts';

/** A command's work; what it needs is loaded when it is called, so that `--version` and mistakes cost little. */
type Action = () => Promise<number>;

/** Stands in the help where nobody asked for the lab, whose commands take a while to load. */
export const labByName = (): Command =>
  new Command('lab').description('Make Linux hosts on this machine, to try things on. No packet leaves it.');

/** The whole command line. `finish` gets the exit code of the command that ran. */
export function createProgram(world: World, finish: (exitCode: number) => void, lab = labByName()): Command {
  const act = async (action: Action): Promise<void> => finish(await action());
  const program = new Command('provision')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({writeOut: world.out.write, writeErr: world.err.write, outputError: () => {}})
    .configureHelp({optionDescription: describeOption})
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'explain the command')
    .helpCommand('help [command]', 'explain a command')
    .showSuggestionAfterError();
  addConverge(program, world, act);
  addPlanAndApply(program, world, act);
  addValidateAndGraph(program, world, act);
  addTest(program, world, act);
  addVars(program, world, act);
  addHostCommands(program, world, act);
  addClusterCommands(program, world, act);
  addBundle(program, world, act);
  addReset(program, world, act);
  program.addCommand(inheriting(program, lab));
  return program;
}

/** Runs one, and keeps how it ended. */
export type Act = (action: Action) => Promise<void>;

/** Beside the sources and beside what is built from them, the package's own description lies two folders up. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const {version: found}: {readonly version?: unknown} = JSON.parse(text);
  return typeof found === 'string' ? found : 'unknown';
}

function addConverge(program: Command, world: World, act: Act): void {
  for (const add of [checkFlag, runFlags, projectFlags, selectionFlags, outputFlags, connectionFlags]) {
    add(program);
  }
  program
    .description(
      'Brings hosts to the state that an inventory, roles and a playbook describe: shows the plan, asks, applies it.',
    )
    .argument('[inventory...]', 'inventory files or directories')
    .action((inventory: string[], flags: ConvergeFlags, command: Command) =>
      act(async () => {
        const {refuseMisspelt} = await import('./misspelt.ts');
        refuseMisspelt(inventory, command);
        const {converge} = await import('./converge.ts');
        return converge(inventory, flags, world);
      }),
    )
    .addHelpText('after', HELP);
}

const HELP = `
Examples:
  $ provision inventory.yaml                         show the plan, ask, apply it
  $ provision inventory.yaml --check --diff          show what would change, line by line
  $ provision inventory.yaml --limit w1 --yes        change only w1, without a question
  $ provision plan inventory.yaml --out next.plan    save a plan to apply later
  $ provision apply next.plan

Exit codes: 0 done, 1 a task failed, 2 a mistake in what was written, 3 changes are pending
(plan --detailed-exitcode), 4 a host was unreachable, 5 locked by another run, 130 interrupted.
`;

function addPlanAndApply(program: Command, world: World, act: Act): void {
  const plan = program.command('plan').description('Show what would change, and change nothing.');
  for (const add of [projectFlags, selectionFlags, outputFlags, connectionFlags]) add(plan);
  plan
    .argument('[inventory...]', 'inventory files or directories')
    .addOption(new Option('--format <format>', 'of the plan').choices(['text', 'json']).default('text'))
    .option('--out <file>', 'save the plan, to be applied later')
    .option('--detailed-exitcode', 'exit with 3 where changes are pending')
    .action((inventory: string[], flags: PlanFlags) =>
      act(async () => (await import('./converge.ts')).plan(inventory, flags, world)),
    );
  const apply = program.command('apply').description('Do what a saved plan showed, or stop.');
  for (const add of [runFlags, outputFlags, connectionFlags]) add(apply);
  apply
    .argument('<plan>', 'a file that `plan --out` wrote')
    .addOption(extraVarsOption())
    .option('--bundle <file>', 'another bundle than the one that the plan was made with')
    .action((file: string, flags: ApplyFlags) =>
      act(async () => (await import('./converge.ts')).apply(file, flags, world)),
    );
}

function addValidateAndGraph(program: Command, world: World, act: Act): void {
  const validate = program
    .command('validate')
    .description('Check all that was written. No host is contacted.');
  for (const add of [projectFlags, selectionFlags]) add(validate);
  validate
    .argument('[inventory...]', 'inventory files or directories')
    .addOption(new Option('--format <format>', 'of the mistakes').choices(['text', 'json']).default('text'))
    .action((inventory: string[], flags: ValidateFlags) =>
      act(async () => (await import('./validate.ts')).validate(inventory, flags, world)),
    );
  const graph = program
    .command('graph')
    .description('Show the tasks and what each waits for. No host is contacted.');
  for (const add of [projectFlags, selectionFlags]) add(graph);
  graph
    .argument('[inventory...]', 'inventory files or directories')
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(['text', 'dot', 'json', 'svg'])
        .default('text'),
    )
    .option('--why <task...>', 'two tasks: print why the second waits for the first')
    .action((inventory: string[], flags: GraphFlags) =>
      act(async () => (await import('./graph.ts')).graph(inventory, flags, world)),
    );
}

function addTest(program: Command, world: World, act: Act): void {
  program
    .command('test')
    .description('Compare the plans of roles for recorded hosts with their tests. No host is contacted.')
    .argument('[path...]', 'roles, folders of roles, or files in test/ of a role (default: roles)')
    .option('--update', 'write the plans of now into the tests')
    .action((paths: string[], flags: TestFlags) =>
      act(async () => (await import('./test.ts')).test(paths, flags, world)),
    );
}

function addVars(program: Command, world: World, act: Act): void {
  const vars = program.command('vars').description('Look into variables.');
  const explain = vars
    .command('explain')
    .description('Print what a variable is on a host, where it was set, and what it beat.');
  projectFlags(explain)
    .argument('<host>', 'a host of the inventory')
    .argument('<name>', 'a variable')
    .option('--playbook <name>', 'playbook, by name or as a file (default: "cluster")')
    .action((host: string, name: string, flags: ProjectFlags & {readonly playbook?: string}) =>
      act(async () => (await import('./vars.ts')).explain({host, name}, flags, world)),
    );
}

function addHostCommands(program: Command, world: World, act: Act): void {
  const facts = program.command('facts').description('Print what hosts say about themselves.');
  for (const add of [projectFlags, connectionFlags]) add(facts);
  facts
    .argument('[pattern]', 'hosts, as playbooks name them', 'all')
    .option('--kind <kind>', 'ask for facts of this kind as well, for example stat')
    .option('--key <key...>', 'the keys of that kind, for example /etc/fstab', [])
    .addOption(
      new Option('--format <format>', 'how they are written').choices(['text', 'json']).default('text'),
    )
    .action((pattern: string, flags: FactsFlags) =>
      act(async () => (await import('./facts.ts')).facts(pattern, flags, world)),
    );
  const exec = program.command('exec').description('Run a command on many hosts at once.');
  for (const add of [projectFlags, connectionFlags]) add(exec);
  exec
    .argument('<pattern>', 'hosts, as playbooks name them')
    .argument('<command...>', 'the words of the command behind --; a single one is a line of shell')
    .option('--timeout <duration>', 'of the command on each host', '5m')
    .addOption(
      new Option('--format <format>', 'how output is written').choices(['text', 'json']).default('text'),
    )
    .action((pattern: string, words: string[], flags: ExecFlags) =>
      act(async () => (await import('./exec.ts')).exec({pattern, words}, flags, world)),
    );
}

function addReset(program: Command, world: World, act: Act): void {
  const reset = program
    .command('reset')
    .description('Take hosts out of their cluster, and remove all that was installed on them. Asks first.');
  for (const add of [checkFlag, runFlags, projectFlags, limitFlag, outputFlags, connectionFlags]) add(reset);
  reset
    .argument('[inventory...]', 'inventory files or directories')
    .action((inventory: string[], flags: ResetFlags) =>
      act(async () => (await import('./converge.ts')).reset(inventory, flags, world)),
    );
}

/** Commands that were made elsewhere report their mistakes in the same way. */
function inheriting(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheriting(command, child);
  return command;
}
