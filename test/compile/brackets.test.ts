import {expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {SAMPLE_PROFILE} from '../../src/compile/samples.ts';
import type {TaskGraph} from '../../src/model/graph.ts';
import {compileFiles, edgesOf, graphOf, role} from './harness.ts';

const project = (tasks: string, around = '[]') => ({
  files: {
    'inventory.yaml': 'all: {hosts: {a: {}, b: {}}}\n',
    'playbook.yaml': `- {play: p, hosts: all, around: ${around}, roles: [r]}\n`,
    ...role('r', tasks),
  },
});

const TWO = '- {id: x, note: {path: /x}}\n- {id: y, note: {path: /y}}\n';

const bracketsOf = ({brackets}: TaskGraph) => brackets.map(({id, host, around}) => [id, host, around.length]);

test('a bracket of a play is around all tasks of each host', async () => {
  const graph = await graphOf(project(TWO, '[{id: w, window: {}, impact: reload}]'));
  expect(bracketsOf(graph)).toEqual([
    ['a/p/w', 'a', 2],
    ['b/p/w', 'b', 2],
  ]);
  expect(graph.brackets[0]?.impact).toBe('reload');
});

test('a bracket of a play that is run once is around the tasks of all hosts, at any of them', async () => {
  const graph = await graphOf(project(TWO, '[{id: w, window: {}, run_once: true}]'));
  expect(bracketsOf(graph)).toEqual([['all/p/w', 'a', 4]]);
  expect(graph.brackets[0]?.delegates).toEqual(['a', 'b']);
});

test('a bracket of a play is one with the plays that it names', async () => {
  const graph = await graphOf({
    files: {
      'inventory.yaml': 'all: {hosts: {a: {}, b: {}}}\n',
      'playbook.yaml': `
- {play: one, hosts: a, roles: [r]}
- {play: two, hosts: a, roles: [r]}
- {play: three, hosts: b, around: [{id: w, window: {}, run_once: true, around: one}], roles: [r]}
`,
      ...role('r', TWO),
    },
  });
  expect(graph.brackets.map(({id, around}) => ({id, around}))).toEqual([
    {id: 'b/three/w', around: ['a/one/r/x', 'a/one/r/y', 'b/three/r/x', 'b/three/r/y']},
  ]);
});

test('a bracket whose tasks a condition rules out is not there', async () => {
  const tasks =
    '- {id: x, when: "inventory_hostname == \'a\'", note: {}}\n- {id: w, around: [x], window: {}}\n';
  expect(bracketsOf(await graphOf(project(tasks)))).toEqual([['a/p/r/w', 'a', 1]]);
});

test('tasks inside wait for what their bracket reads', async () => {
  const graph = await graphOf(
    project(`${TWO}- {id: w, around: [y], window: {note: "{{ tasks.x.outputs.digest }}"}}\n`),
  );
  expect(edgesOf(graph)).toContain('a/p/r/x -> a/p/r/y bracket');
  expect(graph.brackets[0]?.bracket).toMatchObject({stage: 'output', reads: ['a/p/r/x']});
});

test('a bracket that reads what happens inside of it is a cycle', async () => {
  const {mistakes} = await compileFiles(
    project('- {id: x, note: {}}\n- {id: w, around: [x], window: {note: "{{ tasks.x.outputs.digest }}"}}\n'),
  );
  expect(mistakes[0]).toMatch(/^E501 .*\n {2}a\/p\/r\/x waits for a\/p\/r\/x: the bracket a\/p\/r\/w reads/);
});

test('what a bracket gives is secret, and there for the tasks inside', async () => {
  const graph = await graphOf(
    project(
      '- {id: w, around: [x], window: {}}\n- {id: x, note: {text: "{{ brackets.w.outputs.token }}"}}\n',
    ),
  );
  const resolved = graph.tasks[0]?.resource.resolve({
    profile: SAMPLE_PROFILE,
    outputsOf: () => ({}),
    bracketOutputsOf: (id) => ({token: new Secret(`of ${id}`)}),
  });
  expect(resolved).toMatchObject({ok: true});
  expect(graph.tasks[0]?.resource.reads).toEqual([]);
});

test.each([
  ['no secret may stand', '- {id: x, note: {path: "{{ brackets.w.outputs.token }}"}}', /^E307 .*is a secret/],
  [
    'a file would stay',
    '- {id: x, note: {path: /x, text: "{{ brackets.w.outputs.token }}"}}',
    /^E403 .*another one in each run/,
  ],
  [
    'there is no such bracket',
    '- {id: x, note: {text: "{{ brackets.v.outputs.token }}"}}',
    /^E503 .*No bracket "v" is around/,
  ],
  [
    'there is no such output',
    '- {id: x, note: {text: "{{ brackets.w.outputs.nope }}"}}',
    /^E504 .*"nope" is no output/,
  ],
])('what a bracket gives is refused where %s', async (_title, task, mistake) => {
  const {mistakes} = await compileFiles(project(`- {id: w, around: [x], window: {}}\n${task}\n`));
  expect(mistakes).toEqual([expect.stringMatching(mistake)]);
});
