import {describe, expect, test} from 'vitest';
import type {Detached} from '../../src/model/step.ts';
import {awaitAllJobs, awaitJob, forgetJob, startJob} from '../../src/shell/jobs.ts';
import {sh} from '../../src/shell/sh.ts';
import type {Shell} from '../../src/shell/shell.ts';
import {SHELLS} from '../support/local-shell.ts';
import {run} from '../support/run.ts';
import {TempDir} from '../support/temp-dir.ts';

/** A job of one name that ends when its gate, a file, is there. */
const job = (name: string, gate: string, word = 'done'): Detached => ({
  step: 'detached',
  job: name,
  program: sh`until [ -e ${gate} ]; do /bin/sleep 0.05; done; echo ${word}; echo oops >&2; exit 3`,
});

const said = async (shell: Shell, ...[script]: readonly [Parameters<Shell['send']>[0]]): Promise<string> =>
  String(Buffer.from((await run(shell, script)).stdout)).trim();

let count = 0;
const uniqueName = (): string => `test-${process.pid}-${(count += 1)}`;

describe.each(SHELLS)('%s', (_, open) => {
  test('a job outlives the shell that started it, and a later one attaches and learns its end', async () => {
    using directory = new TempDir();
    const detached = job(uniqueName(), directory.at('gate'));
    await using first = open();
    expect(await said(first, startJob(detached))).toBe('started');
    await first.interrupt('the controller died');
    await using second = open();
    expect(await said(second, startJob(detached))).toBe('attached');
    const end = run(second, awaitJob(detached));
    await using third = open();
    await run(third, sh`: >${directory.at('gate')}`);
    expect(await end).toMatchObject({
      exitCode: 3,
      stdout: Buffer.from('done\n'),
      stderr: Buffer.from('oops\n'),
    });
    expect(await said(third, awaitAllJobs)).toContain(detached.job);
    await run(third, forgetJob(detached));
    expect(await said(third, awaitAllJobs)).not.toContain(detached.job);
  });

  test('a job of another program is awaited, and its result is thrown away', async () => {
    using directory = new TempDir();
    await using shell = open();
    const name = uniqueName();
    await run(shell, startJob(job(name, directory.at('gate'), 'old')));
    const stale = said(shell, startJob(job(name, directory.at('gate'), 'new')));
    await using other = open();
    await run(other, sh`: >${directory.at('gate')}`);
    expect(await stale).toBe('stale');
    expect(await said(shell, awaitJob(job(name, directory.at('gate'), 'new')))).toBe('new');
    await run(shell, forgetJob(job(name, '')));
  });

  test('a job that was killed says so', async () => {
    await using shell = open();
    const detached: Detached = {step: 'detached', job: uniqueName(), program: sh`kill -9 "$PPID"`};
    await run(shell, startJob(detached));
    expect(await run(shell, awaitJob(detached))).toMatchObject({exitCode: 137});
    await run(shell, forgetJob(detached));
  });

  test('a job is in a process group that the end of a session leaves alone', async () => {
    await using shell = open();
    const detached: Detached = {
      step: 'detached',
      job: uniqueName(),
      program: sh`ps -o pgid= -p $$ || echo 0`,
    };
    await run(shell, startJob(detached));
    expect(Number(await said(shell, awaitJob(detached)))).not.toBe(await shell.group);
    await run(shell, forgetJob(detached));
  });
});

test('a job whose name is no file name is found by its digest', async () => {
  const [, open] = SHELLS[0] ?? [];
  if (!open) throw new Error('no shell');
  await using shell = open();
  const detached: Detached = {step: 'detached', job: '../a b', program: sh`echo here`};
  await run(shell, startJob(detached));
  expect(await said(shell, awaitJob(detached))).toBe('here');
  await run(shell, forgetJob(detached));
});
