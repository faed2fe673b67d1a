import {describe, expect, test} from 'vitest';
import {compileFiles, role} from './harness.ts';

const DEFAULTS = `
version: 1.2.3
releases:
  1.2.3: {digest: a}
  1.2.10: {digest: b}
  1.1.0: {digest: c}
digest: "{{ releases[version].digest }}"
`;
const SCHEMA = JSON.stringify({
  properties: {version: {type: 'string', 'x-key-of': 'releases'}, releases: {}, digest: {type: 'string'}},
});

/** What is wrong where a role knows releases, and another one needs it. */
async function mistakesWith(vars: string): Promise<readonly string[]> {
  const {problems, mistakes} = await compileFiles({
    files: {
      'inventory.yaml': `all:\n  hosts: {a: {}, b: {}}\n  vars:\n${vars}`,
      'playbook.yaml': '- {play: p, hosts: all, roles: [user]}\n',
      ...role('releases', '[]\n', {'defaults.yaml': DEFAULTS, 'schema.json': SCHEMA}),
      ...role('user', '- {id: x, note: {path: "{{ version }}", text: "{{ digest }}"}}\n'),
      'roles/user/role.yaml': 'summary: For a test.\nneeds: releases\n',
    },
  });
  return mistakes.map((mistake, index) => `${mistake} ${problems[index]?.hint ?? ''}`);
}

describe('the key of a table', () => {
  test('that is not there is told once, where it was set, with the last of each series that is', async () => {
    expect(await mistakesWith('    version: 1.3.0\n')).toEqual([
      'E105 inventory.yaml:4:14 "releases" has no "1.3.0". Among those that it has: 1.2.10, 1.1.0. Another one can be added to it.',
    ]);
  });

  test('may be one that users have added, also where the entry reads it', async () => {
    const vars = '    version: 1.3.0\n    releases: {1.3.0: {digest: "of {{ version }}"}}\n';
    expect(await mistakesWith(vars)).toEqual([]);
  });
});
