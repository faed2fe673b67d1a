import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {CODES} from '../src/diagnostics/codes.ts';

const manual = readFileSync(join(import.meta.dirname, '../docs/diagnostics.md'), 'utf8');

describe('every code', () => {
  test('has its section in the manual, under its summary, in order', () => {
    const sections = [...manual.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(Object.entries(CODES).map(([code, summary]) => `${code}: ${summary}`));
  });

  test('has a section that says something', () => {
    const bodies = manual.split(/^## .*$/m).slice(1);
    expect(bodies.filter((body) => body.trim().length < 60)).toEqual([]);
  });

  test('is provoked by a test', () => {
    const provoked = new Set(
      testFiles().flatMap((file) => readFileSync(file, 'utf8').match(/\bE\d{3}\b/g) ?? []),
    );
    expect(Object.keys(CODES).filter((code) => !provoked.has(code))).toEqual([]);
  });
});

/** Without those that only render diagnostics: there codes are mere examples. */
function testFiles(): readonly string[] {
  return readdirSync(import.meta.dirname, {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.test.ts') && !/^diagnostics(\.test\.ts|\/)/.test(name))
    .map((name) => join(import.meta.dirname, name));
}
