import {describe, expect, test} from 'vitest';
import {loadCatalog} from '../../src/catalog/load-catalog.ts';
import {loadRole} from '../../src/catalog/load-role.ts';
import type {Playbook} from '../../src/catalog/nouns.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {toJs} from '../../src/yaml/access.ts';
import {TempProject} from '../support/project.ts';

const KINDS = {resources: new Map([['note', {}]]), brackets: new Map([['window', {}]])};

async function load(files: Readonly<Record<string, string>>) {
  await using project = await TempProject.of(files);
  const problems = new Problems();
  const role = await loadRole('r', project.folder, KINDS, problems);
  return {
    role,
    codes: problems.all.map(({code}) => code),
    details: problems.all.map(({detail}) => detail),
    hints: problems.all.map(({hint}) => hint),
  };
}

const task = (id: string): string => `- {id: ${id}, note: {}}\n`;

describe('the entrypoints of a role', () => {
  test('are its task files where role.yaml names none', async () => {
    const {role} = await load({
      'role.yaml': 'summary: x\n',
      'tasks/install.yaml': task('a'),
      'tasks/remove.yaml': task('b'),
    });
    expect([...(role?.entrypoints.keys() ?? [])]).toEqual(['install', 'remove']);
    expect(role?.defaultEntrypoint).toBe('install');
  });

  test('may be made of several files', async () => {
    const {role} = await load({
      'role.yaml': 'summary: x\nentrypoints: {all: [one, two.yaml], some: one}\ndefault_entrypoint: all\n',
      'tasks/one.yaml': task('a'),
      'tasks/two.yaml': task('b'),
    });
    expect(role?.entrypoints.get('all')?.tasks.map(({id}) => id)).toEqual(['a', 'b']);
    expect(role?.entrypoints.get('some')?.tasks.map(({id}) => id)).toEqual(['a']);
    expect(role?.defaultEntrypoint).toBe('all');
  });

  test.each<[string, readonly string[], string | undefined]>([
    ['the only one besides remove', ['join', 'remove'], 'join'],
    ['main', ['main', 'other'], 'main'],
    ['none of several', ['one', 'two'], undefined],
  ])('without a name mean %s', async (_title, names, expected) => {
    const files = Object.fromEntries(names.map((name) => [`tasks/${name}.yaml`, task('a')]));
    expect((await load({'role.yaml': 'summary: x\n', ...files})).role?.defaultEntrypoint).toBe(expected);
  });

  test('that name a file which is not there are a mistake', async () => {
    const {codes} = await load({'role.yaml': 'summary: x\nentrypoints: {all: [nope]}\n'});
    expect(codes).toEqual(['E402']);
  });
});

test('role.yaml is checked against its schema', async () => {
  const {codes} = await load({'role.yaml': 'sumary: x\n'});
  expect(codes).toEqual(['E103']);
});

test('a schema.json that is none is a mistake at its place', async () => {
  const {codes} = await load({
    'role.yaml': 'summary: x\n',
    'schema.json': '{"properties": {"port": {"type": "nteger"}}}',
  });
  expect(codes).toEqual(['E105']);
});

test('the earlier of two folders with one name wins, and variables of unused roles are known', async () => {
  await using project = await TempProject.of({
    'own/r/role.yaml': 'summary: own\n',
    'own/r/tasks/install.yaml': task('a'),
    'usual/r/role.yaml': 'summary: usual\n',
    'usual/unused/role.yaml': 'nonsense\n',
    'usual/unused/defaults.yaml': 'port: 1\n',
  });
  const at = {source: {file: 'playbook', text: ''}, from: 0, to: 0};
  const use = {role: {name: 'r', at}, entrypoint: undefined, when: undefined, vars: undefined, tags: []};
  const rollout = {maxUnavailable: undefined, maxFailures: undefined, onFailure: 'continue'} as const;
  const play = {id: 'p', name: 'p', hosts: {name: 'all', at}, needs: undefined, rollout, around: [], at};
  const playbook: Playbook = {
    plays: [{...play, roles: [use], vars: undefined, tags: [], become: undefined}],
    at,
  };
  const problems = new Problems();
  const catalog = await loadCatalog([project.path('own'), project.path('usual')], playbook, KINDS, problems);
  expect(problems.all).toEqual([]);
  expect(catalog.roles.get('r')?.summary).toBe('own');
  expect([...catalog.variables]).toEqual([]);
  expect([...catalog.otherVariables()]).toEqual(['port']);
});

describe('the platforms of a role', () => {
  const CHECKED = {...KINDS, resources: new Map([...KINDS.resources, ['check', {}]])};

  const tasksOf = async (platforms: string) => {
    await using project = await TempProject.of({
      'role.yaml': `summary: x\nplatforms: ${platforms}\n`,
      'tasks/install.yaml': task('a'),
      'tasks/remove.yaml': task('b'),
    });
    const problems = new Problems();
    const role = await loadRole('r', project.folder, CHECKED, problems);
    expect(problems.all).toEqual([]);
    return role?.entrypoints;
  };

  test('are compared with each host before its first task, and not where it is removed', async () => {
    const entrypoints = await tasksOf('[debian]');
    expect(entrypoints?.get('install')?.tasks.map(({id}) => id)).toEqual(['platforms', 'a']);
    expect(entrypoints?.get('remove')?.tasks.map(({id}) => id)).toEqual(['b']);
  });

  test.each<[string, string]>([
    ['[debian]', 'profile.os.id == "debian" || "debian" in profile.os.family'],
    ['[{os: ubuntu, versions: ["24.04"]}]', 'profile.os.id == "ubuntu" && profile.os.version in ["24.04"]'],
  ])('%s mean a condition over the profile', async (platforms, condition) => {
    const [first] = (await tasksOf(platforms))?.get('install')?.tasks ?? [];
    expect(first && toJs(first.spec)).toMatchObject({assert: condition, severity: 'warning'});
  });
});

test.each([
  ['notify: restart', 'E103', /restart_on/],
  ['shell: ls', 'E404', /command/],
  ['ansible.builtin.note: {}', 'E404', /Write note/],
])('a task of Ansible with %s is told what takes its place', async (line, code, hint) => {
  const other = code === 'E103' ? '  note: {}\n' : '';
  const {hints, codes} = await load({
    'role.yaml': 'summary: x\n',
    'tasks/main.yaml': `- id: a\n  ${line}\n${other}`,
  });
  expect(codes).toEqual([code]);
  expect(hints[0]).toMatch(hint);
});
