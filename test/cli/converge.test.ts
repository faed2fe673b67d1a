import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {TempProject} from '../support/project.ts';
import {FakeWorld} from './fake-world.ts';
import {envOf, fakeIdentity} from './own-machine.ts';

/** This machine, and a role that writes one file in two languages. */
async function projectOf(greeting: string): Promise<TempProject> {
  const project = await TempProject.of({});
  await project.write({
    'hosts.yaml': [
      'all:',
      '  vars:',
      `    {ansible_connection: local, ansible_become: false, folder: ${project.path('out')}}`,
      '  children: {lab: {hosts: {a: {goodbye: bye}}, vars: {goodbye: ciao}}}',
      '',
    ].join('\n'),
    'out/kept': '',
    'cluster.yaml': `- {play: greet, hosts: all, roles: [polite], vars: {greeting: ${greeting}}}\n`,
    'roles/polite/role.yaml': 'summary: Says hello.\n',
    'roles/polite/schema.json': JSON.stringify({
      type: 'object',
      properties: {
        greeting: {type: 'string', description: 'What is said first.', 'x-secret': true},
        goodbye: {type: 'string', description: 'What is said last.'},
        folder: {type: 'string', description: 'Where it is said.'},
      },
    }),
    'roles/polite/defaults.yaml': 'greeting: nothing\ngoodbye: nothing\n',
    'roles/polite/tasks/main.yaml': [
      '- id: greeting',
      '  name: Write the greeting',
      '  tags: [first]',
      '  copy: {dest: "{{ folder }}/greeting", content: "{{ greeting }}\\n", mode: "0600"}',
      '- id: goodbye',
      '  name: Write the goodbye',
      '  copy: {dest: "{{ folder }}/goodbye", content: "{{ goodbye }}\\n", mode: "0600"}',
      '',
    ].join('\n'),
  });
  await fakeIdentity(project);
  return project;
}

async function provision(
  project: TempProject,
  words: readonly string[],
  person: {readonly isInteractive?: boolean; readonly answers?: readonly string[]} = {},
): Promise<{readonly code: number; readonly world: FakeWorld}> {
  const world = new FakeWorld({...person, env: envOf(project)});
  const isApply = words[0] === 'apply';
  const files = ['--playbook', project.path('cluster.yaml'), '-i', project.path('hosts.yaml')];
  return {code: await runCli([...words, ...(isApply ? [] : files)], world), world};
}

/** Somebody types Ctrl-C as soon as a run listens to it. */
class InterruptedWorld extends FakeWorld {
  override onInterrupt(listener: () => void): () => void {
    queueMicrotask(listener);
    return super.onInterrupt(listener);
  }
}

const read = (project: TempProject, name: string): string => readFileSync(project.path('out', name), 'utf8');

test('hosts are brought to what is wanted, and a second run finds nothing to do', async () => {
  await using project = await projectOf('hi');
  const first = await provision(project, ['--yes']);
  expect(first.world.stderr).toBe('');
  expect(first.world.stdout).toContain('Plan: 2 to create.');
  expect(first.world.stdout).toContain('2 changed, 0 ok, 0 skipped, 0 failed, 0 unreachable.');
  expect([read(project, 'greeting'), read(project, 'goodbye')]).toEqual(['hi\n', 'bye\n']);
  expect(first.code).toBe(0);
  const second = await provision(project, ['--yes']);
  expect(second.world.stdout).toContain('Nothing to do: 1 host is as wanted.');
  expect(second.code).toBe(0);
});

test('--check changes nothing', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['--check', '--diff']);
  expect(world.stdout).toContain('+bye\n');
  expect(existsSync(project.path('out', 'greeting'))).toBe(false);
  expect(code).toBe(0);
});

test('without consent nothing changes', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, [], {isInteractive: true, answers: ['no']});
  expect(world.questions).toHaveLength(1);
  expect(existsSync(project.path('out', 'greeting'))).toBe(false);
  expect(code).toBe(130);
});

test('with consent the plan is applied', async () => {
  await using project = await projectOf('hi');
  const {code} = await provision(project, [], {isInteractive: true, answers: ['yes']});
  expect(read(project, 'greeting')).toBe('hi\n');
  expect(code).toBe(0);
});

test('tags choose what changes', async () => {
  await using project = await projectOf('hi');
  await provision(project, ['--yes', '--skip-tags', 'first']);
  expect(existsSync(project.path('out', 'greeting'))).toBe(false);
  expect(read(project, 'goodbye')).toBe('bye\n');
});

test('-e wins over everything', async () => {
  await using project = await projectOf('hi');
  await provision(project, ['--yes', '-e', 'greeting=hey']);
  expect(read(project, 'greeting')).toBe('hey\n');
});

test('events go to stdout, and a report is written beside any view', async () => {
  await using project = await projectOf('hi');
  const report = project.path('run.ndjson');
  const {world} = await provision(project, ['--yes', '--output', 'ndjson', '--report', report]);
  expect(readFileSync(report, 'utf8')).toBe(world.stdout);
  const last: unknown = JSON.parse(world.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({
    type: 'run-finished',
    exitCode: 0,
    summary: {ok: 0, changed: 2, skipped: 0, failed: 0, unreachable: 0},
  });
  expect(statSync(report).mode & 0o777).toBe(0o600);
});

test('a report that cannot be written is a mistake before anything runs', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['--yes', '--report', project.path('none', 'run.ndjson')]);
  expect(world.stderr).toContain('The report cannot be written');
  expect(existsSync(project.path('out', 'greeting'))).toBe(false);
  expect(code).toBe(2);
});

test('a mistake is the end of a run for those who read its events, and no report of another run is left', async () => {
  await using project = await projectOf('[1]');
  await project.write({'run.ndjson': '{"type":"run-finished","exitCode":0}\n'});
  const report = project.path('run.ndjson');
  for (const words of [['--yes'], ['--check'], ['plan'], ['apply', project.path('none')]]) {
    const {code, world} = await provision(project, [...words, '--output', 'ndjson', '--report', report]);
    expect(JSON.parse(world.stdout)).toMatchObject({
      type: 'run-finished',
      exitCode: 2,
      summary: {ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0},
    });
    expect(readFileSync(report, 'utf8')).toBe(world.stdout);
    expect(world.stderr).toContain('error[E');
    expect(code).toBe(2);
  }
});

test('a plan that cannot be written is a mistake before any host is looked at', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['plan', '--out', project.path('none', 'next.plan')]);
  expect(world.stderr).toMatch(/^error\[E601\][^]*The plan cannot be written/);
  expect(world.stderr).not.toContain('run ');
  expect(code).toBe(2);
});

test('a plan that was interrupted is none, and leaves no file behind', async () => {
  await using project = await projectOf('hi');
  const plan = project.path('next.plan');
  const world = new InterruptedWorld({env: envOf(project)});
  const files = ['--playbook', project.path('cluster.yaml'), '-i', project.path('hosts.yaml')];
  const code = await runCli(['plan', '--out', plan, ...files], world);
  expect(world.stdout).toBe('');
  expect(world.stderr).toMatch(/\nStopped after \S+: nothing was changed\.\n$/);
  expect(code).toBe(130);
  expect(existsSync(plan)).toBe(false);
});

test('a plan stands alone on stdout, and says by its exit code that changes are pending', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['plan', '--detailed-exitcode']);
  expect(world.stdout).toMatch(
    /^ {2}\+ Write the greeting \(copy \S+greeting\)\n[^]*\nPlan: 2 to create\.\n$/,
  );
  expect(world.stderr).toMatch(/^run \w+: 2 tasks on 1 host\n\nDone after .*\.\n$/);
  expect(code).toBe(3);
});

test('a plan as JSON can be read', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['plan', '--format', 'json']);
  expect(JSON.parse(world.stdout)).toMatchObject({format: 1, counts: {actions: {create: 2}}});
  expect(code).toBe(0);
});

test('a saved plan is applied without a question', async () => {
  await using project = await projectOf('hi');
  const plan = project.path('next.plan');
  await provision(project, ['plan', '--out', plan]);
  const {code, world} = await provision(project, ['apply', plan]);
  expect(world.stderr).toBe('');
  expect(read(project, 'greeting')).toBe('hi\n');
  expect(code).toBe(0);
});

test('a saved plan that no longer fits changes nothing', async () => {
  await using project = await projectOf('hi');
  const plan = project.path('next.plan');
  await provision(project, ['plan', '--out', plan]);
  writeFileSync(project.path('out', 'greeting'), 'something else\n');
  const {code, world} = await provision(project, ['apply', plan]);
  expect(world.stderr).toContain('error[E604]: Plan does not fit');
  expect(read(project, 'greeting')).toBe('something else\n');
  expect(existsSync(project.path('out', 'goodbye'))).toBe(false);
  expect(code).toBe(2);
});

test('a saved plan one change of which was made by hand is refused as a whole', async () => {
  await using project = await projectOf('hi');
  const plan = project.path('next.plan');
  await provision(project, ['plan', '--out', plan]);
  await provision(project, ['--yes', '--tags', 'first']);
  const {code, world} = await provision(project, ['apply', plan]);
  expect(world.stdout).toMatch(/\nStopped after \S+: nothing was changed\.\n$/);
  expect(world.stderr).toContain('error[E604]: Plan does not fit');
  expect(world.stderr).toContain('a/greet/polite/greeting was to change, and is as wanted already.');
  expect(existsSync(project.path('out', 'goodbye'))).toBe(false);
  expect(code).toBe(2);
});

test('a plan that was made with -e asks for it again', async () => {
  await using project = await projectOf('hi');
  const plan = project.path('next.plan');
  await provision(project, ['plan', '--out', plan, '-e', 'greeting=hey']);
  const refused = await provision(project, ['apply', plan]);
  expect(refused.world.stderr).toContain('Give the same -e again.');
  expect(refused.code).toBe(2);
  const {code} = await provision(project, ['apply', plan, '-e', 'greeting=hey']);
  expect(read(project, 'greeting')).toBe('hey\n');
  expect(code).toBe(0);
});

test('a project without mistakes is summed up', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['validate']);
  expect(world.stdout).toBe('No mistakes: 1 host, 1 play, 2 tasks.\n');
  expect(code).toBe(0);
});

test('all mistakes of a project are shown with their places', async () => {
  await using project = await projectOf('[1]');
  const {code, world} = await provision(project, ['validate']);
  expect(world.stderr).toContain('error[E105]');
  expect(world.stderr).toContain('cluster.yaml:1:');
  expect(code).toBe(2);
});

test('mistakes as JSON have their places too', async () => {
  await using project = await projectOf('[1]');
  const {code, world} = await provision(project, ['validate', '--format', 'json']);
  expect(JSON.parse(world.stdout)).toMatchObject([{code: 'E105', at: {line: 1}}]);
  expect(code).toBe(2);
});

test('a project without mistakes is an empty list of them', async () => {
  await using project = await projectOf('hi');
  const {world} = await provision(project, ['validate', '--format', 'json']);
  expect(world.stdout).toBe('[]\n');
});

test('a variable is explained by all who set it, the winner first', async () => {
  await using project = await projectOf('hi');
  const words = ['vars', 'explain', 'a', 'goodbye', '-e', 'goodbye="{{ inventory_hostname }}!"'];
  const {world} = await provision(project, words);
  expect(world.stderr).toBe('');
  expect(world.stdout.replaceAll(/\S*\//g, '')).toBe(
    [
      'goodbye = "a!"',
      '  from   "{{ inventory_hostname }}!"',
      '  set by -e (command-line) at -e:1:1',
      '  beats  host a (host) at hosts.yaml:4:32: "bye"',
      '  beats  group lab (group) at hosts.yaml:4:55: "ciao"',
      '  beats  role polite (role-defaults) at defaults.yaml:2:1: "nothing"',
      '',
    ].join('\n'),
  );
});

test('a variable of a play is explained for its hosts', async () => {
  await using project = await projectOf('hi');
  const {world} = await provision(project, ['vars', 'explain', 'a', 'greeting']);
  expect(world.stdout).toMatch(
    /^greeting = "hi"\n {2}set by play greet \(playbook\) at .*cluster\.yaml:1:\d+\n/,
  );
});

test('a variable that nobody sets gets a suggestion', async () => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['vars', 'explain', 'a', 'goodby']);
  expect(world.stderr).toContain('error[E306]');
  expect(world.stderr).toContain('Did you mean "goodbye"?');
  expect(code).toBe(2);
});

test('where a role has mistakes, the inventory is explained all the same', async () => {
  await using project = await projectOf('hi');
  await project.write({'roles/polite/tasks/main.yaml': '- no task\n'});
  const {code, world} = await provision(project, ['vars', 'explain', 'a', 'goodbye']);
  expect(world.stderr).toContain('only inventory and command line are looked at');
  expect(world.stdout).toContain('goodbye = "bye"');
  expect(code).toBe(0);
});

test('a secret is named, not shown', async () => {
  await using project = await projectOf('hi');
  const words = ['vars', 'explain', 'a', 'greeting', '-e', '{greeting: !secret p0ison}'];
  const {world} = await provision(project, words);
  expect(world.stderr).toBe('');
  expect(world.stdout).toContain('greeting = "(secret)"');
  expect(world.stdout).not.toContain('p0ison');
});

test('a graph says what each task waits for, and why', async () => {
  await using project = await projectOf('hi');
  const [first, second] = ['a/greet/polite/greeting', 'a/greet/polite/goodbye'];
  const {code, world} = await provision(project, ['graph', '--why', first, second]);
  expect(world.stderr).toBe('');
  expect(world.stdout).toContain('main.yaml:5:');
  expect(code).toBe(0);
});

test.each([
  {format: 'text', begins: 'play greet'},
  {format: 'dot', begins: 'digraph provision {'},
  {format: 'json', begins: '{'},
  {format: 'svg', begins: '<svg '},
])('a graph can be written as $format', async ({format, begins}) => {
  await using project = await projectOf('hi');
  const {code, world} = await provision(project, ['graph', '--format', format]);
  expect(world.stdout.startsWith(begins)).toBe(true);
  expect(code).toBe(0);
});

test('a question about a task that does not exist gets a suggestion', async () => {
  await using project = await projectOf('hi');
  const words = ['graph', '--why', 'a/greet/polite/greting', 'a/greet/polite/goodbye'];
  const {code, world} = await provision(project, words);
  expect(world.stderr).toContain('There is no task "a/greet/polite/greting".');
  expect(code).toBe(2);
});

test('an inventory behind the two tasks of --why is one', async () => {
  await using project = await projectOf('hi');
  const tasks = ['a/greet/polite/greeting', 'a/greet/polite/goodbye'];
  const world = new FakeWorld({env: envOf(project)});
  const playbook = ['--playbook', project.path('cluster.yaml')];
  const code = await runCli(['graph', ...playbook, '--why', ...tasks, project.path('hosts.yaml')], world);
  expect(world.stderr).toBe('');
  expect(code).toBe(0);
});

test('what a play sets for one of its roles alone is explained as well', async () => {
  await using project = await projectOf('hi');
  const play = '- {play: greet, hosts: all, roles: [{role: polite, vars: {goodbye: adieu}}]}\n';
  await project.write({'cluster.yaml': play});
  const {world} = await provision(project, ['vars', 'explain', 'a', 'goodbye']);
  expect(world.stdout).toMatch(/^goodbye = "adieu"\n {2}set by role polite of play greet \(playbook\)/);
});

test('a machine that the inventory has twice is not said to be locked by another', async () => {
  await using project = await projectOf('hi');
  const line = `all: {vars: {ansible_connection: local, ansible_become: false}, hosts: {a: {folder: /p/a}, b: {folder: /p/b}}}\n`;
  await project.write({'hosts.yaml': line.replaceAll('/p/', project.path('out/'))});
  await project.write({'out/a/kept': '', 'out/b/kept': ''});
  const {code, world} = await provision(project, ['--yes']);
  expect(code).toBe(5);
  expect(world.stdout + world.stderr).toMatch(/locked by another run .*for another host on the same machine/);
});

test('a bracket that cannot be opened counts as failed', async () => {
  await using project = await projectOf('hi');
  const flag = `{id: flag, name: Flag, file_flag: {path: ${project.path('nowhere/flag')}}}`;
  await project.write({
    'cluster.yaml': `- {play: greet, hosts: all, vars: {greeting: x}, around: [${flag}], roles: [polite]}\n`,
  });
  const {code, world} = await provision(project, ['--yes', '--output', 'ndjson']);
  expect(code).toBe(1);
  const last: unknown = JSON.parse(world.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({summary: {failed: 1, skipped: 2}});
});
