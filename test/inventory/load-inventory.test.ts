import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {placeOf} from '../../src/diagnostics/source.ts';
import type {VariableLayer} from '../../src/inventory/layer.ts';
import {loadInventory} from '../../src/inventory/load-inventory.ts';
import {toJs} from '../../src/yaml/access.ts';
import {groupIn, hostIn, type Loaded} from './support.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-inventory-'));
});
afterEach(() => rm(folder, {recursive: true}));

type Files = Readonly<Record<string, string>>;

async function load(files: Files, paths: readonly string[]): Promise<Loaded> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), {recursive: true});
    await writeFile(join(folder, path), text);
  }
  const problems = new Problems();
  const inventory = await loadInventory(
    paths.map((path) => join(folder, path)),
    problems,
    {TOKEN: 'from outside'},
  );
  const found = problems.all.map(({code, range}) =>
    range ? `${code} ${placeOf(range).replace(`${folder}/`, '')}` : code,
  );
  return {inventory, found, problems: problems.all};
}

/** What the layers say together, the later ones winning. */
const together = (layers: readonly VariableLayer[]): unknown =>
  Object.fromEntries(
    layers.flatMap(({entries}) => [...entries].map(([name, {value}]) => [name, toJs(value)])),
  );

describe('variables beside an inventory', () => {
  test('come from files and folders named after hosts and groups', async () => {
    const {inventory, found} = await load(
      {
        'inventory.yaml': 'web: {hosts: {a: {x: inline}}, vars: {x: inline}}',
        'group_vars/all.yml': 'from: all',
        'group_vars/all/10.yaml': 'number: 10',
        'group_vars/all/20.yaml': 'number: 20',
        'group_vars/all/deep/30.json': '{"deep": 30}',
        'group_vars/web': 'x: file',
        'group_vars/web.yaml~': 'x: old',
        'host_vars/a.yaml': 'x: file',
        'host_vars/.hidden.yaml': 'x: [',
      },
      ['inventory.yaml'],
    );
    expect(found).toEqual([]);
    expect(together(groupIn(inventory, 'all').layers)).toEqual({from: 'all', number: 20, deep: 30});
    expect(together(groupIn(inventory, 'web').layers)).toEqual({x: 'file'});
    expect(together(hostIn(inventory, 'a').layers)).toEqual({x: 'file'});
  });

  test('of a host or group that does not exist are a warning with what was probably meant', async () => {
    const {found, problems} = await load(
      {'inventory.yaml': 'web: {hosts: {a: }}', 'group_vars/wep.yaml': 'x: 1', 'host_vars/zzz.yaml': ''},
      ['inventory.yaml'],
    );
    expect(found).toEqual(['E203 group_vars/wep.yaml:1:1']);
    expect(problems[0]).toMatchObject({severity: 'warning', hint: 'Did you mean "web"?'});
  });

  test('that are not a map are refused', async () => {
    const {found, problems} = await load(
      {
        'inventory.yaml': 'web: {hosts: {a: }}',
        'group_vars/web.yaml': '- x',
        'host_vars/a.yaml': '$ANSIBLE_VAULT;1.1;AES256\n6162',
      },
      ['inventory.yaml'],
    );
    expect(found).toEqual(['E201 group_vars/web.yaml:1:1', 'E201 host_vars/a.yaml:1:1']);
    expect(problems[1]?.hint).toContain('Vault');
  });

  test('that are passwords are Secrets, and so is what tags say', async () => {
    const {inventory} = await load(
      {
        'inventory.yaml': 'web: {hosts: {a: {ansible_password: 0123, token: !env TOKEN}}}',
        'host_vars/a.yaml': 'ansible_become_pass: "{{ other }}"',
      },
      ['inventory.yaml'],
    );
    const values = hostIn(inventory, 'a').layers.flatMap(({entries}) =>
      [...entries.values()].map(({value}) => toJs(value)),
    );
    expect(values.map((value) => (value instanceof Secret ? value.reveal() : value))).toEqual([
      '0123',
      'from outside',
      '{{ other }}',
    ]);
  });
});

describe('several inventories', () => {
  test('are merged, and the later one wins', async () => {
    const {inventory, found} = await load(
      {
        'one/inventory.yaml': 'web: {hosts: {a: {x: 1}, b: }, vars: {y: 1}}',
        'one/group_vars/web.yaml': 'y: 2',
        'two/inventory.yaml': 'web: {hosts: {c: , a: {x: 3}}, vars: {y: 3}}',
      },
      ['one/inventory.yaml', 'two/inventory.yaml'],
    );
    expect(found).toEqual([]);
    expect(groupIn(inventory, 'web').hosts).toEqual(['a', 'b', 'c']);
    expect(together(hostIn(inventory, 'a').layers)).toEqual({x: 3});
    expect(together(groupIn(inventory, 'web').layers)).toEqual({y: 3});
  });

  test('may have the variables of what only a later one names', async () => {
    const {inventory, found} = await load(
      {
        'one/inventory.yaml': 'web: {hosts: {a: }}',
        'one/group_vars/db.yaml': '{x: 1, y: 1}',
        'two/inventory.yaml': 'db: {hosts: {b: }, vars: {y: 2}}',
      },
      ['one/inventory.yaml', 'two/inventory.yaml'],
    );
    expect(found).toEqual([]);
    expect(together(groupIn(inventory, 'db').layers)).toEqual({x: 1, y: 2});
  });

  test('in one folder share what lies beside them, once', async () => {
    const {inventory} = await load(
      {'a.yaml': 'web: {hosts: {a: }}', 'b.yaml': 'db: {hosts: {b: }}', 'group_vars/db.yaml': 'x: 1'},
      ['a.yaml', 'b.yaml'],
    );
    expect(groupIn(inventory, 'db').layers).toHaveLength(1);
  });

  test('can be all files of a directory, by name', async () => {
    const {inventory, found} = await load(
      {
        'i/10.yaml': 'web: {hosts: {a: }}',
        'i/20.yml': 'web: {hosts: {b: }}',
        'i/sub/hosts': 'web: {hosts: {c: }}',
        'i/group_vars/web.yaml': 'x: 1',
        'i/README.md': '# [no inventory',
      },
      ['i'],
    );
    expect(found).toEqual([]);
    expect(groupIn(inventory, 'web').hosts).toEqual(['a', 'b', 'c']);
    expect(groupIn(inventory, 'web').layers).toHaveLength(1);
  });
});

describe('an inventory that cannot be read', () => {
  test('is a diagnostic: none there, an empty directory, the INI format', async () => {
    await mkdir(join(folder, 'empty'));
    const {found, problems} = await load({hosts: 'cp1 ansible_host=10.0.0.1\n\n[web]\ncp1\n'}, [
      'missing.yaml',
      'empty',
      'hosts',
    ]);
    expect(found.toSorted()).toEqual(['E101', 'E201', 'E201 hosts:1:1']);
    expect(problems.map(({hint}) => hint)).toContainEqual(expect.stringContaining('ansible-inventory -i'));
  });
});
