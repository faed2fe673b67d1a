import {expect, test} from 'vitest';
import {isNetwork} from '../../src/base/network.ts';

test.each(['10.233.0.0/18', '0.0.0.0/0', '192.0.2.7/32', 'fd85:ee78:d8a6:8607::1:0/112', 'fd00::/8', '::/0'])(
  '%s is a network',
  (text) => {
    expect(isNetwork(text)).toBe(true);
  },
);

test.each([
  '10.233.0.5/18',
  '192.168.0.0',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '010.0.0.0/8',
  '300.0.0.0/8',
  'fd00::1/64',
  'fd00::/129',
  '::ffff:10.0.0.0/104',
  'host/8',
  '',
])('%j is none', (text) => {
  expect(isNetwork(text)).toBe(false);
});
