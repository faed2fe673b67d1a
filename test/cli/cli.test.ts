import {expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {labCommand} from '../../src/cli/lab.ts';
import {labByName} from '../../src/cli/program.ts';
import {FakeWorld} from './fake-world.ts';

async function provision(
  ...words: readonly string[]
): Promise<{readonly code: number; readonly world: FakeWorld}> {
  const world = new FakeWorld();
  return {code: await runCli(words, world), world};
}

test('the version goes to stdout', async () => {
  const {code, world} = await provision('--version');
  expect(world.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(code).toBe(0);
});

test('help goes to stdout', async () => {
  const {code, world} = await provision('--help');
  expect(world.stdout).toContain('Usage: provision [options] [command] [inventory...]');
  expect(world.stderr).toBe('');
  expect(code).toBe(0);
});

test.each(['plan', 'apply', 'validate', 'graph', 'vars', 'facts', 'exec', 'lab'])(
  '%s explains itself',
  async (name) => {
    const {code, world} = await provision('help', name);
    expect(world.stdout).toContain(`Usage: provision ${name}`);
    expect(code).toBe(0);
  },
);

test('a misspelt command gets a suggestion', async () => {
  const {code, world} = await provision('plna');
  expect(world.stderr).toBe(
    [
      'error[E601]: Invalid command line',
      '  "plna" is neither a command nor an inventory file.',
      '  hint: Did you mean `provision plan`?',
      '',
      '1 error',
      '',
    ].join('\n'),
  );
  expect(code).toBe(2);
});

test('a misspelt option gets a suggestion', async () => {
  const {code, world} = await provision('plan', '--otuput', 'plain');
  expect(world.stderr).toContain("Unknown option '--otuput'.\n  hint: Did you mean --output?");
  expect(code).toBe(2);
});

test.each([['--forks', '0'], ['--forks', 'many'], ['--output', 'loud'], ['--limit']])(
  'the words %j are a mistake on the command line',
  async (...words) => {
    const {code, world} = await provision('plan', 'hosts.yaml', ...words);
    expect(world.stderr).toContain('error[E601]');
    expect(code).toBe(2);
  },
);

test('without an inventory there is a hint', async () => {
  const {code, world} = await provision();
  expect(world.stderr).toContain('PROVISION_INVENTORY');
  expect(code).toBe(2);
});

test('a command that needs a second word shows which there are', async () => {
  const {code, world} = await provision('vars');
  expect(world.stderr).toContain('explain [options] <host> <name>');
  expect(code).toBe(2);
});

test('where nobody can be asked, changing hosts is refused before anything is read', async () => {
  const {code, world} = await provision('no-such-inventory.yaml');
  expect(world.stderr).toContain('There is no terminal on which to ask');
  expect(code).toBe(2);
});

test('the lab is named as it names itself', () => {
  const lab = labCommand(new FakeWorld(), () => {});
  expect(labByName().description()).toBe(lab.description());
});
