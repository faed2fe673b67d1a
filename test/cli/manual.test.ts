import {readFileSync} from 'node:fs';
import type {Command} from 'commander';
import {expect, test} from 'vitest';
import {EXIT} from '../../src/cli/exit-codes.ts';
import {labCommand} from '../../src/cli/lab.ts';
import {manual} from '../../src/cli/manual.ts';
import {createProgram} from '../../src/cli/program.ts';
import {FakeWorld} from './fake-world.ts';

const world = new FakeWorld();
const program = createProgram(
  world,
  () => {},
  labCommand(world, () => {}),
);
const everything = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(everything),
];

test('docs/cli.md is what the program says of itself', async () => {
  await expect(manual(program)).toMatchFileSnapshot('../../docs/cli.md');
});

test('every command, argument and option is described', () => {
  const silent = everything(program).flatMap((command) => [
    ...(command.description() === '' ? [command.name()] : []),
    ...command.options
      .filter(({description}) => description === '')
      .map(({flags}) => `${command.name()} ${flags}`),
  ]);
  expect(silent).toEqual([]);
});

test('every exit code is documented', () => {
  const text = readFileSync(new URL('../../docs/exit-codes.md', import.meta.url), 'utf8');
  const missing = Object.values(EXIT).filter((code) => !text.includes(`| ${code} |`));
  expect(missing).toEqual([]);
});

test('options that mean the same are written the same everywhere', () => {
  const byName = new Map<string, Set<string>>();
  for (const {options} of everything(program)) {
    for (const {long, flags, description} of options) {
      const key = `${flags}: ${description}`;
      byName.set(long ?? '', (byName.get(long ?? '') ?? new Set()).add(key));
    }
  }
  const shared = ['--inventory', '--extra-vars', '--forks', '--limit', '--report', '--output', '--playbook'];
  expect(shared.filter((name) => (byName.get(name)?.size ?? 0) !== 1)).toEqual([]);
});
