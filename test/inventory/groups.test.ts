import {describe, expect, test} from 'vitest';
import {groupIn, hostIn, inventoryOf} from './support.ts';

const CLUSTER = `
all:
  vars: {kube_version: 1.36.4}
  children:
    kube_control_plane: {hosts: {cp1: {ansible_host: 10.0.0.11}}}
    etcd: {children: {kube_control_plane: {}}}
    kube_node: {hosts: {"w[1:3]": {}}}
`;

describe('an inventory', () => {
  const {inventory, found} = inventoryOf(CLUSTER);

  test('has its hosts in the order in which they are named', () => {
    expect(found).toEqual([]);
    expect([...inventory.hosts.keys()]).toEqual(['cp1', 'w1', 'w2', 'w3']);
  });

  test.each([
    ['all', ['cp1', 'w1', 'w2', 'w3']],
    ['etcd', ['cp1']],
    ['kube_node', ['w1', 'w2', 'w3']],
    ['k8s_cluster', ['cp1', 'w1', 'w2', 'w3']],
    ['bastion', []],
    ['ungrouped', []],
  ])('has in group %s all hosts below it', (name, hosts) => {
    expect(groupIn(inventory, name).hosts).toEqual(hosts);
  });

  test('tells a host its groups, a parent before its children', () => {
    const {groups} = hostIn(inventory, 'cp1');
    expect(groups[0]).toBe('all');
    expect(groups.indexOf(groupIn(inventory, 'etcd').name)).toBeLessThan(
      groups.indexOf(groupIn(inventory, 'kube_control_plane').name),
    );
    expect([...groups].sort()).toEqual(['all', 'etcd', 'k8s_cluster', 'kube_control_plane']);
  });

  test('tells a group its parents and children', () => {
    expect(groupIn(inventory, 'kube_control_plane').parents).toEqual(['all', 'etcd', 'k8s_cluster']);
    expect(groupIn(inventory, 'etcd').parents).toEqual(['all']);
    expect(groupIn(inventory, 'etcd').children).toEqual(['kube_control_plane']);
  });

  test.each([
    ['nothing', ''],
    ['an empty group', 'all:'],
    ['empty parts of a group', 'all: {hosts: , children: , vars: }'],
    ['a host without variables', 'all: {hosts: {a: , b: null, c: {}}}'],
    ['one host as a text', 'all: {hosts: a}'],
    ['groups at the top', 'web: {hosts: {a: }}\ndb: {hosts: {b: }}'],
  ])('may hold %s', (_title, text) => {
    expect(inventoryOf(text).found).toEqual([]);
  });

  test('takes a k8s_cluster that is declared as it is', () => {
    const declared = `${CLUSTER}    k8s_cluster: {children: {kube_node: {}}}\n`;
    expect(groupIn(inventoryOf(declared).inventory, 'k8s_cluster').hosts).toEqual(['w1', 'w2', 'w3']);
  });

  test('computes a k8s_cluster that has variables only', () => {
    const declared = `${CLUSTER}    k8s_cluster: {vars: {a: 1}}\n`;
    expect(groupIn(inventoryOf(declared).inventory, 'k8s_cluster').hosts).toHaveLength(4);
  });

  test('has a host in ungrouped exactly when no other group has it', () => {
    const {inventory: mixed} = inventoryOf('all: {hosts: {a: , b: }, children: {web: {hosts: {b: }}}}');
    expect(groupIn(mixed, 'ungrouped').hosts).toEqual(['a']);
    expect(hostIn(mixed, 'a').groups).toEqual(['all', 'ungrouped']);
    expect(hostIn(mixed, 'b').groups).toEqual(['all', 'web']);
  });

  test('has a host once, however many ways lead to it', () => {
    const {inventory: diamond} = inventoryOf(
      'top: {children: {left: {children: {low: }}, right: {children: {low: {hosts: {a: }}}}}}',
    );
    expect(groupIn(diamond, 'top').hosts).toEqual(['a']);
    expect(hostIn(diamond, 'a').groups).toEqual(['all', 'top', 'left', 'right', 'low']);
  });
});

describe('a mistake in an inventory', () => {
  test.each([
    ['a list instead of groups', '- a\n', ['E201 1:1']],
    ['a part of a group that is none', 'all:\n  host: {a: }\n', ['E103 2:3']],
    ['a list of hosts', 'all:\n  hosts: [a, b]\n', ['E105 2:10']],
    ['a list of variables', 'all:\n  vars: [a]\n', ['E105 2:9']],
    ['a text for a host', 'all:\n  hosts: {a: 10.0.0.1}\n', ['E105 2:14']],
    ['a name with a space', 'all:\n  hosts: {a b: }\n', ['E201 2:11']],
    ['a name with a port', 'all:\n  hosts: {"a:22": }\n', ['E201 2:11']],
    ['a name with a star', '"w*": {hosts: {a: }}\n', ['E201 1:1']],
    ['a broken range', 'all:\n  hosts: {"a[1:": }\n', ['E202 2:11']],
    ['a variable that no template could read', 'all:\n  vars: {a-b: 1}\n', ['E201 2:10']],
    ['a host that has the name of a group', 'web: {hosts: {web: }}\n', ['E201 1:15']],
  ])('is found in its place: %s', (_title, text, found) => {
    expect(inventoryOf(text).found).toEqual(found);
  });

  test('comes with what was probably meant', () => {
    expect(inventoryOf('all: {childrn: {}}').problems[0]?.hint).toBe('Did you mean "children"?');
    expect(inventoryOf('all: {hosts: [a]}').problems[0]?.hint).toContain('instead of "- name"');
  });
});

describe('a circle of groups', () => {
  test('is told step by step', () => {
    const {problems, found} = inventoryOf('a: {children: {b: {children: {c: {children: {a: }}}}}}');
    expect(found).toEqual(['E204 1:46']);
    expect(problems[0]?.notes?.map(({message}) => message)).toEqual([
      '"a" contains "b"',
      '"b" contains "c"',
      '"c" contains "a"',
    ]);
  });

  test.each([
    ['a group in itself', 'a: {children: {a: }}', ['E204 1:16']],
    ['all in another group', 'a: {children: {all: }}', ['E204 1:16']],
    [
      'two circles',
      'a: {children: {b: {children: {a: }}}}\nc: {children: {c: }}',
      ['E204 1:31', 'E204 2:16'],
    ],
  ])('is found once: %s', (_title, text, found) => {
    expect(inventoryOf(text).found).toEqual(found);
  });
});
