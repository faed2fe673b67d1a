import {chmodSync, chownSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {describe, expect, test} from 'vitest';
import {isOurs} from '../../src/cli/quick-start.ts';
import {TempDir} from '../support/temp-dir.ts';

describe('where the compiled program is kept', () => {
  test('is made for us alone', () => {
    using root = new TempDir();
    expect(isOurs(root.at('cache/compiled'))).toBe(true);
    expect(statSync(root.at('cache/compiled')).mode & 0o777).toBe(0o700);
  });

  test('is not taken where others may write, or where it cannot be', () => {
    using root = new TempDir();
    mkdirSync(root.at('open'));
    chmodSync(root.at('open'), 0o777);
    writeFileSync(root.at('file'), '');
    expect(isOurs(root.at('open'))).toBe(false);
    expect(isOurs(root.at('file/compiled'))).toBe(false);
  });

  test.runIf(process.getuid?.() === 0)('is not taken from somebody else', () => {
    using root = new TempDir();
    mkdirSync(root.at('theirs'));
    chownSync(root.at('theirs'), 65534, 65534);
    expect(isOurs(root.at('theirs'))).toBe(false);
  });
});
