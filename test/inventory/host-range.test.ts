import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {expandHostRange} from '../../src/inventory/host-range.ts';

function expand(text: string): {readonly names: readonly string[]; readonly found: readonly string[]} {
  const problems = new Problems();
  const range = {source: {file: 'i', text}, from: 0, to: text.length};
  const names = expandHostRange(text, range, problems);
  return {names, found: problems.all.map(({code, detail}) => `${code} ${detail.split(': ')[1]}`)};
}

describe('a range of hosts', () => {
  test.each([
    ['cp1', ['cp1']],
    ['w[1:3]', ['w1', 'w2', 'w3']],
    ['w[01:03].example', ['w01.example', 'w02.example', 'w03.example']],
    ['w[08:11]', ['w08', 'w09', 'w10', 'w11']],
    ['w[8:11]', ['w8', 'w9', 'w10', 'w11']],
    ['w[0:6:3]', ['w0', 'w3', 'w6']],
    ['w[1:6:3]', ['w1', 'w4']],
    ['w[:2]', ['w0', 'w1', 'w2']],
    ['w[5:5]', ['w5']],
    ['rack[a:c]', ['racka', 'rackb', 'rackc']],
    ['rack[y:B]', ['racky', 'rackz', 'rackA', 'rackB']],
    ['r[a:b]-[1:2]', ['ra-1', 'ra-2', 'rb-1', 'rb-2']],
  ])('%s stands for its names', (text, names) => {
    expect(expand(text)).toEqual({names, found: []});
  });

  test.each([
    ['w[1,3]', 'it needs two ends, with a ":" between.'],
    ['w[1]', 'it needs two ends, with a ":" between.'],
    ['w[1:2:3:4]', 'it needs two ends, with a ":" between.'],
    ['w[1:]', 'its ends "1" and "" are neither two numbers nor two letters.'],
    ['w[a:3]', 'its ends "a" and "3" are neither two numbers nor two letters.'],
    ['w[aa:bb]', 'its ends "aa" and "bb" are neither two numbers nor two letters.'],
    ['w[01:100]', 'with zeros in front both ends need the same length.'],
    ['w[3:1]', 'its first end lies behind its last.'],
    ['w[1:3:0]', 'its step "0" is not a whole number of at least 1.'],
    ['w[1:3', 'a bracket has no partner.'],
    ['w1:3]', 'a bracket has no partner.'],
    ['w[0:9999999999]', 'it stands for more than 100000 hosts.'],
    ['w[1:999][1:999]', 'it stands for more than 100000 hosts.'],
  ])('%s is refused', (text, found) => {
    expect(expand(text)).toEqual({names: [], found: [`E202 ${found}`]});
  });

  test('has as many names as steps fit between its ends, in order and each once', () => {
    const ends = fc.record({from: fc.nat(5_000), more: fc.nat(500), step: fc.integer({min: 1, max: 50})});
    fc.assert(
      fc.property(ends, ({from, more, step}) => {
        const {names} = expand(`n[${from}:${from + more}:${step}]x`);
        const numbers = names.map((name) => Number(/^n(\d+)x$/.exec(name)?.[1]));
        expect(numbers).toEqual(Array.from({length: Math.floor(more / step) + 1}, (_, i) => from + i * step));
      }),
    );
  });

  test('with zeros in front has names of one length', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(899), (from, more) => {
        const end = String(from + more).padStart(4, '0');
        const {names} = expand(`[${String(from).padStart(4, '0')}:${end}]`);
        expect(new Set(names.map((name) => name.length))).toEqual(new Set([4]));
        expect(names.at(-1)).toBe(end);
      }),
    );
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({unit: fc.constantFrom('[', ']', ':', '1', '0', 'a', 'n')}), (text) => {
        const {names, found} = expand(text);
        expect(names.length > 0).toBe(found.length === 0);
      }),
    );
  });
});
