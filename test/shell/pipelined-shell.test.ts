import {describe, expect, test} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import {OUTPUT_CAP_BYTES} from '../../src/shell/framing.ts';
import {sh} from '../../src/shell/sh.ts';
import type {Shell, StepResult} from '../../src/shell/shell.ts';
import {isRunning, LocalShell, SHELLS} from '../support/local-shell.ts';

const run = async (shell: Shell, script: Script): Promise<StepResult> => {
  const result = await shell.send(script, {onFailure: 'go-on'});
  if (result === 'skipped') throw new Error('skipped');
  return result;
};
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe.each(SHELLS)('%s', (_, open) => {
  test('bytes, streams and exit codes survive the frame, and a failure skips what is in flight', async () => {
    await using shell = open();
    const scripts = [sh`printf 'a\\0b'; printf oops >&2`, sh`cat`, sh`exit 3`, sh`echo never`];
    const results = await Promise.all(scripts.map((script) => shell.send(script, {onFailure: 'skip-rest'})));
    expect(results).toMatchObject([{exitCode: 0}, {exitCode: 0}, {exitCode: 3}, 'skipped']);
    expect(results[0]).toMatchObject({stdout: Buffer.from('a\0b'), stderr: Buffer.from('oops')});
    expect(shell.roundTrips).toBe(1);
    expect(await shell.send(sh`echo never`, {onFailure: 'go-on'})).toBe('skipped');
    shell.resume();
    expect(text((await run(shell, sh`printf again`)).stdout)).toBe('again');
  });

  test('a step with a syntax error fails alone', async () => {
    await using shell = open();
    const [broken, next] = await Promise.all([run(shell, sh`if then fi )`), run(shell, sh`echo here`)]);
    expect(broken.exitCode).not.toBe(0);
    expect(text(next.stdout)).toBe('here\n');
  });

  test('variables, directories and exits stay inside their step', async () => {
    await using shell = open();
    await run(shell, sh`a=1; cd /; set -e; exit 4`);
    expect(text((await run(shell, sh`echo "\${a-unset}"; false; pwd`)).stdout)).not.toBe('unset\n/\n');
    expect(text((await run(shell, sh`echo "\${a-unset}"`)).stdout)).toBe('unset\n');
  });

  test('a signal is 128 and its number', async () => {
    await using shell = open();
    expect((await run(shell, sh`sh -c 'kill -9 $$'`)).exitCode).toBe(137);
  });

  test('a step that never ends is killed with all that it started, and said to have timed out', async () => {
    await using shell = open();
    const pids = run(shell, sh`echo $$`);
    const [endless, behind] = [
      shell.send(sh`sleep 1000 & wait`, {onFailure: 'go-on', timeoutMs: 50}),
      shell.send(sh`echo never`, {onFailure: 'go-on'}),
    ];
    await expect(endless).rejects.toMatchObject({reason: 'timed-out'});
    await expect(behind).rejects.toMatchObject({reason: 'lost'});
    const group = Number(text((await pids).stdout));
    expect(isRunning(group)).toBe(false);
    await expect(run(shell, sh`echo`)).rejects.toMatchObject({reason: 'lost'});
  });

  test('a shell that dies in mid step is lost, and its last words are kept', async () => {
    await using shell = open();
    await expect(run(shell, sh`echo famous >&2; kill -9 $$; sleep 1000`)).rejects.toMatchObject({
      reason: 'lost',
      message: expect.stringContaining('famous'),
    });
  });

  test('a daemon does not inherit the descriptor of the lock', async () => {
    await using shell = open();
    await shell.sendInside(sh`exec 9</dev/null`, {onFailure: 'go-on'});
    expect((await run(shell, sh`sh -c 'true <&9' 2>/dev/null`)).exitCode).not.toBe(0);
    expect(await shell.sendInside(sh`true <&9`, {onFailure: 'go-on'})).toMatchObject({exitCode: 0});
  });
});

test('steps behind the window are skipped without being sent', async () => {
  await using shell = new LocalShell();
  const first = shell.send(sh`exit 1`, {onFailure: 'skip-rest'});
  const started: number[] = [];
  const rest = Array.from({length: 40}, (_, index) =>
    shell.send(sh`echo ${index}`, {onFailure: 'skip-rest', begin: () => started.push(index) > 0}),
  );
  shell.resume();
  const behind = shell.send(sh`echo resumed`, {onFailure: 'skip-rest'});
  expect(await first).toMatchObject({exitCode: 1});
  expect(new Set(await Promise.all(rest))).toEqual(new Set(['skipped']));
  expect(await behind).toMatchObject({stdout: Buffer.from('resumed\n')});
  expect(started.length).toBeLessThan(16);
});

test('what may not leave any more is skipped, and what is behind it goes', async () => {
  await using shell = new LocalShell();
  await shell.group;
  let isOpen = true;
  const left: number[] = [];
  const steps = Array.from({length: 40}, (_, index) =>
    shell.send(sh`echo ${index}`, {onFailure: 'skip-rest', begin: () => isOpen && left.push(index) > 0}),
  );
  const behind = shell.send(sh`echo behind`, {onFailure: 'skip-rest'});
  await Promise.resolve(); // The first window leaves in this turn, and no result has come.
  isOpen = false;
  const results = await Promise.all(steps);
  expect(left).toEqual(Array.from({length: 16}, (_, index) => index));
  expect(results.flatMap((result, index) => (result === 'skipped' ? [] : [index]))).toEqual(left);
  expect(await behind).toMatchObject({stdout: Buffer.from('behind\n')});
});

test('a resume between two steps lets the second run though the first failed', async () => {
  await using shell = new LocalShell();
  const first = shell.send(sh`exit 1`, {onFailure: 'skip-rest'});
  shell.resume();
  const second = shell.send(sh`echo second`, {onFailure: 'skip-rest'});
  expect([await first, await second]).toMatchObject([{exitCode: 1}, {exitCode: 0}]);
});

test('300 steps wait at most once for each window', async () => {
  await using shell = new LocalShell();
  const results = await Promise.all(Array.from({length: 300}, (_, index) => run(shell, sh`echo ${index}`)));
  expect(results.map(({stdout}) => Number(text(stdout)))).toEqual(results.map((_, index) => index));
  expect(shell.roundTrips).toBeLessThanOrEqual(Math.ceil(300 / 16));
});

test('of a gigabyte, beginning and end are kept, in bounded memory', async () => {
  await using shell = new LocalShell();
  const before = process.memoryUsage().rss;
  const result = await run(shell, sh`echo first; head -c 1073741824 /dev/zero; echo last`);
  expect(result).toMatchObject({exitCode: 0, truncated: true});
  expect(result.stdout.length).toBe(OUTPUT_CAP_BYTES);
  expect(text(result.stdout.subarray(0, 6))).toBe('first\n');
  expect(text(result.stdout.subarray(-5))).toBe('last\n');
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test('a shell that cannot start is lost', async () => {
  await using shell = new LocalShell(['/no/such/shell']);
  await expect(run(shell, sh`echo`)).rejects.toMatchObject({reason: 'lost'});
});
