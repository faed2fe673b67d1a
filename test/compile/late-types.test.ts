import {describe, expect, test} from 'vitest';
import {compileFiles, oneHost, TASK} from './harness.ts';
import {NOTE, resource} from './stubs.ts';

describe('of a value that only a host will tell the type is known before:', () => {
  const PRODUCER = '- {id: w, note: {path: /w}}\n';

  test.each<[string, string, string]>([
    [
      'a comparison in a condition',
      `${PRODUCER}- {id: x, when: tasks.w.outputs.digest > 3, note: {}}`,
      `E303 ${TASK}:2:17 no such overload: string > int.`,
    ],
    [
      'an equality that never holds',
      `- {id: x, when: profile.cpus == '2', note: {}}`,
      `E303 ${TASK}:1:17 no such overload: int == string.`,
    ],
    [
      'a function of CEL',
      '- {id: x, when: profile.arch.startsWith(3), note: {}}',
      `E303 ${TASK}:1:17 found no matching overload for 'string.startsWith(int)'.`,
    ],
    [
      'a condition that is neither true nor false',
      '- {id: x, when: profile.cpus, note: {}}',
      `E303 ${TASK}:1:17 A condition is true or false, and this one gives a whole number.`,
    ],
    [
      'one side of an alternative',
      '- {id: x, when: inventory_hostname == "a" && profile.arch, note: {}}',
      `E303 ${TASK}:1:17 True or false is expected here, and this is a text.`,
    ],
    [
      'an item of a list',
      '- {id: x, when: "profile.os.family.exists(f, f > 1)", note: {}}',
      `E303 ${TASK}:1:18 no such overload: string > int.`,
    ],
    [
      'the argument of a helper',
      '- {id: x, note: {text: "{{ upper profile.cpus }}"}}',
      `E302 ${TASK}:1:34 This is a whole number, and a text is expected here.`,
    ],
    [
      'a known argument beside it',
      `- {id: x, note: {text: "{{ cidr_host profile.address 'x' }}"}}`,
      `E302 ${TASK}:1:54 This is a text, and a whole number is expected here.`,
    ],
    [
      'what a helper makes of it',
      '- {id: x, note: {count: "{{ upper profile.arch }}"}}',
      `E307 ${TASK}:1:25 "{{ upper profile.arch }}" will be a text, and this must be a whole number.`,
    ],
    [
      'a property of what has none',
      '- {id: x, note: {text: "{{ profile.arch.name }}"}}',
      `E301 ${TASK}:1:28 "profile.arch" will be a text, which has no "name".`,
    ],
    [
      'a list in the middle of a text',
      '- {id: x, note: {text: "at {{ profile.addresses }}"}}',
      `E307 ${TASK}:1:31 This is a list, which has no place in a text.`,
    ],
    [
      'a block that goes over a text',
      '- {id: x, note: {text: "{{#each profile.arch}}{{this}}{{/each}}"}}',
      `E307 ${TASK}:1:33 "#each" goes over a list or a map, and this is a text.`,
    ],
    [
      'an item of a block',
      '- {id: x, note: {text: "{{#each profile.addresses as |a|}}{{ cidr_host a a }}{{/each}}"}}',
      `E302 ${TASK}:1:74 This is a text, and a whole number is expected here.`,
    ],
  ])('%s', async (_title, task, mistake) => {
    expect((await compileFiles(oneHost(`${task}\n`))).mistakes).toEqual([mistake]);
  });

  const variables = (vars: string, more = {}) => ({
    'inventory.yaml': `all:\n  vars:\n    v: ${vars}\n  hosts: {a: {}}\n`,
    ...more,
  });

  test.each<[string, string, string, string]>([
    [
      'through a variable',
      '"{{ profile.cpus }}"',
      '{id: x, note: {text: "{{ upper v }}"}}',
      `E302 ${TASK}:1:34 This is a whole number, and a text is expected here.`,
    ],
    [
      'in a map',
      '{cpus: "{{ profile.cpus }}", arch: "{{ profile.arch }}"}',
      '{id: x, note: {count: "{{ v.arch }}"}}',
      `E307 ${TASK}:1:25 "{{ v.arch }}" will be a text, and this must be a whole number.`,
    ],
    [
      'in a map that has no such property',
      '{cpus: "{{ profile.cpus }}"}',
      '{id: x, note: {text: "{{ v.cpu }}"}}',
      `E301 ${TASK}:1:28 "v" will be a map, which has no "cpu".`,
    ],
    [
      'of either of two types, of which neither fits',
      '"{{ default profile.arch 3 }}"',
      '{id: x, when: v, note: {}}',
      `E303 ${TASK}:1:17 A condition is true or false, and this one gives a text or a whole number.`,
    ],
  ])('%s', async (_title, vars, task, mistake) => {
    const {mistakes} = await compileFiles(oneHost(`- ${task}\n`, variables(vars)));
    expect(mistakes).toEqual([mistake]);
  });

  test('against what a role says of its variable', async () => {
    const more = variables('"{{ profile.arch }}"', {
      'roles/r/schema.json': '{"properties": {"v": {"type": "integer"}}}',
    });
    const {mistakes} = await compileFiles(oneHost('- {id: x, note: {count: "{{ v }}"}}\n', more));
    expect(mistakes).toContain('E307 inventory.yaml:3:8 "v" will be a text, and it must be a whole number.');
  });

  test.each([
    `${PRODUCER}- {id: x, when: 'int(tasks.w.outputs.digest) > 3 && profile.memory_mb / 2 > 512', note: {}}`,
    '- {id: x, when: profile.cpus > 1.5, note: {text: "{{ default profile.cpus 1 }}"}}',
    '- {id: x, when: "profile.addresses.exists(a, cidr_contains(\'10.0.0.0/8\', a))", note: {text: "{{ join profile.addresses }}"}}',
    '- {id: x, when: "profile.os.id in [\'debian\', \'ubuntu\'] || has(profile.os.version)", note: {count: "{{ cidr_prefix profile.address }}"}}',
  ])('and what can be right is not refused: %s', async (task) => {
    expect((await compileFiles(oneHost(`${task}\n`))).mistakes).toEqual([]);
  });

  test.each([
    ['as it is', '{{ tasks.w.outputs.word }}'],
    ['in a text', 'the {{ tasks.w.outputs.word }}'],
    ['through a helper', '{{ upper tasks.w.outputs.word }}'],
    ['in a map of a variable', '{{ v.word }}'],
  ])('a secret where all can see it, %s', async (_title, text) => {
    const VAULT = resource({
      kind: 'vault',
      properties: {},
      outputs: {word: {type: 'string', 'x-secret': true}},
    });
    const tasks = `- {id: w, vault: {}}\n- {id: x, note: {path: "${text}"}}\n`;
    const more = {'roles/r/defaults.yaml': 'v: {word: "{{ tasks.w.outputs.word }}"}\n'};
    const {mistakes} = await compileFiles({...oneHost(tasks, more), resources: [NOTE, VAULT]});
    expect(mistakes).toEqual([
      `E307 ${TASK}:2:24 "${text}" is a secret, and what stands here is shown in plans and logs.`,
    ]);
  });
});
