import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {explainEdge, explanationText} from '../../src/compile/explain-edge.ts';
import {graphToDot, graphToText} from '../../src/compile/graph-text.ts';
import {SAMPLE_PROFILE} from '../../src/compile/samples.ts';
import {serializeGraph} from '../../src/compile/serialize-graph.ts';
import type {Late, TaskGraph} from '../../src/model/graph.ts';
import {compileFiles, edgesOf, type Given, graphOf, role} from './harness.ts';

const hosts = (inventory: string, tasks: string, more: Readonly<Record<string, string>> = {}): Given => ({
  files: {
    'inventory.yaml': `${inventory}\n`,
    'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n',
    ...role('r', tasks),
    ...more,
  },
});

const ONE = 'all: {hosts: {a: {}}}';
const TWO = 'all: {hosts: {a: {ip: 10.0.0.1}, b: {ip: 10.0.0.2}}}';

const specOf = (graph: TaskGraph, id: string): unknown => graph.tasks.find((task) => task.id === id)?.spec();

const late: Late = {
  profile: SAMPLE_PROFILE,
  outputsOf: (id) => ({digest: `digest of ${id}`, present: true}),
  bracketOutputsOf: () => ({token: new Secret('hush')}),
};

describe('names mean', () => {
  test('variables of other hosts, groups, and the hosts of the play', async () => {
    const text = `"{{ hosts['b'].vars.ip }} {{ join groups.all ',' }} {{ join play_hosts ',' }} {{ inventory_hostname }}"`;
    const graph = await graphOf(hosts(TWO, `- {id: x, note: {text: ${text}}}\n`));
    expect(specOf(graph, 'a/p/r/x')).toEqual({text: '10.0.0.2 a,b a,b a'});
    expect(specOf(graph, 'b/p/r/x')).toEqual({text: '10.0.0.2 a,b a,b b'});
  });

  test('the hosts that may change: all of them, or those that the limit means', async () => {
    const given = hosts(TWO, `- {id: x, note: {text: "{{ join selected_hosts ',' }}"}}\n`);
    expect(specOf(await graphOf(given), 'a/p/r/x')).toEqual({text: 'a,b'});
    expect(specOf(await graphOf({...given, selection: {limit: 'b'}}), 'b/p/r/x')).toEqual({text: 'b'});
  });

  test('hosts by a name that is itself a value', async () => {
    const each = '"{{#each groups.all}}{{ hosts[this].vars.ip }};{{/each}}"';
    const graph = await graphOf(hosts(TWO, `- {id: x, note: {text: ${each}}}\n`));
    expect(specOf(graph, 'a/p/r/x')).toEqual({text: '10.0.0.1;10.0.0.2;'});
  });

  test('the five scopes, weakest first', async () => {
    const given = hosts(
      'all: {vars: {b: group, c: group, d: group, e: group}, hosts: {a: {c: host, d: host, e: host}}}',
      '- {id: x, note: {text: "{{ a }} {{ b }} {{ c }} {{ d }} {{ e }}"}}\n',
      {
        'roles/r/defaults.yaml': 'a: role\nb: role\nc: role\nd: role\ne: role\n',
        'playbook.yaml': '- {play: p, hosts: all, vars: {d: play, e: play}, roles: [r]}\n',
      },
    );
    const graph = await graphOf({...given, extraVars: ['e=command']});
    expect(specOf(graph, 'a/p/r/x')).toEqual({text: 'role group host play command'});
  });

  test('the defaults of a role that is needed, and its tasks go first', async () => {
    const graph = await graphOf(
      hosts(ONE, '- {id: x, note: {text: "{{ version }}"}}\n', {
        'roles/r/role.yaml': 'summary: x\nneeds: [base]\n',
        ...role('base', '- {id: y, note: {}}\n', {'defaults.yaml': 'version: 3\n'}),
      }),
    );
    expect(graph.tasks.map(({id}) => id)).toEqual(['a/p/base/y', 'a/p/r/x']);
    expect(specOf(graph, 'a/p/r/x')).toEqual({text: 3});
  });
});

describe('late values', () => {
  test('stand in the spec as they are written, and resolve once they are known', async () => {
    const graph = await graphOf(
      hosts(ONE, '- {id: x, note: {path: "/{{ profile.arch }}", count: "{{ profile.cpus }}"}}\n'),
    );
    const [task] = graph.tasks;
    expect(task?.spec()).toEqual({path: '/{{ profile.arch }}', count: '{{ profile.cpus }}'});
    expect(task?.resource.stage).toBe('profile');
    expect(task?.resource.resolve(late)).toMatchObject({ok: true, value: {key: 'path:/amd64'}});
  });

  test('that turn out wrong are told with their place', async () => {
    const graph = await graphOf(
      hosts(ONE, '- {id: w, note: {}}\n- {id: x, note: {count: "{{ default tasks.w.outputs.size 1 }}"}}\n'),
    );
    const resolved = graph.tasks[1]?.resource.resolve({...late, outputsOf: () => ({size: 'many'})});
    expect(resolved).toMatchObject({ok: false, problem: expect.stringContaining('count')});
  });

  test('a condition that depends on the profile is decided later', async () => {
    const graph = await graphOf(hosts(ONE, `- {id: x, when: "profile.arch == 'amd64'", note: {}}\n`));
    expect(graph.tasks[0]?.when).toMatchObject({stage: 'profile', reads: []});
    expect(graph.tasks[0]?.when.resolve(late)).toEqual({ok: true, value: true});
  });
});

test('a role that is switched off is removed where it is installed', async () => {
  const graph = await graphOf(
    hosts(ONE, '- {id: x, note: {path: /x}}\n', {
      'roles/r/role.yaml': 'summary: x\npresent_if: {stat: /x}\n',
      'roles/r/tasks/remove.yaml': '- {id: gone, note: {path: /x}}\n',
      'playbook.yaml': '- {play: p, hosts: all, roles: [{role: r, when: enabled}], vars: {enabled: false}}\n',
    }),
  );
  expect(graph.tasks.map(({id, kind}) => [id, kind])).toEqual([
    ['a/p/r.remove/present_if', 'present_if'],
    ['a/p/r.remove/gone', 'note'],
  ]);
  expect(edgesOf(graph)).toEqual(['a/p/r.remove/present_if -> a/p/r.remove/gone output']);
  const gone = graph.tasks[1];
  expect(gone?.when.reads).toEqual(['a/p/r.remove/present_if']);
  expect(gone?.when.resolve(late)).toEqual({ok: true, value: true});
  expect(gone?.when.resolve({...late, outputsOf: () => ({present: false})})).toEqual({
    ok: true,
    value: false,
  });
});

test('a directory that is owned whole keeps what other tasks declare below it', async () => {
  const {RESOURCES} = await import('../../src/resources/registry.ts');
  const graph = await graphOf({
    ...hosts(
      ONE,
      '- {id: dir, file: {path: /etc/certs.d, state: directory, exclusive: true}}\n' +
        '- {id: docker, file: {path: /etc/certs.d/docker.io, state: directory}}\n' +
        '- {id: hosts, copy: {dest: /etc/certs.d/quay.io/hosts.toml, content: x}}\n',
    ),
    resources: [...RESOURCES.values()],
  });
  const resolved = graph.tasks[0]?.resource.resolve(late);
  expect(resolved?.ok).toBe(true);
  expect(specOf(graph, 'a/p/r/dir')).toMatchObject({exclusive: true, keep: ['docker.io', 'quay.io']});
});

describe('files of a role', () => {
  test('are read where they are small, and known by digest where they are not', async () => {
    const {RESOURCES} = await import('../../src/resources/registry.ts');
    const {graph, mistakes} = await compileFiles({
      ...hosts(ONE, '- {id: s, copy: {src: small, dest: /s}}\n- {id: l, copy: {src: large, dest: /l}}\n', {
        'roles/r/files/small': 'text\n',
        'roles/r/files/large': 'x'.repeat(100_000),
      }),
      resources: [...RESOURCES.values()],
    });
    expect(mistakes).toEqual([]);
    expect(graph?.tasks.map(({spec}) => spec())).toEqual([
      {src: 'small', dest: '/s'},
      {src: 'large', dest: '/l'},
    ]);
    for (const task of graph?.tasks ?? []) expect(task.resource.resolve(late).ok).toBe(true);
  });
});

describe('selection', () => {
  const given = hosts(
    TWO,
    '- {id: x, tags: [net], note: {path: /x}}\n- {id: y, note: {path: /y}}\n- {id: z, tags: never, note: {path: /z}}\n',
  );
  const selected = async (selection: Given['selection']): Promise<readonly string[]> =>
    (await graphOf({...given, ...(selection && {selection})})).tasks
      .filter((task) => task.selected)
      .map(({id}) => id);

  test.each<[Given['selection'], readonly string[]]>([
    [{}, ['a/p/r/x', 'a/p/r/y', 'b/p/r/x', 'b/p/r/y']],
    [{limit: 'b'}, ['b/p/r/x', 'b/p/r/y']],
    [{tags: ['net']}, ['a/p/r/x', 'b/p/r/x']],
    [{tags: ['never']}, ['a/p/r/z', 'b/p/r/z']],
    [{skipTags: ['net']}, ['a/p/r/y', 'b/p/r/y']],
    [{targets: ['*/y']}, ['a/p/r/y', 'b/p/r/y']],
    [{targets: ['a']}, ['a/p/r/x', 'a/p/r/y']],
    [{limit: 'a', targets: ['*/x']}, ['a/p/r/x']],
  ])('%j leaves all tasks in the graph, and lets some change', async (selection, ids) => {
    expect(await selected(selection)).toEqual(ids);
  });

  test('by name takes along what guards all others', async () => {
    const guarded = hosts(
      ONE,
      '- {id: x, tags: always, note: {path: /x}}\n- {id: y, note: {path: /y}}\n- {id: z, note: {}}\n',
    );
    const {tasks} = await graphOf({...guarded, selection: {targets: ['*/y']}});
    expect(tasks.filter((task) => task.selected).map(({id}) => id)).toEqual(['a/p/r/x', 'a/p/r/y']);
  });

  test('of nothing is a mistake', async () => {
    const nothing = await compileFiles({...given, selection: {tags: ['none']}});
    expect(nothing.mistakes).toEqual([
      'E603 No task is left: nothing is meant by --limit, --tags and --target together.',
    ]);
    const unknown = await compileFiles({...given, selection: {targets: ['nope']}});
    expect(unknown.mistakes).toEqual(['E603 No task has the id "nope".']);
    const short = await compileFiles({...given, selection: {targets: ['y']}});
    expect(short.problems[0]?.hint).toBe('Did you mean "a/p/r/y", or "*/y" on all hosts?');
  });
});

describe('a graph', () => {
  const given = hosts(
    'all: {vars: {token: !secret hunter2}, hosts: {a: {}, b: {}}}',
    '- {id: x, note: {path: /x, text: "t {{ token }}"}}\n- {id: y, note: {path: /y, text: "{{ tasks.x.outputs.digest }}"}}\n' +
      '- {id: w, around: [y], window: {note: "{{ inventory_hostname }}"}}\n',
    {
      'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n- {play: q, hosts: all, roles: [s]}\n',
      ...role('s', '- {id: z, note: {}}\n'),
    },
  );

  test('is the same to the byte for the same input', async () => {
    const [one, two] = [await graphOf(given), await graphOf(given)];
    const text = (graph: TaskGraph): string =>
      serializeGraph(graph).replaceAll(/"[^"]*\/(roles|inventory|playbook)/g, '"$1');
    expect(text(one)).toBe(text(two));
    expect(JSON.parse(serializeGraph(one))).toMatchObject({format: 1, edges: expect.any(Array)});
  });

  test('shows no secret', async () => {
    const graph = await graphOf(given);
    const shown = [serializeGraph(graph), graphToText(graph), graphToDot(graph)].join('\n');
    expect(shown).not.toContain('hunter2');
    expect(specOf(graph, 'a/p/r/x')).toEqual({path: '/x', text: '***'});
  });

  test('tells why one task waits for another', async () => {
    const graph = await graphOf(given);
    const path = explainEdge(graph, 'a/p/r/x', 'b/q/s/z');
    expect(path).toMatchObject({
      answer: 'path',
      steps: [{to: 'a/p/r/y'}, {to: 'barrier/p'}, {to: 'b/q/s/z'}],
    });
    expect(explanationText(path, 'a/p/r/x', 'b/q/s/z')).toContain('the play "p" comes first');
    expect(explainEdge(graph, 'a/p/r/y', 'a/p/r/x').answer).toBe('reverse');
    expect(explainEdge(graph, 'a/p/r/x', 'b/p/r/x').answer).toBe('independent');
    expect(explainEdge(graph, 'a/p/r/xx', 'b/p/r/x')).toMatchObject({
      answer: 'unknown',
      hint: expect.any(String),
    });
  });
});

test('hosts that share an evaluation get what they would get alone', async () => {
  const tasks =
    '- {id: x, when: "size != 3", note: {path: "/{{ size }}", text: "{{#if flag}}{{ only }}{{else}}{{ other }}{{/if}}"}}\n';
  const inventory = (hostNames: readonly string[]): string =>
    `all:\n  vars: {flag: true, only: "{{ size }}-{{ other }}", other: o}\n  hosts:\n${hostNames
      .map((name) => `    ${name}: {size: ${name.length}, flag: ${name.includes('f')}}\n`)
      .join('')}`;
  const names = ['a', 'f', 'bb', 'fb', 'ccc', 'fcc', 'dddd', 'ffff'];
  const together = await graphOf(hosts(inventory(names), tasks));
  for (const name of names) {
    const alone = await compileFiles(hosts(inventory([name]), tasks));
    expect(specOf(together, `${name}/p/r/x`)).toEqual(alone.graph?.tasks[0]?.spec());
  }
});
