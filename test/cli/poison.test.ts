import {readdirSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {TempProject} from '../support/project.ts';
import {FakeWorld} from './fake-world.ts';
import {envOf, fakeIdentity} from './own-machine.ts';

const POISON = 'p0ison-4711';

/** A role that writes a secret into a file, and then runs a command that prints it and fails. */
async function poisoned(): Promise<TempProject> {
  const project = await TempProject.of({
    'cluster.yaml': '- {play: leak, hosts: all, roles: [leaky]}\n',
    'roles/leaky/role.yaml': 'summary: Cannot keep a secret.\n',
    'roles/leaky/schema.json': JSON.stringify({
      type: 'object',
      properties: {
        token: {type: 'string', description: 'A secret.', 'x-secret': true},
        folder: {type: 'string', description: 'Where it is written.'},
      },
    }),
    'roles/leaky/tasks/main.yaml': [
      '- id: file',
      '  name: Write the token',
      '  copy: {dest: "{{ folder }}/token", content: "token: {{ token }}\\n", mode: "0600"}',
      '- id: command',
      '  name: Use the token',
      '  command:',
      '    cmd: \'echo "used $TOKEN"; echo "refused: $TOKEN" >&2; exit 7\'',
      '    environment: {TOKEN: "{{ token }}"}',
      '    creates: "{{ folder }}/never"',
      '',
    ].join('\n'),
  });
  await project.write({
    'hosts.yaml': [
      'all:',
      '  vars:',
      `    {ansible_connection: local, ansible_become: false, folder: ${project.folder}, token: !env POISON}`,
      '  hosts: {a: {}}',
      '',
    ].join('\n'),
  });
  await fakeIdentity(project);
  return project;
}

async function provision(project: TempProject, ...words: readonly string[]): Promise<FakeWorld> {
  const world = new FakeWorld({env: {...envOf(project), POISON}});
  const files = ['--playbook', project.path('cluster.yaml'), '-i', project.path('hosts.yaml')];
  await runCli([...words, ...files], world);
  return world;
}

test.each(['plain', 'terminal', 'ndjson'])(
  'a secret that a host prints is not in the %s view',
  async (output) => {
    await using project = await poisoned();
    const report = project.path('report.ndjson');
    const world = await provision(project, '--yes', '-vv', '--diff', '--output', output, '--report', report);
    const shown = [world.stdout, world.stderr, readFileSync(report, 'utf8')];
    expect(readFileSync(project.path('token'), 'utf8')).toBe(`token: ${POISON}\n`);
    expect(shown.map((text) => text.includes('refused: ***'))).toEqual([true, false, true]);
    expect(shown.filter((text) => text.includes(POISON))).toEqual([]);
  },
);

test('a secret is not in any form of a plan or a graph', async () => {
  await using project = await poisoned();
  const worlds = [
    await provision(project, 'plan', '--diff', '-vv', '--out', project.path('saved.plan')),
    await provision(project, 'plan', '--format', 'json'),
    await provision(project, 'graph', '--format', 'json'),
    await provision(project, 'graph', '--format', 'svg'),
    await provision(project, 'vars', 'explain', 'a', 'token'),
  ];
  const shown = worlds.flatMap(({stdout, stderr}) => [stdout, stderr]);
  expect(worlds.map(({stderr}) => stderr).filter((text) => text.includes('error'))).toEqual([]);
  expect(
    [...shown, readFileSync(project.path('saved.plan'), 'utf8')].filter((text) => text.includes(POISON)),
  ).toEqual([]);
});

test.each(['plan', 'plan --format json', '--check', '--yes'])(
  'a secret that a host tells before anything is done is not shown: %s',
  async (words) => {
    await using project = await poisoned();
    await project.write({
      log: `refused: ${POISON}\n`,
      'roles/leaky/tasks/main.yaml': [
        '- id: file',
        '  name: Write the token',
        '  copy: {dest: "{{ folder }}/token", content: "{{ token }}", mode: "0600"}',
        '- id: check',
        '  name: Check the log',
        '  check:',
        '    facts: {log: {content: "{{ folder }}/log"}}',
        '    assert: log == null',
        '    message: It was refused.',
        '    found: log',
        '',
      ].join('\n'),
    });
    const {stdout, stderr} = await provision(project, ...words.split(' '));
    expect(stdout).toContain('refused: ***');
    expect(`${stdout}${stderr}`).not.toContain(POISON);
  },
);

test('nothing that a run leaves in its folder holds the secret, but for the file that is meant to', async () => {
  await using project = await poisoned();
  await provision(project, '--yes', '--report', project.path('report.ndjson'));
  const files = readdirSync(project.folder, {recursive: true, withFileTypes: true}).filter((entry) =>
    entry.isFile(),
  );
  const holding = files.filter(({parentPath, name}) =>
    readFileSync(`${parentPath}/${name}`, 'utf8').includes(POISON),
  );
  expect(holding.map(({name}) => name)).toEqual(['token']);
});
