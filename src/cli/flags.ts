import {type Command, InvalidArgumentError, Option} from 'commander';

/** Where hosts and variables come from. */
export interface ProjectFlags {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly user?: string;
  readonly privateKey?: string;
  readonly become?: boolean;
  readonly bundle?: string;
}

/** What may change. */
export interface SelectionFlags {
  readonly playbook?: string;
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly target: readonly string[];
}

/** How hosts are reached. */
export interface ConnectionFlags {
  readonly forks: number;
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly becomePasswordFile?: string;
  readonly knownHosts: readonly string[];
  readonly acceptNewHostKeys?: boolean;
}

/** How a run is told. */
export interface OutputFlags {
  readonly output?: 'terminal' | 'plain' | 'ndjson';
  readonly report?: string;
  readonly verbose?: number;
  readonly timestamps?: boolean;
  readonly diff?: boolean;
}

export interface ConvergeFlags extends ProjectFlags, SelectionFlags, ConnectionFlags, OutputFlags {
  readonly check?: boolean;
  readonly yes?: boolean;
  readonly auditTouches?: boolean;
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];
const collectWords = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  ...value.split(',').filter((word) => word !== ''),
];
const countUp = (_: string, previous = 0): number => previous + 1;

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return number;
}

const list = (flags: string, description: string, parse = collect): Option =>
  new Option(flags, description).argParser(parse).default([]);

export const extraVarsOption = (): Option =>
  list('-e, --extra-vars <vars>', 'variables: NAME=VALUE, @FILE.yaml, or a YAML map');

export const projectFlags = (command: Command): Command =>
  command
    .optionsGroup('Hosts and variables:')
    .addOption(list('-i, --inventory <path>', 'inventory file or directory; may be given several times'))
    .addOption(extraVarsOption())
    .option('-u, --user <name>', 'log in as this user (sets ansible_user)')
    .option(
      '--bundle <file>',
      'send files and images from what `bundle create` wrote, wherever they are else',
    )
    .option('--private-key <file>', 'log in with this key (sets ansible_ssh_private_key_file)')
    .option('-b, --become', 'run tasks as root through sudo (sets ansible_become)');

export const limitFlag = (command: Command): Command =>
  command
    .optionsGroup('What may change:')
    .option('-l, --limit <pattern>', 'change only these hosts, and look at no others than that needs');

export const selectionFlags = (command: Command): Command =>
  limitFlag(command)
    .option('--playbook <name>', 'playbook, by name or as a file (default: "cluster")')
    .addOption(list('-t, --tags <tags>', 'change only tasks with one of these tags', collectWords))
    .addOption(list('--skip-tags <tags>', 'change no task with one of these tags', collectWords))
    .addOption(
      list(
        '--target <task>',
        'change only this task, by its id (`provision graph` lists them); may be given several times',
      ),
    );

export const connectionFlags = (command: Command): Command =>
  command
    .optionsGroup('Connections:')
    .addOption(
      new Option('-f, --forks <n>', 'hosts that are worked on at a time').argParser(positive).default(50),
    )
    .option('-k, --ask-pass', 'ask for the password of the login')
    .option('-K, --ask-become-pass', 'ask for the password of sudo')
    .option('--connection-password-file <file>', 'read the password of the login from a file or descriptor')
    .option('--become-password-file <file>', 'read the password of sudo from a file or descriptor')
    .addOption(list('--known-hosts <file>', 'host keys, instead of ~/.ssh/known_hosts'))
    .option('--accept-new-host-keys', 'trust and remember the keys of hosts that are not known yet');

export const outputFlags = (command: Command): Command =>
  command
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--output <form>',
        'how the run is told (default: terminal on a terminal, else plain)',
      ).choices(['terminal', 'plain', 'ndjson']),
    )
    .option('--report <file>', 'write all events to a file as well, one JSON object a line')
    .option('--timestamps', 'begin each plain line with its time in UTC')
    .option('-D, --diff', 'show how files change, line by line')
    .option('-v, --verbose', 'tell more; twice also shows every command', countUp);

export const checkFlag = (command: Command): Command =>
  command.optionsGroup('How it is done:').option('-C, --check', 'only show what would change');

export const runFlags = (command: Command): Command =>
  command
    .optionsGroup('How it is done:')
    .option('-y, --yes', 'do not ask before the first change')
    .option(
      '--audit-touches',
      'look at everything again after each change, and fail what altered more than it said',
    );

/** What the help says of an option: its choices and its default, where it has one worth saying. */
export function describeOption({description, argChoices, defaultValue}: Option): string {
  const notes = [
    ...(argChoices ? [argChoices.join(', ')] : []),
    ...(typeof defaultValue === 'string' || typeof defaultValue === 'number'
      ? [`default: ${defaultValue}`]
      : []),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}
