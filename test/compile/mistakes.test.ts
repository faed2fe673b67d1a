import {describe, expect, test} from 'vitest';
import {compileFiles, oneHost, TASK} from './harness.ts';
import {resource} from './stubs.ts';

describe('a mistake in a task is shown at its place:', () => {
  test.each<[string, string, string]>([
    [
      'an unknown variable',
      '- {id: x, note: {text: "{{ nope }}"}}',
      `E301 ${TASK}:1:28 "nope" is not defined here.`,
    ],
    [
      'an unknown group',
      '- {id: x, note: {text: "{{ groups.nope }}"}}',
      `E301 ${TASK}:1:28 There is no group "nope".`,
    ],
    [
      'an unknown host',
      `- {id: x, note: {text: "{{ hosts['nope'].vars.a }}"}}`,
      `E301 ${TASK}:1:28 There is no host "nope".`,
    ],
    [
      'an unknown property of the profile',
      '- {id: x, note: {text: "{{ profile.archh }}"}}',
      `E301 ${TASK}:1:28 "profile" has no "archh".`,
    ],
    [
      'an unknown name in a condition',
      '- {id: x, when: nope == 1, note: {}}',
      `E301 ${TASK}:1:17 "nope" is not defined here.`,
    ],
    [
      'an unknown task',
      '- {id: x, note: {text: "{{ tasks.nope.outputs.digest }}"}}',
      `E503 ${TASK}:1:28 There is no task "nope" in this run.`,
    ],
    [
      'an unknown output',
      '- {id: w, note: {path: /w}}\n- {id: x, note: {text: "{{ tasks.w.outputs.nope }}"}}',
      `E504 ${TASK}:2:28 "nope" is no output of a/p/r/w, a "note".`,
    ],
    [
      'an output of a task that never runs',
      '- {id: w, when: false, note: {path: /w}}\n- {id: x, note: {text: "{{ tasks.w.outputs.digest }}"}}',
      `E505 ${TASK}:2:24 a/p/r/x reads an output of a/p/r/w, which never runs: its \`when\` does not hold there.`,
    ],
    [
      'an output of another type',
      '- {id: w, note: {path: /w}}\n- {id: x, note: {count: "{{ tasks.w.outputs.digest }}"}}',
      `E307 ${TASK}:2:25 "{{ tasks.w.outputs.digest }}" will be a text, and this must be a whole number.`,
    ],
    [
      'a value of the profile of another type',
      '- {id: x, note: {count: "{{ profile.arch }}"}}',
      `E307 ${TASK}:1:25 "{{ profile.arch }}" will be a text, and this must be a whole number.`,
    ],
    ['an unknown property', '- {id: x, note: {pth: /x}}', `E103 ${TASK}:1:18 "pth" is not a property here.`],
    [
      'an unknown word',
      '- {id: x, note: {}, wehn: true}',
      `E103 ${TASK}:1:21 "wehn" is no property of a task.`,
    ],
    ['an unknown kind', '- {id: x, noet: {}}', `E404 ${TASK}:1:11 There is no resource type "noet".`],
    ['a task without a kind', '- {id: x}', `E403 ${TASK}:1:3 This task says nothing about what it wants.`],
    [
      'a task without an id',
      '- {note: {}}',
      `E403 ${TASK}:1:3 This task has no id. Plans, \`needs\` and \`--target\` name it by that.`,
    ],
    [
      'two tasks of one id',
      '- {id: x, note: {path: /a}}\n- {id: x, note: {path: /b}}',
      `E406 ${TASK}:2:3 Two tasks of one entrypoint have the id "x".`,
    ],
    [
      'a loop that depends on a host',
      '- {id: x, loop: "{{ profile.addresses }}", note: {}}',
      `E403 ${TASK}:1:17 What a loop goes through has to be known before any host is: this depends on one.`,
    ],
    [
      'items without keys',
      '- {id: x, loop: [{a: 1}], note: {}}',
      `E403 ${TASK}:1:17 An item that is a map needs a "key".`,
    ],
    [
      'two items of one key',
      '- {id: x, loop: [a, a], note: {}}',
      `E406 ${TASK}:1:17 Two items of this loop have the key "a".`,
    ],
    [
      'a wrong time-out',
      '- {id: x, timeout: soon, note: {}}',
      `E105 ${TASK}:1:20 This must be a duration such as 90s or 5m.`,
    ],
    [
      'a resource that is around others',
      '- {id: x, around: [x], note: {}}',
      `E403 ${TASK}:1:11 "around" does not belong here: only brackets have it. A resource stays when the run has ended.`,
    ],
    [
      'a bracket around nothing',
      '- {id: x, window: {}}\n- {id: y, note: {}}',
      `E403 ${TASK}:1:3 "x" is a bracket, and does not say around which tasks.`,
    ],
    [
      'a bracket around an unknown task',
      '- {id: x, around: [z], window: {}}\n- {id: y, note: {}}',
      `E503 ${TASK}:1:20 "x" is around "z", and there is no such task in "r".`,
    ],
    [
      'a secret where all can see it',
      '- {id: x, note: {path: !secret hunter2}}',
      `E105 ${TASK}:1:32 "path" is a secret, and what stands here is shown in plans and logs.`,
    ],
    [
      'a group that nobody is in',
      '- {id: x, delegate_to: etcd, note: {}}',
      `E203 ${TASK}:1:24 "etcd" is no host, so nobody could do this task.`,
    ],
  ])('%s', async (_title, task, mistake) => {
    expect((await compileFiles(oneHost(`${task}\n`))).mistakes).toEqual([mistake]);
  });
});

describe('a mistake in a file of a role is shown there:', () => {
  const template = '- {id: x, template: {src: a.conf, dest: /a}}\n';
  const TEMPLATE = resource({
    kind: 'template',
    properties: {src: {type: 'string'}, dest: {type: 'string'}, content: {type: 'string', 'x-secret': true}},
  });

  test('an undefined name in a template', async () => {
    const more = {'roles/r/templates/a.conf.hbs': 'one\n  two {{ nope }}\n'};
    const {mistakes} = await compileFiles({...oneHost(template, more), resources: [TEMPLATE]});
    expect(mistakes).toEqual(['E301 roles/r/templates/a.conf.hbs:2:10 "nope" is not defined here.']);
  });

  test('a template that is not there', async () => {
    const {mistakes} = await compileFiles({...oneHost(template), resources: [TEMPLATE]});
    expect(mistakes).toEqual([`E101 ${TASK}:1:27 There is no template "a.conf" in the role "r".`]);
  });

  test('a variable that depends on itself', async () => {
    const more = {'roles/r/defaults.yaml': 'a: "{{ b }}"\nb: "{{ c }}"\nc: "{{ b }}"\n'};
    const {mistakes} = await compileFiles(oneHost('- {id: x, note: {text: "{{ a }}"}}\n', more));
    expect(mistakes).toEqual([
      'E305 roles/r/defaults.yaml:2:4 The value of "b" depends on itself: b -> c -> b.',
    ]);
  });

  test('a variable of the wrong type, where it was set', async () => {
    const more = {
      'inventory.yaml': 'all:\n  vars: {port: many}\n  hosts: {a: {}, b: {}}\n',
      'roles/r/schema.json': '{"properties": {"port": {"type": "integer"}}}',
    };
    const {mistakes} = await compileFiles(oneHost('- {id: x, note: {}}\n', more));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^E105 inventory.yaml:2:16 /);
  });

  test('a variable of the wrong type is told once, and not what would follow from it', async () => {
    const {mistakes} = await compileFiles(
      oneHost(
        '- {id: x, when: port > 3, note: {path: "{{ table[port] }}", text: "{{ upper port.name }}"}}\n',
        {
          'roles/r/schema.json': '{"properties": {"port": {"enum": ["a", "b"]}, "table": {}}}',
          'roles/r/defaults.yaml': 'port: c\ntable: {a: 1, b: 2}\n',
        },
      ),
    );
    expect(mistakes).toEqual(['E105 roles/r/defaults.yaml:1:7 This must be one of "a", "b", not "c".']);
  });

  test('a variable that a role needs and nobody sets', async () => {
    const schema = '{"properties": {"port": {"type": "integer"}}, "required": ["port"]}';
    const {mistakes} = await compileFiles(oneHost('- {id: x, note: {}}\n', {'roles/r/schema.json': schema}));
    expect(mistakes).toEqual([
      'E104 playbook.yaml:1:33 The role "r" needs the variable "port", which is not set for host "a".',
    ]);
  });

  test('a command without a guard', async () => {
    const {RESOURCES} = await import('../../src/resources/registry.ts');
    const resources = [...RESOURCES.values()];
    const {mistakes} = await compileFiles({...oneHost('- {id: x, command: {cmd: "true"}}\n'), resources});
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^E407 roles\/r\/tasks\/install.yaml:1:20 A command needs a guard/);
  });
});

describe('a mistake in a playbook is shown there:', () => {
  const playbook = (text: string) => oneHost('- {id: x, note: {}}\n', {'playbook.yaml': `${text}\n`});

  test.each<[string, string, string]>([
    [
      'an unknown role',
      '- {play: p, hosts: all, roles: [rr]}',
      'E401 playbook.yaml:1:33 There is no role "rr".',
    ],
    [
      'an unknown entrypoint',
      '- {play: p, hosts: all, roles: [{role: r, entrypoint: nope}]}',
      'E402 playbook.yaml:1:55 The role "r" has no entrypoint "nope".',
    ],
    [
      'an unknown host',
      '- {play: p, hosts: nope, roles: [r]}',
      'E203 playbook.yaml:1:20 "nope" is neither a host nor a group of the inventory.',
    ],
    [
      'an unknown play',
      '- {play: p, hosts: all, needs: [q], roles: [r]}',
      'E405 playbook.yaml:1:33 There is no play "q".',
    ],
    [
      'a bracket around a play that stands behind its own',
      '- {play: p, hosts: all, around: [{id: w, window: {}, around: q}], roles: [r]}\n- {play: q, hosts: all, roles: [r]}',
      'E405 playbook.yaml:1:62 The play "q" does not stand before this one.',
    ],
    ['no list', 'play: p', 'E405 playbook.yaml:1:1 A playbook is a list of plays.'],
    [
      'two plays of one id',
      '- {play: p, hosts: all}\n- {play: p, hosts: all}',
      'E406 playbook.yaml:2:3 Two plays have the id "p".',
    ],
    [
      'a role that runs twice',
      '- {play: p, hosts: all, roles: [r, r]}',
      'E406 playbook.yaml:1:36 The play "p" runs "r" twice; their tasks would have the same ids.',
    ],
  ])('%s', async (_title, text, mistake) => {
    expect((await compileFiles(playbook(text))).mistakes).toEqual([mistake]);
  });
});

test('a folder that is no role yet is named', async () => {
  const files = oneHost('- {id: x, note: {}}\n', {
    'playbook.yaml': '- {play: p, hosts: all, roles: [q]}\n',
    'roles/q/tasks/install.yaml': '- {id: x, note: {}}\n',
  });
  const {problems} = await compileFiles(files);
  expect(problems).toEqual([expect.objectContaining({code: 'E401'})]);
  expect(problems[0]?.hint).toMatch(/roles\/q is no role yet: it has no role\.yaml\.$/);
});

test('a variable that no role knows and nothing reads is a warning with a suggestion', async () => {
  const {problems, mistakes} = await compileFiles(
    oneHost('- {id: x, note: {text: "{{ used }}"}}\n', {
      'inventory.yaml': 'all: {vars: {used: 1, prot: 2, ansible_x: 3}, hosts: {a: {}}}\n',
      'roles/r/defaults.yaml': 'port: 1\n',
    }),
  );
  expect(mistakes).toEqual([
    'E306 inventory.yaml:1:23 No role knows the variable "prot", and nothing reads it.',
  ]);
  expect(problems[0]).toMatchObject({severity: 'warning', hint: 'Did you mean "port"?'});
});

test('what is wrong in the same way on many hosts is told once', async () => {
  const {mistakes} = await compileFiles(
    oneHost('- {id: x, note: {path: "/{{ inventory_hostname }}", text: "{{ nope }}"}}\n', {
      'inventory.yaml': 'all: {hosts: {"h[1:20]": {}}}\n',
    }),
  );
  expect(mistakes).toHaveLength(1);
});
