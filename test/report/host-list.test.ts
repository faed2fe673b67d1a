import {expect, test} from 'vitest';
import {hostList} from '../../src/report/host-list.ts';

test.each([
  {hosts: [], text: ''},
  {hosts: ['a'], text: 'a'},
  {hosts: ['node1', 'node2', 'node3'], text: 'node1, node2, node3'},
  {hosts: ['node1', 'node2', 'node3', 'node4'], text: 'node[1:4]'},
  {hosts: ['w08', 'w09', 'w10', 'w11', 'db'], text: 'w[08:11], db'},
  {hosts: ['w8', 'w9', 'w10', 'w11'], text: 'w[8:11]'},
  {hosts: ['w1', 'w2', 'w4', 'w5'], text: 'w1, w2, w4, w5'},
  {hosts: ['a1', 'a2', 'b3', 'b4'], text: 'a1, a2, b3, b4'},
  {hosts: ['w4', 'w3', 'w2', 'w1'], text: 'w4, w3, w2, w1'},
])('$hosts is written as "$text"', ({hosts, text}) => {
  expect(hostList(hosts)).toBe(text);
});
