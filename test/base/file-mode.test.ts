import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import {array, assert, boolean, constantFrom, integer, oneof, property, subarray, tuple} from 'fast-check';
import {expect, test} from 'vitest';
import {MODE_PATTERN, modeAfter} from '../../src/base/file-mode.ts';
import {TempDir} from '../support/temp-dir.ts';

test.each([
  ['644', 0o777, false, '0644'],
  ['2755', 0, true, '2755'],
  ['u=rwX,go=rX', 0o600, false, '0644'],
  ['u=rwX,go=rX', 0o600, true, '0755'],
  ['u=rwX,go=rX', 0o700, false, '0755'],
  ['a+x', 0o644, false, '0755'],
  ['+x,g-r', 0o644, false, '0715'],
  ['g=u,o=', 0o750, false, '0770'],
  ['u+s,+t', 0o755, true, '5755'],
  ['u=rx', 0o4755, false, '0555'],
  ['g=rx', 0o2755, true, '2755'],
])('%s on %i gives what chmod gives', (text, bits, isDirectory, after) => {
  expect(modeAfter(text, {bits, isDirectory})).toBe(after);
});

const who = constantFrom('u', 'g', 'o', 'a', 'ug', 'go', 'uo', 'ugo');
const letters = oneof(
  subarray(['r', 'w', 'x', 'X', 's', 't']).map((each) => each.join('')),
  constantFrom('u', 'g', 'o'),
);
const action = tuple(constantFrom('+', '-', '='), letters).map(([sign, what]) => sign + what);
const clause = tuple(who, array(action, {minLength: 1, maxLength: 2})).map(
  ([names, actions]) => names + actions.join(''),
);
const mode = array(clause, {minLength: 1, maxLength: 3}).map((clauses) => clauses.join(','));

test('every symbolic mode gives what the chmod of this machine gives', () => {
  using root = new TempDir();
  writeFileSync(root.at('file'), '');
  mkdirSync(root.at('directory'));
  const check = property(mode, integer({min: 0, max: 0o7777}), boolean(), (text, bits, isDirectory) => {
    const path = root.at(isDirectory ? 'directory' : 'file');
    chmodSync(path, bits);
    execFileSync('chmod', ['--', text, path]);
    const after = (statSync(path).mode & 0o7777).toString(8).padStart(4, '0');
    expect(text).toMatch(new RegExp(MODE_PATTERN));
    expect(modeAfter(text, {bits, isDirectory})).toBe(after);
  });
  assert(check, {numRuns: 150});
});
