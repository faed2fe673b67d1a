import type {Argument, Command, Option} from 'commander';
import {describeOption} from './flags.ts';

/** The whole command line as Markdown: what `--help` says, command by command. */
export function manual(program: Command): string {
  return [
    '# Command line',
    '',
    'Made from the program itself by `npx vitest run test/cli/manual.test.ts -u`: do not edit.',
    'Exit codes are explained in [exit-codes.md](exit-codes.md).',
    '',
    ...chapter(program, program.name()),
  ].join('\n');
}

function chapter(command: Command, path: string): readonly string[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  return [
    `## \`${usageOf(command, path)}\``,
    '',
    command.description(),
    '',
    ...argumentRows(command.registeredArguments),
    ...optionTables(command.options),
    ...children.flatMap((child) => chapter(child, `${path} ${child.name()}`)),
  ];
}

const usageOf = (command: Command, path: string): string => `${path} ${command.usage()}`.trim();

function argumentRows(all: readonly Argument[]): readonly string[] {
  const told = all.filter(({description}) => description !== '');
  if (told.length === 0) return [];
  const rows = told.map((argument) => row(`\`${argument.name()}\``, argument.description));
  return ['| argument | |', '|---|---|', ...rows, ''];
}

/** Each group of options is a table of its own, as in the help. */
function optionTables(all: readonly Option[]): readonly string[] {
  const groups = new Map<string, Option[]>();
  for (const option of all.filter(({hidden}) => !hidden)) {
    const heading = (option.helpGroupHeading ?? 'Options:').replace(/:$/, '');
    groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  return [...groups].flatMap(([heading, options]) => [
    `| ${heading} | |`,
    '|---|---|',
    ...options.map((option) => row(`\`${option.flags}\``, describeOption(option))),
    '',
  ]);
}

/** A bar would end the cell. */
const row = (name: string, text: string): string =>
  `| ${name.replaceAll('|', '\\|')} | ${text.replaceAll('|', '\\|')} |`;
