import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {diffLines} from '../../src/report/line-diff.ts';
import {NO_COLOUR} from '../../src/report/palette.ts';
import {unifiedDiff} from '../../src/report/unified-diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), {maxLength: 30});

test('a comparison holds both texts, in order', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const all = diffLines(before, after);
      expect(all.filter(({sign}) => sign !== '+').map(({text}) => text)).toEqual(before);
      expect(all.filter(({sign}) => sign !== '-').map(({text}) => text)).toEqual(after);
    }),
  );
});

/** The length of the longest common subsequence, by the textbook's table. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({length: b.length + 1}, () => 0);
  for (const left of a) {
    const next = [0];
    for (const [j, right] of b.entries()) {
      next.push(left === right ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test('a comparison keeps as many lines as can be kept', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const kept = diffLines(before, after).filter(({sign}) => sign === ' ');
      expect(kept).toHaveLength(common(before, after));
    }),
  );
});

test('texts that differ in thousands of lines are compared as replaced', () => {
  const [before, after] = ['a', 'b'].map((name) => Array.from({length: 3_000}, (_, i) => `${name}${i}`));
  const signs = diffLines(before ?? [], after ?? []).map(({sign}) => sign);
  expect(signs).toEqual([...Array(3_000).fill('-'), ...Array(3_000).fill('+')]);
});

const show = (before: string | undefined, after: string | undefined): string =>
  unifiedDiff({path: '/etc/app.conf', before, after}, NO_COLOUR).join('\n');

test('a difference is shown with three lines around it', () => {
  const text = Array.from({length: 12}, (_, i) => `line ${i + 1}\n`).join('');
  expect(show(text, text.replace('line 6\n', 'line six\n'))).toBe(
    [
      '--- /etc/app.conf',
      '+++ /etc/app.conf',
      '@@ -3,7 +3,7 @@',
      ' line 3',
      ' line 4',
      ' line 5',
      '-line 6',
      '+line six',
      ' line 7',
      ' line 8',
      ' line 9',
    ].join('\n'),
  );
});

test('differences far from each other are hunks of their own', () => {
  const text = Array.from({length: 30}, (_, i) => `line ${i + 1}\n`).join('');
  const changed = text.replace('line 2\n', '').replace('line 28\n', 'line 28\nmore\n');
  expect(show(text, changed).match(/^@@.*/gm)).toEqual(['@@ -1,5 +1,4 @@', '@@ -26,5 +25,6 @@']);
});

test('a new file has nothing before it', () => {
  expect(show(undefined, 'one\n')).toBe('--- /dev/null\n+++ /etc/app.conf\n@@ -0,0 +1 @@\n+one');
});

test('a missing newline at the end is shown', () => {
  expect(show('one\n', 'one')).toBe(
    [
      '--- /etc/app.conf',
      '+++ /etc/app.conf',
      '@@ -1 +1 @@',
      '-one',
      '+one',
      '\\ No newline at end of file',
    ].join('\n'),
  );
});

test('equal texts have no difference to show', () => {
  expect(show('same\n', 'same\n')).toBe('');
});

test('an escape sequence in a file is spelt out', () => {
  expect(show(undefined, '\u001b]0;title\u0007\n')).toContain('+\\x1b]0;title\\x07');
});
