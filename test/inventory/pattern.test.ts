import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {parsePattern} from '../../src/inventory/pattern.ts';
import {inventoryOf} from './support.ts';

const {inventory} = inventoryOf(`
kube_control_plane: {hosts: {cp1: , cp2: , cp3: }}
kube_node: {hosts: {w1: , w2: , cp3: }}
etcd: {hosts: {cp2: , e1: }}
`);

function select(text: string): {readonly hosts: readonly string[]; readonly found: readonly string[]} {
  const problems = new Problems();
  const hosts = parsePattern(text, undefined, problems)?.select(inventory, problems) ?? [];
  return {hosts, found: problems.all.map(({code, hint = ''}) => `${code} ${hint}`)};
}

describe('a pattern', () => {
  test.each([
    ['all', ['cp1', 'cp2', 'cp3', 'w1', 'w2', 'e1']],
    ['*', ['cp1', 'cp2', 'cp3', 'w1', 'w2', 'e1']],
    ['cp1', ['cp1']],
    ['kube_node', ['w1', 'w2', 'cp3']],
    ['kube_node:etcd', ['w1', 'w2', 'cp3', 'cp2', 'e1']],
    ['kube_node, etcd', ['w1', 'w2', 'cp3', 'cp2', 'e1']],
    ['etcd,kube_node:cp1', ['cp2', 'e1', 'w1', 'w2', 'cp3', 'cp1']],
    ['kube_control_plane:&etcd', ['cp2']],
    ['kube_node:!kube_control_plane', ['w1', 'w2']],
    ['!kube_control_plane:kube_node', ['w1', 'w2']],
    ['all:&kube_node:!w1', ['cp3', 'w2']],
    ['!cp*', ['w1', 'w2', 'e1']],
    ['&etcd', ['cp2', 'e1']],
    ['kube_control_plane[0]', ['cp1']],
    ['kube_control_plane[-1]', ['cp3']],
    ['kube_control_plane[1:]', ['cp2', 'cp3']],
    ['kube_control_plane[0:1]', ['cp1', 'cp2']],
    ['kube_control_plane[0:0]', ['cp1']],
    ['kube_control_plane[7]', []],
    ['kube_control_plane[-7]', []],
    ['kube_node:!kube_node[0]', ['w2', 'cp3']],
    ['bastion', []],
    ['bastion[0]', []],
    ['cp*', ['cp1', 'cp2', 'cp3']],
    ['?1', ['w1', 'e1']],
    ['kube_*', ['cp1', 'cp2', 'cp3', 'w1', 'w2']],
    ['nothing*', []],
  ])('%s selects its hosts in order', (text, hosts) => {
    expect(select(text)).toEqual({hosts, found: []});
  });

  test.each([
    ['kube_nod', 'E203 Did you mean "kube_node"?'],
    ['kube_node:!cp9', 'E203 Did you mean "cp1"?'],
    ['nothing_like_it', 'E203 '],
  ])('%s with a name that is not there is a mistake', (text, found) => {
    expect(select(text).found).toEqual([found]);
  });

  test.each(['', ' , ', '~w.*', '!~w', '@retry', 'a[', 'a[x]', 'a[1:2:3]', 'a[-2:]', 'a b', 'a]'])(
    '"%s" is refused',
    (text) => {
      expect(select(text).found).toEqual([expect.stringMatching(/^E205 /)]);
    },
  );
});

describe('any pattern', () => {
  const name = fc.constantFrom(
    'all',
    'kube_node',
    'etcd',
    'kube_control_plane',
    'cp1',
    'w2',
    'cp*',
    'bastion',
  );
  const names = fc.array(name, {minLength: 1, maxLength: 4});
  const set = (terms: readonly string[]): ReadonlySet<string> => new Set(select(terms.join(':')).hosts);

  test('selects each host at most once', () => {
    fc.assert(
      fc.property(names, (terms) => {
        const {hosts} = select(terms.join(':'));
        expect(new Set(hosts).size).toBe(hosts.length);
      }),
    );
  });

  test('is union, intersection and difference of its parts', () => {
    fc.assert(
      fc.property(names, name, (terms, other) => {
        const [left, right] = [set(terms), set([other])];
        expect(set([...terms, other])).toEqual(new Set([...left, ...right]));
        expect(set([...terms, `&${other}`])).toEqual(new Set([...left].filter((host) => right.has(host))));
        expect(set([...terms, `!${other}`])).toEqual(new Set([...left].filter((host) => !right.has(host))));
      }),
    );
  });

  test('cut in two by positions is whole again', () => {
    fc.assert(
      fc.property(name, fc.nat(4), (group, position) => {
        const parts = [`${group}[0:${position}]`, `${group}[${position + 1}:]`].flatMap(
          (text) => select(text).hosts,
        );
        expect(parts).toEqual(select(group).hosts);
      }),
    );
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({unit: fc.constantFrom('a', '1', '[', ']', ':', ',', '!', '&', '*', '-')}),
        (text) => {
          expect(Array.isArray(select(text).hosts)).toBe(true);
        },
      ),
    );
  });
});
