import {spawnSync} from 'node:child_process';
import type {Script} from '../../src/base/script.ts';

/** Whether this machine can check shell programs. */
export const hasShellcheck = spawnSync('shellcheck', ['--version']).error === undefined;

/**
 * Not for us: quotes in single quotes are meant (2016), as are values that are constant once they are put in
 * (2050, 2194, 2043), functions of a library that one program does not call (2329, 2317), files that are not
 * there when checking (1090, 1091), and a `.` loop that ends with its first (2043).
 */
const EXCLUDED = 'SC1090,SC1091,SC2016,SC2043,SC2050,SC2194,SC2317,SC2329';

/** What `shellcheck -s sh` says against a program; nothing where it is clean. */
export function shellcheck(script: Script): string {
  const {stdout, stderr} = spawnSync('shellcheck', ['-s', 'sh', '-f', 'gcc', '-e', EXCLUDED, '-'], {
    input: script.wire,
    encoding: 'utf8',
  });
  return stdout + stderr;
}
