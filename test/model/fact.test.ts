import {expect, test} from 'vitest';
import {covers, type Subject} from '../../src/model/fact.ts';

test.each<[Subject, Subject, boolean]>([
  ['path:/a', 'path:/a', true],
  ['path:/a', 'path:/a/b', false],
  ['path:/a/b', 'tree:/a', true],
  ['tree:/a', 'path:/a/b', true],
  ['tree:/a', 'tree:/a/b', true],
  ['tree:/a/b', 'tree:/a', true],
  ['tree:/a/b', 'path:/a', false],
  ['tree:/a/b', 'tree:/a/bc', false],
  ['tree:/', 'path:/a', true],
  ['unit:a', 'anything:*', true],
  ['cluster:*', 'cluster:node/a', true],
  ['cluster:node/a', 'cluster:node/b', false],
])('whether an alteration of %s may alter what is said of %s: %s', (touched, asked, expected) => {
  expect(covers(touched, asked)).toBe(expected);
});
