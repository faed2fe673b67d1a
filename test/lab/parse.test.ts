import {describe, expect, test} from 'vitest';
import {parseTargets} from '../../src/lab/apt.ts';
import {parseMount} from '../../src/lab/cgroups.ts';
import {isInit} from '../../src/lab/init.ts';
import {inventoryText} from '../../src/lab/inventory.ts';
import {LabError} from '../../src/lab/lab-error.ts';
import {addressOf} from '../../src/lab/network.ts';
import {checkedHost, checkedLab} from '../../src/lab/places.ts';
import type {LabState} from '../../src/lab/state.ts';

describe('what a lab reads of its machine', () => {
  test('a controller of cgroup v1 and the tree of v2 are hierarchies, other mounts are not', () => {
    const v1 = '36 25 0:32 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct';
    const v2 = '29 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
    expect(parseMount(v1)).toEqual([
      {path: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['rw', 'cpu', 'cpuacct']},
    ]);
    expect(parseMount(v2)).toMatchObject([{path: '/sys/fs/cgroup', version: 2}]);
    expect(parseMount('22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw')).toEqual([]);
    expect(parseMount('')).toEqual([]);
  });

  test('process 1 of a host is one level down, that of a container in it is two', () => {
    expect(isInit('Name:\tsystemd\nNSpid:\t4711\t1\n')).toBe(true);
    expect(isInit('Name:\tsshd\nNSpid:\t4712\t57\n')).toBe(false);
    expect(isInit('Name:\tpause\nNSpid:\t4713\t90\t1\n')).toBe(false);
    expect(isInit('Name:\tsystemd-nspawn\nNSpid:\t1\n')).toBe(false);
    expect(isInit('')).toBe(false);
  });

  test("packages come from the system's own sources in all its pockets, and from nobody else's", () => {
    const targets = [
      'Debian|trixie|mirror://a/debian/|trixie|main',
      'Debian|trixie-security|mirror://a/security/|trixie-security|main',
      'Debian|trixie|mirror://a/debian/|trixie|main',
      'Somebody|nodistro|mirror://b/|nodistro|main',
      'Debian|bookworm|mirror://a/debian/|bookworm|main',
    ];
    const source = parseTargets(targets.join('\n'));
    expect(source?.suite).toBe('trixie');
    expect(source?.lines.map((line) => line.replace(/ \[.*?\]/, ''))).toEqual([
      'deb mirror://a/debian/ trixie main',
      'deb mirror://a/security/ trixie-security main',
    ]);
    expect(parseTargets('Somebody|nodistro|mirror://b/|nodistro|main\n')).toBeUndefined();
  });
});

describe('names and addresses of a lab', () => {
  test('addresses count on from .11, over the end of a byte', () => {
    expect([0, 1, 244, 245, 999].map(addressOf)).toEqual([
      '10.77.0.11',
      '10.77.0.12',
      '10.77.0.255',
      '10.77.1.0',
      '10.77.3.242',
    ]);
  });

  test.each(['', 'a.b', 'A', '../x', 'a b', '-a', 'a'.repeat(32)])(
    '%j cannot be the name of a lab',
    (name) => {
      expect(() => checkedLab(name)).toThrow(LabError);
    },
  );

  test.each(['', 'node_1', 'a.b', '-a', 'a-', 'a'.repeat(64)])('%j cannot be the name of a host', (name) => {
    expect(() => checkedHost(name)).toThrow(LabError);
    expect(checkedHost('node-1')).toBe('node-1');
  });

  test('the inventory of a lab is the one that provision reads', () => {
    const host = (name: string, index: number) => ({name, index, layers: []});
    const lab: LabState = {name: 'x', kind: 'light', rootfs: '/r', hosts: [host('cp1', 0), host('w1', 1)]};
    expect(inventoryText(lab).replaceAll(/"[^"]*\/lab\/x\//g, '"/lab/x/')).toBe(
      [
        '# Written by `provision lab up`: how the hosts of the lab "x" are reached.',
        'all:',
        '  vars:',
        '    ansible_user: root',
        '    ansible_ssh_private_key_file: "/lab/x/id_ed25519"',
        '  hosts:',
        '    cp1: {ansible_host: 10.77.0.11}',
        '    w1: {ansible_host: 10.77.0.12}',
        '',
      ].join('\n'),
    );
  });
});
