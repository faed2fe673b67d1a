import {assert, property, string} from 'fast-check';
import {describe, expect, test} from 'vitest';
import {didYouMean, editDistance, nearest} from '../../src/base/nearest.ts';

describe('the nearest name', () => {
  test.each([
    ['adress', ['address', 'port'], 'address'],
    ['Address', ['address'], 'address'],
    ['hsots', ['hosts', 'vars'], 'hosts'],
    ['kube_nod', ['kube_node', 'etcd'], 'kube_node'],
    ['zebra', ['address', 'port'], undefined],
    ['ab', ['xy'], undefined],
    ['x', [], undefined],
  ])('to %s of %j is %s', (text, candidates, expected) => {
    expect(nearest(text, candidates)).toBe(expected);
  });

  test('is offered as a question, or not at all', () => {
    expect(didYouMean('adress', ['address'])).toBe('Did you mean "address"?');
    expect(didYouMean('zebra', ['address'])).toBeUndefined();
  });
});

describe('the distance of two words', () => {
  test.each([
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['', 'abc', 3],
    ['same', 'same', 0],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test('is the same in both directions, and at most the longer length', () => {
    assert(
      property(string(), string(), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
