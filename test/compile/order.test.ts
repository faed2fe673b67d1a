import {describe, expect, test} from 'vitest';
import {compileFiles, edgesOf, graphOf, role} from './harness.ts';

const note = (id: string, more = '') => `- {id: ${id}, note: {path: /${id}}${more && `, ${more}`}}\n`;

const INVENTORY = 'all: {children: {web: {hosts: {a: {}, b: {}}}, db: {hosts: {c: {}}}}}\n';

const oneHost = (tasks: string, more: Readonly<Record<string, string>> = {}) => ({
  files: {
    'inventory.yaml': 'all: {hosts: {a: {}}}\n',
    'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
    ...role('r', tasks),
    ...more,
  },
});

describe('in a role', () => {
  test('tasks go in the order written, from role to role', async () => {
    const graph = await graphOf({
      files: {
        'inventory.yaml': 'all: {hosts: {a: {}}}\n',
        'playbook.yaml': '- {play: p, hosts: all, roles: [r, s]}\n',
        ...role('r', note('one') + note('two')),
        ...role('s', note('three')),
      },
    });
    expect(edgesOf(graph)).toEqual([
      'a/p/r/one -> a/p/r/two written-order',
      'a/p/r/two -> a/p/s/three written-order',
    ]);
  });

  test('needs: [] frees a task from the tasks before it, and those behind still wait for it', async () => {
    const graph = await graphOf(
      oneHost(note('one') + note('two', 'needs: []') + note('three', 'needs: []') + note('four')),
    );
    expect(edgesOf(graph)).toEqual([
      'a/p/r/one -> a/p/r/four written-order',
      'a/p/r/two -> a/p/r/four written-order',
      'a/p/r/three -> a/p/r/four written-order',
    ]);
  });

  test('needs replaces the written order, and an edge that it implies is left out', async () => {
    const graph = await graphOf(oneHost(note('one') + note('two', 'needs: [one]') + note('three')));
    expect(edgesOf(graph)).toEqual([
      'a/p/r/one -> a/p/r/two needs',
      'a/p/r/two -> a/p/r/three written-order',
    ]);
  });

  test('needs may name a task of another role of the play', async () => {
    const graph = await graphOf({
      files: {
        'inventory.yaml': 'all: {hosts: {a: {}}}\n',
        'playbook.yaml': '- {play: p, hosts: all, roles: [r, s]}\n',
        ...role('r', note('one') + note('two', 'needs: []')),
        ...role('s', note('three', 'needs: [r/one]')),
      },
    });
    expect(edgesOf(graph)).toEqual(['a/p/r/one -> a/p/s/three needs']);
  });

  test('an unknown need is shown at its place', async () => {
    const {mistakes} = await compileFiles(oneHost(note('one') + note('two', 'needs: [onee]')));
    expect(mistakes).toEqual([
      'E503 roles/r/tasks/install.yaml:2:41 "two" needs "onee", and there is no such task in this entrypoint of "r".',
    ]);
  });

  test('a loop makes one task for each item, by its key', async () => {
    const list = `- {id: one, loop: [x, {key: y, n: 2}], note: {path: "/{{ item }}"}, when: "item == 'x'"}\n`;
    const map = `- {id: two, loop: {p: 1, q: 2}, note: {path: "/{{ item.key }}", count: "{{ item.value }}"}}\n`;
    const {tasks} = await graphOf(oneHost(list + map));
    expect(tasks.map(({id, spec}) => [id, spec()])).toEqual([
      ['a/p/r/one[x]', {path: '/x'}],
      ['a/p/r/two[p]', {path: '/p', count: 1}],
      ['a/p/r/two[q]', {path: '/q', count: 2}],
    ]);
  });

  test('a task of a loop is read by its key', async () => {
    const loop = `- {id: one, loop: [x, y], note: {path: "/{{ item }}"}}\n`;
    const graph = await graphOf(
      oneHost(`${loop}- {id: two, note: {path: /two, text: "{{ tasks.one['y'].outputs.digest }}"}}\n`),
    );
    expect(edgesOf(graph)).toContain('a/p/r/one[y] -> a/p/r/two output');
  });
});

describe('between plays', () => {
  const three = (second: string, third = '') => ({
    files: {
      'inventory.yaml': INVENTORY,
      'playbook.yaml':
        '- {play: one, hosts: all, roles: [r]}\n' +
        `- {play: two, hosts: web${second}, roles: [s]}\n` +
        `- {play: three, hosts: all${third}, roles: [t]}\n`,
      ...role('r', note('x')),
      ...role('s', note('y')),
      ...role('t', note('z')),
    },
  });

  test('a play waits until all before it have ended, and each host for its own success', async () => {
    const graph = await graphOf(three(''));
    expect(graph.barriers.map(({id, play}) => [id, play])).toEqual([
      ['barrier/one', 'one'],
      ['barrier/two', 'two'],
    ]);
    expect(edgesOf(graph)).toEqual([
      'a/one/r/x -> barrier/one barrier (end)',
      'b/one/r/x -> barrier/one barrier (end)',
      'c/one/r/x -> barrier/one barrier (end)',
      'a/one/r/x -> a/two/s/y barrier',
      'barrier/one -> a/two/s/y barrier (end)',
      'b/one/r/x -> b/two/s/y barrier',
      'barrier/one -> b/two/s/y barrier (end)',
      'a/two/s/y -> barrier/two barrier (end)',
      'b/two/s/y -> barrier/two barrier (end)',
      'a/two/s/y -> a/three/t/z barrier',
      'barrier/two -> a/three/t/z barrier (end)',
      'b/two/s/y -> b/three/t/z barrier',
      'barrier/two -> b/three/t/z barrier (end)',
      'c/one/r/x -> c/three/t/z barrier',
      'barrier/two -> c/three/t/z barrier (end)',
    ]);
  });

  test('needs: [play@host] waits for what the same host did there', async () => {
    const graph = await graphOf(three(', needs: [one@host]'));
    expect(edgesOf(graph)).toContain('a/one/r/x -> a/two/s/y needs');
    expect(edgesOf(graph)).not.toContain('b/one/r/x -> a/two/s/y needs');
  });

  test('a play without needs also waits for plays that had needs', async () => {
    const graph = await graphOf(three(', needs: []'));
    const before = edgesOf(graph).filter((edge) => edge.includes('-> a/three/t/z'));
    expect(before).toEqual([
      'a/one/r/x -> a/three/t/z barrier',
      'barrier/one -> a/three/t/z barrier (end)',
      'a/two/s/y -> a/three/t/z barrier',
      'barrier/two -> a/three/t/z barrier (end)',
    ]);
  });

  test('a play that has nothing to do hands on what it would have waited for', async () => {
    const graph = await graphOf({
      files: {...three('').files, ...role('s', note('y', 'when: false'))},
    });
    expect(edgesOf(graph)).toContain('barrier/one -> barrier/two barrier (end)');
    expect(edgesOf(graph)).toContain('a/one/r/x -> a/three/t/z barrier');
  });

  test('what is done once does not wait for the success of every host', async () => {
    const graph = await graphOf({
      files: {
        'inventory.yaml': INVENTORY,
        'playbook.yaml': '- {play: p, hosts: web, roles: [r]}\n',
        ...role('r', `- {id: own, note: {path: /own}}\n${note('once', 'run_once: true')}${note('after')}`),
      },
    });
    expect(edgesOf(graph)).toEqual([
      'a/p/r/own -> web/p/r/once written-order (end)',
      'b/p/r/own -> web/p/r/once written-order (end)',
      'web/p/r/once -> a/p/r/after written-order',
      'web/p/r/once -> b/p/r/after written-order',
    ]);
    expect(graph.tasks.find(({id}) => id === 'web/p/r/once')).toMatchObject({
      host: 'a',
      delegates: ['a', 'b'],
    });
  });

  test('what is done once is done on a host that was selected, unless it says where', async () => {
    const files = {
      'inventory.yaml': INVENTORY,
      'playbook.yaml': '- {play: p, hosts: web, roles: [r]}\n',
      ...role('r', `${note('once', 'run_once: true')}${note('there', 'run_once: true, delegate_to: db')}`),
    };
    const {tasks} = await graphOf({files, selection: {limit: 'b'}});
    expect(tasks.map(({id, delegates}) => [id, delegates])).toEqual([
      ['web/p/r/once', ['b']],
      ['db/p/r/there', ['c']],
    ]);
  });

  test('what is done once elsewhere does not wait for a host that is away', async () => {
    const once = note('once', 'run_once: true, delegate_to: db');
    const graph = await graphOf({
      files: {
        'inventory.yaml': INVENTORY,
        'playbook.yaml': '- {play: p, hosts: a, roles: [r]}\n',
        ...role('r', `${note('own')}${once}${note('again', 'run_once: true')}${note('after')}`),
      },
    });
    expect(edgesOf(graph)).toEqual([
      'a/p/r/own -> db/p/r/once written-order (no-failure)',
      'db/p/r/once -> a/p/r/again written-order',
      'a/p/r/again -> a/p/r/after written-order',
    ]);
  });
});

describe('a cycle', () => {
  test('is shown with one line for each step', async () => {
    const {problems, mistakes} = await compileFiles(
      oneHost(
        '- {id: one, needs: [], note: {path: /one, text: "{{ tasks.two.outputs.digest }}"}}\n' +
          '- {id: two, needs: [one], note: {path: /two}}\n',
      ),
    );
    const [mistake] = mistakes;
    expect(mistake?.replaceAll(/\(\S*(roles\S*)\)/g, '($1)')).toBe(
      'E501 roles/r/tasks/install.yaml:2:21 These tasks wait for each other:\n' +
        '  a/p/r/two waits for a/p/r/one: it says so in `needs` (roles/r/tasks/install.yaml:2:21)\n' +
        '  a/p/r/one waits for a/p/r/two: it reads its output "digest" (roles/r/tasks/install.yaml:1:49)',
    );
    expect(problems[0]?.notes).toHaveLength(1);
  });
});

describe('conflicts', () => {
  test('two tasks about one thing on one host are a mistake, with both places', async () => {
    const {problems, mistakes} = await compileFiles(
      oneHost('- {id: one, note: {path: /x}}\n- {id: two, note: {path: /x}}\n'),
    );
    expect(mistakes).toEqual([
      'E502 roles/r/tasks/install.yaml:2:3 a/p/r/two and a/p/r/one both decide about "path:/x"; one would undo the other.',
    ]);
    expect(problems[0]?.notes).toHaveLength(1);
  });

  test('tasks that are never both there do not conflict', async () => {
    const tasks = (first: string, second: string) =>
      `- {id: one, when: "${first}", note: {path: /x}}\n- {id: two, when: "${second}", note: {path: /x}}\n`;
    const late = await compileFiles(oneHost(tasks("profile.arch == 'amd64'", "profile.arch != 'amd64'")));
    expect(late.mistakes).toEqual([]);
    const early = await compileFiles(oneHost(tasks('1 == 1', '1 == 2')));
    expect(early.graph?.tasks).toHaveLength(1);
  });

  test('late values in a key are compared as they are written', async () => {
    const {mistakes} = await compileFiles(
      oneHost(
        '- {id: one, note: {path: "/x/{{ profile.arch }}"}}\n- {id: two, note: {path: "/x/{{ profile.arch }}"}}\n',
      ),
    );
    expect(mistakes).toHaveLength(1);
  });

  test('what a task is about may not depend on an output', async () => {
    const {mistakes} = await compileFiles(
      oneHost(
        '- {id: one, note: {path: /x}}\n- {id: two, note: {path: "/{{ tasks.one.outputs.digest }}"}}\n',
      ),
    );
    expect(mistakes).toEqual([
      'E403 roles/r/tasks/install.yaml:2:26 What this task is about depends on "/{{ tasks.one.outputs.digest }}", ' +
        'which only another task will tell.',
    ]);
  });
});
