import {readFile} from 'node:fs/promises';
import {expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {TempProject} from '../support/project.ts';
import {FakeWorld} from './fake-world.ts';

const ROLE = {
  'roles/motd/role.yaml': 'summary: Says something to who logs in.\nentrypoints: {install: [install]}\n',
  'roles/motd/schema.json': '{"type": "object", "properties": {"motd": {"type": "string"}}}',
  'roles/motd/defaults.yaml': 'motd: Welcome.\n',
  'roles/motd/tasks/install.yaml': `
- id: file
  name: Write the message
  copy: {dest: /etc/motd, content: "{{ motd }}", mode: "0644"}
- id: service
  name: Run what shows it
  systemd_unit: {name: motd.service, state: started, restart_on: [/etc/motd]}
`,
} as const;

const INVENTORY = 'inventory: {all: {hosts: {node1: {}}}}\n';
const CASE = 'roles/motd/test/case.yaml';
const BARE = `plan: |
  + Write the message (copy /etc/motd)
  + Run what shows it (systemd_unit motd.service)
  Plan: 2 to create.
`;

interface Ended {
  readonly exitCode: number;
  readonly world: FakeWorld;
  readonly written: string;
}

/** `provision test` on one case of the role, or on other words. */
async function tested(text: string, ...words: readonly string[]): Promise<Ended> {
  await using project = await TempProject.of({...ROLE, [CASE]: text});
  const world = new FakeWorld();
  const exitCode = await runCli(['test', project.path('roles/motd'), ...words], world);
  return {exitCode, world, written: await readFile(project.path(CASE), 'utf8')};
}

test('a plan that is as written is ok', async () => {
  const {exitCode, world} = await tested(`summary: A bare host\n${INVENTORY}${BARE}`);
  expect(world.stderr).toBe('');
  expect(world.stdout).toMatch(/^ok {7}motd: A bare host \(.*\/case\.yaml\)\n1 test: 1 ok\.\n$/);
  expect(exitCode).toBe(0);
});

test('a plan that is another one is shown line by line, and fails', async () => {
  const {exitCode, world} = await tested(
    `summary: A bare host\n${INVENTORY}${BARE.replace('the message', 'a message')}`,
  );
  expect(world.stdout.replace(/\S+\/(?=roles\/motd$)/m, '')).toContain(`
  @@ -1,3 +1,3 @@
  -+ Write a message (copy /etc/motd)
  ++ Write the message (copy /etc/motd)
   + Run what shows it (systemd_unit motd.service)
   Plan: 2 to create.
1 test: 1 failed.
Where the new plan is what is meant: provision test --update roles/motd
`);
  expect(exitCode).toBe(1);
});

test('hosts are as a run with other variables left them, and what is told of them is true all the same', async () => {
  const {exitCode, world} = await tested(`summary: Another message restarts what shows it
${INVENTORY}converged_with: {motd: Old.}
plan: |
  ~ Write the message (copy /etc/motd)
      content: (digest) -> (digest)
  ~ Run what shows it (systemd_unit motd.service), restart
      restart for: /etc/motd
  Plan: 2 to update; 1 restart.
`);
  expect(world.stdout).toContain('1 ok');
  expect(exitCode).toBe(0);
  const drifted = await tested(`summary: Somebody has stopped it
${INVENTORY}converged_with: {}
hosts: {node1: {facts: {unit motd.service: {active: failed, sub: failed, result: exit-code, invocation: b}}}}
plan: |
  ~ Run what shows it (systemd_unit motd.service)
      active: failed -> active
  Plan: 1 to update.
`);
  expect(drifted.world.stdout).toContain('1 ok');
});

test('the example in the manual is one', async () => {
  const manual = await readFile(new URL('../../docs/writing-roles.md', import.meta.url), 'utf8');
  const [, example = ''] = /```yaml\n(# roles\/motd\/test\/.*?)```/s.exec(manual) ?? [];
  expect((await tested(example)).world.stdout).toContain('1 ok');
});

test('a host that the run before has left out is bare, and plays may be others than the role alone', async () => {
  const {world} = await tested(`summary: One of two is new
inventory: {all: {hosts: {node1: {}, node2: {}}}}
plays:
  - {play: all, hosts: all, roles: [motd]}
converged_with: {}
hosts: {node2: {bare: true}}
plan: |
  + Write the message (copy /etc/motd): node2
  + Run what shows it (systemd_unit motd.service): node2
  Plan: 2 to create.
`);
  expect(world.stdout).toContain('1 ok');
});

test('a fact that nothing asks for is a mistake with the question that was probably meant', async () => {
  const {exitCode, world} = await tested(`summary: Stale
${INVENTORY}hosts:
  node1:
    facts:
      digest /etc/motdd: null
${BARE}`);
  expect(world.stderr.replace(/--> .*\/case/, '--> case')).toContain(`error[E408]: Unused fact of a test
  --> case.yaml:6:7
    |
  6 |       digest /etc/motdd: null
    |       ^^^^^^^^^^^^^^^^^
  No task of this test asks node1 for "digest /etc/motdd", so it changes nothing.
  hint: Did you mean "digest /etc/motd"?
`);
  expect(world.stdout).toContain('mistaken motd: Stale');
  expect(exitCode).toBe(2);
});

test('a fact may be told by a pattern, which has to match as well', async () => {
  const {world} = await tested(`summary: A pattern
${INVENTORY}hosts:
  node1:
    facts:
      followed /et*: null
      "* /nowhere/*": null
`);
  expect(world.stderr).toContain('asks node1 for "* /nowhere/*"');
  expect(world.stderr).not.toContain('"followed /et*"');
  expect(world.stderr).toContain(
    'hint: Kinds that it is asked for: digest, followed, unit, unit_file, unit_start.',
  );
});

test('a secret that a told fact holds is shown by no plan', async () => {
  const role = `
- id: check
  name: Look whether anybody was refused
  check: {facts: {log: {content: /var/log/motd}}, assert: log == null, message: One was., found: log}
`;
  await using project = await TempProject.of({
    ...ROLE,
    'roles/motd/tasks/install.yaml': role,
    [CASE]: `summary: x
inventory: {all: {hosts: {node1: {}}, vars: {motd: !secret hunter22}}}
hosts: {node1: {facts: {content /var/log/motd: "refused: hunter22"}}}
plan: none
`,
  });
  const world = new FakeWorld();
  expect(await runCli(['test', project.path('roles')], world)).toBe(1);
  expect(world.stdout).toContain('One was. refused: ***');
  expect(`${world.stdout}${world.stderr}`).not.toContain('hunter22');
});

test.each([
  ['sumary: x\n', 'E103', 'Did you mean "summary"?'],
  ['summary: x\nhosts: {node1: {profile: {arhc: arm64}}}\n', 'E103', 'Did you mean "arch"?'],
  ['summary: x\nhosts: {node2: {}}\n', 'E203', 'has no host "node2"'],
  ['summary: x\nplays: [{play: all, hosts: all, roles: [mtod]}]\n', 'E401', 'Did you mean "motd"?'],
  ['summary: x\n', 'E104', 'provision test --update'],
  [
    'summary: x\nhosts: {node1: {facts: {unit_start *: 5, digest *: {a: 1}, unit *: null, stat *: 7}}}\n',
    'E105',
    'no plan can be made',
  ],
])('a mistake in a test is told in its place: %j', async (text, code, told) => {
  const {exitCode, world} = await tested(`${text}${INVENTORY}`);
  expect(world.stderr).toContain(`error[${code}]`);
  expect(world.stderr).toMatch(/--> .*case\.yaml:\d+:\d+/);
  expect(world.stderr).toContain(told);
  expect(exitCode).toBe(2);
});

test('--update writes the plan and leaves every other character as it was', async () => {
  const before = `# Why this is tested.\nsummary:   A bare host   # in a word\nplan: |\n  old\n\n# Below it.\n${INVENTORY}`;
  const {exitCode, world, written} = await tested(before, '--update');
  expect(world.stdout).toContain('1 updated');
  expect(exitCode).toBe(0);
  expect(written).toBe(before.replace('plan: |\n  old\n', BARE));
});

test.each([
  ['where there was none', `summary: x\n${INVENTORY}`],
  ['where there was another form of text', `summary: x\nplan: nothing\n${INVENTORY}`],
  ['where the file has no line break at its end', `${INVENTORY}summary: x`],
])('--update writes a plan %s, and then it is ok', async (_, text) => {
  const {written} = await tested(text, '--update');
  expect(written).toContain(BARE);
  expect((await tested(written)).world.stdout).toContain('1 ok');
});

test('--update leaves a map in braces alone, and says so', async () => {
  const text = '{summary: x, inventory: {all: {hosts: {node1: {}}}}, plan: ""}\n';
  const {exitCode, world, written} = await tested(text, '--update');
  expect(written).toBe(text);
  expect(world.stderr).toContain('The plan cannot be written into a map in braces.');
  expect(exitCode).toBe(2);
});

test.each([
  ['roles/none', 'There is no "'],
  ['roles/motd/role.yaml', 'is no test of a role'],
  ['roles/motd/tasks', 'is no role, and no folder of roles'],
  ['roles', 'has tests'],
])('what is no test, or has none, is a mistake on the command line: %s', async (path, told) => {
  await using project = await TempProject.of(ROLE);
  const world = new FakeWorld();
  expect(await runCli(['test', project.path(path)], world)).toBe(2);
  expect(world.stderr).toContain('error[E601]');
  expect(world.stderr).toContain(told);
});

test('a test is found by its file, by its role and by the folder of roles, and is made once', async () => {
  await using project = await TempProject.of({...ROLE, [CASE]: `summary: A bare host\n${INVENTORY}${BARE}`});
  const world = new FakeWorld();
  const paths = [CASE, 'roles/motd', 'roles'].map((path) => project.path(path));
  expect(await runCli(['test', ...paths], world)).toBe(0);
  expect(world.stdout).toContain('1 test: 1 ok.');
});
