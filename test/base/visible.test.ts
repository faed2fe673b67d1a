import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {clip, lastLines, visible, visibleLine} from '../../src/base/visible.ts';

test('an escape sequence is spelt out instead of obeyed', () => {
  expect(visible('\u001b[2Jgone\u0007')).toBe('\\x1b[2Jgone\\x07');
});

test('a single-byte control sequence introducer is spelt out', () => {
  expect(visible('\u009b31m')).toBe('\\x9b31m');
});

test('marks that turn the direction of text are spelt out', () => {
  expect(visible('a\u202etxt.exe')).toBe('a\\u202etxt.exe');
});

test('letters of any script stay', () => {
  expect(visible('größe 数 ✓\tend')).toBe('größe 数 ✓\tend');
});

test('no text keeps a control character but tab and line feed', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), (text) => {
      expect(Array.from(visible(text)).filter((c) => /\p{Cc}/u.test(c) && c !== '\n' && c !== '\t')).toEqual(
        [],
      );
    }),
  );
});

test('a text on one line has no line feed', () => {
  expect(visibleLine('a\nb')).toBe('a\\nb');
});

test('the last lines say how many came before', () => {
  expect(lastLines('1\n2\n3\n4\n', 2)).toEqual(['(2 earlier lines)', '3', '4']);
});

test('nothing printed is no line', () => {
  expect(lastLines('\n', 3)).toEqual([]);
});

test('of a progress bar only its last state is shown', () => {
  expect(lastLines('10%\r50%\r100%\r\ndone\n', 5)).toEqual(['100%', 'done']);
});

test('a line that is too wide ends in an ellipsis', () => {
  expect(lastLines('x'.repeat(20), 1, 5)).toEqual(['xxxx…']);
  expect(clip('abc', 3)).toBe('abc');
});

test('colours of a program are left out, other sequences are spelt out', () => {
  expect(lastLines('\u001b[1;31mred\u001b[0m \u001b[2J', 1)).toEqual(['red \\x1b[2J']);
});
