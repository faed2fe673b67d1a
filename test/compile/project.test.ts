import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {DigestCache} from '../../src/compile/digest-cache.ts';
import {projectFolders} from '../../src/compile/find-playbook.ts';
import {DiskFiles} from '../../src/compile/local-files.ts';
import {loadProject, type ProjectOptions} from '../../src/compile/project.ts';
import {SAMPLE_PROFILE} from '../../src/compile/samples.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import type {Late} from '../../src/model/graph.ts';
import {TempProject} from '../support/project.ts';
import {role} from './harness.ts';

const INVENTORY =
  'all: {hosts: {a: {ansible_host: 10.0.0.1, ansible_user: "{{ login }}", login: ops}, b: {}}}\n';
const dir = (id: string) => `- {id: ${id}, file: {path: /srv/${id}, state: directory}}\n`;

const late: Late = {profile: SAMPLE_PROFILE, outputsOf: () => ({}), bracketOutputsOf: () => ({})};

async function load(project: TempProject, options: Partial<ProjectOptions> = {}) {
  const problems = new Problems();
  const inventoryPaths = [project.path('inventory.yaml')];
  const loaded = await loadProject({inventoryPaths, extraVars: [], ...options}, problems);
  return {loaded, problems: problems.all};
}

describe('a project', () => {
  test('is compiled from the playbook and the roles beside the inventory', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': INVENTORY,
      'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
      ...role('r', dir('x')),
    });
    const {loaded, problems} = await load(project);
    expect(problems).toEqual([]);
    expect(loaded?.graph.tasks.map(({id, user}) => [id, user])).toEqual([
      ['a/p/r/x', 'root'],
      ['b/p/r/x', loaded?.graph.hosts[1]?.connection.become.enabled ? 'root' : undefined],
    ]);
    expect(loaded?.graph.hosts[0]?.connection).toMatchObject({address: '10.0.0.1', user: 'ops'});
  });

  test('has playbooks by name and by path', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': INVENTORY,
      'playbooks/site.yaml': '- {play: named, hosts: all, roles: [r]}\n',
      'other.yaml': '- {play: path, hosts: all, roles: [r]}\n',
      ...role('r', dir('x')),
    });
    const named = await load(project, {playbook: 'site'});
    expect(named.loaded?.graph.plays[0]?.id).toBe('named');
    const path = await load(project, {playbook: project.path('other.yaml')});
    expect(path.loaded?.graph.plays[0]?.id).toBe('path');
    const unknown = await load(project, {playbook: 'sitee'});
    expect(unknown.problems).toMatchObject([{code: 'E601', hint: 'Did you mean "site"?'}]);
  });

  test('has playbooks and roles in the folders above the inventory, up to the working directory', () => {
    const folders = projectFolders(['inventories/lab', '/etc/elsewhere'], '/srv');
    expect(folders).toEqual(['/srv/inventories/lab', '/srv/inventories', '/srv', '/etc/elsewhere']);
  });

  test('may have secrets among the variables of plays and of their roles, however deep', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': 'all: {hosts: {a: {}}}\n',
      'playbook.yaml':
        '- {play: p, hosts: all, vars: {s: !secret hunter2}, ' +
        'roles: [{role: r, vars: {t: {deep: [!secret hunter3]}}}]}\n',
      ...role('r', '- {id: c, copy: {dest: /c, content: "{{ s }} {{ t.deep[0] }}"}}\n'),
    });
    const {loaded, problems} = await load(project);
    expect(problems).toEqual([]);
    expect(JSON.stringify(loaded?.graph.tasks[0]?.spec())).not.toContain('hunter');
  });

  test('names the tasks of a loop by their keys, where their names are the same', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': 'all: {hosts: {a: {}}}\n',
      'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
      ...role(
        'r',
        '- {id: m, name: Make it, loop: [x, y], file: {path: "/{{ item }}", state: directory}}\n' +
          '- {id: n, name: "Make {{ item }}", loop: [z], file: {path: "/{{ item }}", state: directory}}\n',
      ),
    });
    const {loaded} = await load(project);
    expect(loaded?.graph.tasks.map(({name}) => name)).toEqual(['Make it [x]', 'Make it [y]', 'Make z']);
  });

  test('says at once that a role asks for a kind of fact that there is not', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': 'all: {hosts: {a: {}}}\n',
      'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
      ...role('r', dir('x')),
      'roles/r/role.yaml': 'summary: x\npresent_if: {statt: /x}\n',
    });
    const {problems} = await load(project);
    expect(problems).toMatchObject([{code: 'E105', hint: 'Did you mean "stat"?'}]);
  });

  test('has a word for who becomes whom: the task, the play, the inventory', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': 'all: {hosts: {a: {ansible_user: ops, ansible_become_user: admin}}}\n',
      'playbook.yaml':
        '- {play: p, hosts: all, roles: [r]}\n- {play: q, hosts: all, become: false, roles: [s]}\n',
      ...role('r', `${dir('x')}- {id: y, become: kube, file: {path: /y, state: directory}}\n`),
      ...role('s', `${dir('z')}- {id: w, become: true, file: {path: /w, state: directory}}\n`),
    });
    const {loaded} = await load(project);
    expect(loaded?.graph.tasks.map(({user}) => user)).toEqual(['admin', 'kube', undefined, 'admin']);
  });

  test('keeps names that are known with the profile in a directory that is owned whole', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': 'all: {hosts: {a: {}}}\n',
      'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
      ...role(
        'r',
        '- {id: d, file: {path: /d, state: directory, exclusive: true}}\n' +
          '- {id: f, copy: {dest: "/d/{{ profile.arch }}.conf", content: x}}\n',
      ),
    });
    const {loaded, problems} = await load(project);
    expect(problems).toEqual([]);
    const [owner] = loaded?.graph.tasks ?? [];
    expect(owner?.spec()).toMatchObject({keep: ['{{ profile.arch }}.conf']});
    expect(owner?.resource.stage).toBe('profile');
    expect(owner?.resource.resolve(late).ok).toBe(true);
  });

  test('shows a check of a whole play the answers of all its hosts', async () => {
    await using project = await TempProject.of({
      'inventory.yaml': INVENTORY,
      'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
      ...role(
        'r',
        '- {id: one, check: {facts: {f: {stat: /x}}, assert: "true", message: m, scope: play}}\n' +
          '- {id: two, check: {facts: {f: {stat: /y}}, assert: "true", message: m}}\n',
      ),
    });
    const {loaded, problems} = await load(project);
    expect(problems).toEqual([]);
    expect(loaded?.graph.tasks.map(({peers}) => peers)).toEqual([['a', 'b'], [], ['a', 'b'], []]);
  });
});

describe('a file of the controller', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['small text comes as a whole', 'text\n', 'text'],
    ['large text by its digest', 'x'.repeat(100_000), 'digest'],
    ['what is no text by its digest', new Uint8Array([0xff, 0xfe, 0x00]), 'digest'],
    ['text with a NUL by its digest', 'a\0b', 'digest'],
  ])('%s', async (_title, content, type) => {
    await using project = await TempProject.of({});
    await writeFile(project.path('file'), content);
    expect(new DiskFiles().read(project.path('file'))?.type).toBe(type);
  });

  test('that is not there is undefined', async () => {
    await using project = await TempProject.of({});
    expect(new DiskFiles().read(project.path('file'))).toBeUndefined();
  });

  test('of some size is not read again, until the kernel sees a change of it', async () => {
    await using project = await TempProject.of({});
    const path = project.path('file');
    const digest = () =>
      new DiskFiles(() => false, new DigestCache(project.path('digests.json'))).digest(path);
    await writeFile(path, 'a'.repeat(1 << 20));
    const first = digest();
    // What is remembered is what is told: another digest in its place shows that nobody reads the file.
    const kept = await readFile(project.path('digests.json'), 'utf8');
    await writeFile(project.path('digests.json'), kept.replace(first ?? '', 'b'.repeat(64)));
    expect(digest()).toBe('b'.repeat(64));
    await writeFile(path, 'c'.repeat(1 << 20));
    expect(digest()).toBe(
      createHash('sha256')
        .update('c'.repeat(1 << 20))
        .digest('hex'),
    );
    await writeFile(project.path('digests.json'), 'no JSON');
    expect(digest()).toBe(
      createHash('sha256')
        .update('c'.repeat(1 << 20))
        .digest('hex'),
    );
  });
});
