import {createHash} from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {runCli} from '../../src/cli/cli.ts';
import {FileServer, inParts} from '../support/file-server.ts';
import {TempProject} from '../support/project.ts';
import {FakeWorld} from './fake-world.ts';
import {envOf, fakeIdentity} from './own-machine.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const OWNER = `owner: ${process.getuid?.()}, group: ${process.getgid?.()}`;

/** This machine, which gets a file of the controller twice, one from a server twice, and none that others need. */
async function projectOf(address: string, download = 'host'): Promise<TempProject> {
  const project = await TempProject.of({});
  const [local, far] = [project.path('local.bin'), `http://${address}/far.bin`];
  await project.write({
    'local.bin': 'local',
    'out/kept': '',
    'cluster.yaml': '- {play: all, hosts: all, roles: [app]}\n',
    'hosts.yaml': `all: {vars: {ansible_connection: local, ansible_become: false}, hosts: {a: {}}}\n`,
    'roles/app/role.yaml': 'summary: Brings files.\n',
    'roles/app/tasks/main.yaml': [
      '- id: local',
      '  name: "Bring the local file to {{ item }}"',
      '  loop: [a, b]',
      `  artifact: {src: ${local}, sha256: ${sha256('local')}, dest: "${project.path('out')}/local-{{ item }}", ${OWNER}}`,
      '- id: far',
      '  name: "Bring the far file to {{ item }}"',
      '  loop: [a, b]',
      `  artifact: {url: "${far}", sha256: ${sha256('far')}, dest: "${project.path('out')}/far-{{ item }}", download: ${download}, ${OWNER}}`,
      '- id: other',
      '  name: Bring what other machines need',
      '  when: profile.arch == "s390x"',
      `  artifact: {url: "http://${address}/s390x.bin", sha256: ${sha256('s390x')}, dest: "${project.path('out')}/s390x", ${OWNER}}`,
      '',
    ].join('\n'),
  });
  await fakeIdentity(project);
  return project;
}

const server = () =>
  FileServer.start((path, request) => {
    const text = /^\/(\w+)\.bin$/.exec(path)?.[1];
    return text === undefined ? undefined : inParts(Buffer.from(text), request);
  });

async function provision(
  project: TempProject,
  words: readonly string[],
): Promise<{readonly code: number; readonly stdout: string; readonly stderr: string}> {
  const world = new FakeWorld({env: {...envOf(project), XDG_CACHE_HOME: project.path('cache')}});
  const {stdout, stderr} = world;
  const code = await runCli(words, world);
  return {code, stdout: stdout || world.stdout, stderr: stderr || world.stderr};
}

const inputs = (project: TempProject): readonly string[] => [
  '--playbook',
  project.path('cluster.yaml'),
  '-i',
  project.path('hosts.yaml'),
];

const create = (project: TempProject, out: string, ...words: readonly string[]) =>
  provision(project, ['bundle', 'create', '--out', project.path(out), ...inputs(project), ...words]);

test('a bundle holds exactly what the hosts need, once, and the same bytes each time', async () => {
  await using files = await server();
  await using project = await projectOf(files.host);
  expect(await create(project, 'one.tar')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 files'),
  });
  const shown = await provision(project, ['bundle', 'show', project.path('one.tar'), '--format', 'json']);
  expect(JSON.parse(shown.stdout)).toEqual({
    format: 1,
    architectures: ['amd64'],
    files: [
      {
        sha256: sha256('local'),
        size: 5,
        tasks: ['Bring the local file to a', 'Bring the local file to b'],
        source: 'local.bin',
      },
      {
        sha256: sha256('far'),
        size: 3,
        tasks: ['Bring the far file to a', 'Bring the far file to b'],
        source: `http://${files.host}/far.bin`,
      },
    ].toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
    images: [],
  });
  await create(project, 'two.tar');
  expect(readFileSync(project.path('one.tar')).equals(readFileSync(project.path('two.tar')))).toBe(true);
  expect(files.asked).toEqual(['/far.bin']);
  const other = await create(project, 's390x.tar', '--arch', 's390x');
  expect(other.stdout).toContain('3 files');
});

test('people read what a bundle holds by the tasks that bring it', async () => {
  await using files = await server();
  await using project = await projectOf(files.host);
  await create(project, 'one.tar');
  const {stdout} = await provision(project, ['bundle', 'show', project.path('one.tar')]);
  expect(stdout).toContain(
    `${sha256('far').slice(0, 12)}      0.0 MB  Bring the far file to a; Bring the far file to b\n`,
  );
  expect(stdout).toContain('2 files, for amd64.\n');
  expect(await provision(project, ['bundle', 'verify', project.path('one.tar')])).toMatchObject({
    code: 0,
    stdout: 'Nothing is wrong: 2 files.\n',
  });
});

test('with a bundle a run needs nothing else, and a second run finds nothing to do', async () => {
  await using files = await server();
  await using project = await projectOf(files.host);
  await create(project, 'one.tar');
  await files[Symbol.asyncDispose]();
  rmSync(project.path('local.bin'));
  rmSync(project.path('cache'), {recursive: true});
  const run = () => provision(project, ['--yes', '--bundle', project.path('one.tar'), ...inputs(project)]);
  expect(await run()).toMatchObject({code: 0, stdout: expect.stringContaining('4 changed')});
  const out = readdirSync(project.path('out')).filter((name) => name !== 'kept');
  expect(out).toEqual(['far-a', 'far-b', 'local-a', 'local-b']);
  expect(readFileSync(project.path('out/far-b'), 'utf8')).toBe('far');
  expect(await run()).toMatchObject({code: 0, stdout: expect.stringContaining('Nothing to do')});
});

test('a plan remembers its bundle', async () => {
  await using files = await server();
  await using project = await projectOf(files.host);
  await create(project, 'one.tar');
  rmSync(project.path('local.bin'));
  const plan = ['plan', '--out', project.path('next.plan'), '--bundle', project.path('one.tar')];
  expect(await provision(project, [...plan, ...inputs(project)])).toMatchObject({code: 0});
  expect(await provision(project, ['apply', project.path('next.plan'), '--yes'])).toMatchObject({code: 0});
  expect(readFileSync(project.path('out/local-a'), 'utf8')).toBe('local');
});

test('files that are there already are found by name or by what they hold', async () => {
  await using files = await server();
  await using project = await projectOf(files.host);
  await project.write({
    'there/far.bin': 'far',
    'there/deep/otherwise': 'local',
    'there/unneeded': 'unneeded',
  });
  rmSync(project.path('local.bin'));
  expect(await create(project, 'one.tar', '--from', project.path('there'))).toMatchObject({code: 0});
  expect(files.asked).toEqual([]);
});

test('all that is missing is told at once, and no bundle is made', async () => {
  await using files = await FileServer.start(() => ({body: Buffer.from('wrong')}));
  await using project = await projectOf(files.host);
  rmSync(project.path('local.bin'));
  const {code, stderr} = await create(project, 'one.tar');
  expect(code).toBe(2);
  expect(stderr).toContain('error[E701]');
  expect(stderr).toContain('error[E702]');
  expect(readdirSync(project.folder).filter((name) => name.includes('.tar'))).toEqual([]);
});

describe('a damaged bundle', () => {
  test('that was cut is refused before anything else', async () => {
    await using files = await server();
    await using project = await projectOf(files.host);
    await create(project, 'one.tar');
    truncateSync(project.path('one.tar'), 4_000);
    for (const words of [
      ['bundle', 'verify'],
      ['bundle', 'show'],
    ]) {
      const {code, stderr} = await provision(project, [...words, project.path('one.tar')]);
      expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('error[E703]')});
    }
    const run = await provision(project, ['--yes', '--bundle', project.path('one.tar'), ...inputs(project)]);
    expect(run).toMatchObject({code: 2, stderr: expect.stringContaining('error[E703]')});
  });

  test('that has another byte is seen by verify, and its file is put nowhere', async () => {
    await using files = await server();
    await using project = await projectOf(files.host);
    await create(project, 'one.tar');
    const bytes = readFileSync(project.path('one.tar'));
    const at = bytes.lastIndexOf('local');
    copyFileSync(project.path('one.tar'), project.path('bad.tar'));
    bytes.write('lokal', at);
    writeFileSync(project.path('bad.tar'), bytes);
    const verified = await provision(project, ['bundle', 'verify', project.path('bad.tar')]);
    expect(verified).toMatchObject({code: 2, stderr: expect.stringContaining('error[E702]')});
    const run = await provision(project, ['--yes', '--bundle', project.path('bad.tar'), ...inputs(project)]);
    expect(run.code).toBe(1);
    expect(existsSync(project.path('out/local-a'))).toBe(false);
  });

  test('is not any other file', async () => {
    await using project = await projectOf('127.0.0.1:1');
    const {code, stderr} = await provision(project, ['bundle', 'show', project.path('hosts.yaml')]);
    expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('is not a bundle')});
  });
});

test('the controller downloads once for all who need it where it is told to', async () => {
  await using files = await server();
  await using project = await projectOf(files.host, 'controller');
  const run = await provision(project, ['--yes', ...inputs(project)]);
  expect(run).toMatchObject({code: 0, stdout: expect.stringContaining('4 changed')});
  expect(files.asked).toEqual(['HEAD /far.bin', '/far.bin']);
  expect(readdirSync(project.path('cache/provision/downloads'))).toEqual([sha256('far')]);
});

test('what the controller cannot download fails what needs it, and replaces nothing', async () => {
  await using files = await FileServer.start(() => ({body: Buffer.from('wrong')}));
  await using project = await projectOf(files.host, 'controller');
  await project.write({'out/far-a': 'before'});
  const run = await provision(project, ['--yes', ...inputs(project)]);
  expect(run).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`and ${sha256('far')} is wanted`),
  });
  expect(readFileSync(project.path('out/far-a'), 'utf8')).toBe('before');
});

test('what the controller will not be able to download is in the plan, and nothing is begun', async () => {
  await using files = await FileServer.start(() => undefined);
  await using project = await projectOf(files.host, 'controller');
  const missing = expect.stringContaining(`http://${files.host}/far.bin answers 404.`);
  for (const words of [['--yes'], ['--check']]) {
    const run = await provision(project, [...words, ...inputs(project)]);
    expect(run).toMatchObject({code: 1, stdout: missing});
    expect(run.stdout).toContain('name a mirror in files_repo');
  }
  expect(await provision(project, ['plan', ...inputs(project)])).toMatchObject({code: 1, stdout: missing});
  expect(existsSync(project.path('out/local-a'))).toBe(false);
});
