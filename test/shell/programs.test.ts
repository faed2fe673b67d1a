import {describe, expect, test} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import {PROFILE} from '../../src/facts/profile.ts';
import type {FileSend, FileWrite} from '../../src/model/step.ts';
import {awaitAllJobs, awaitJob, forgetJob, startJob} from '../../src/shell/jobs.ts';
import {noteLock, releaseLock, takeLock} from '../../src/shell/lock.ts';
import {downloadFile, receiveFile} from '../../src/shell/receive-file.ts';
import {digests} from '../../src/shell/seals.ts';
import {sh} from '../../src/shell/sh.ts';
import {writeFiles} from '../../src/shell/write-files.ts';
import {residentShell, switchUser} from '../../src/transport/boot.ts';
import {lifeLine} from '../../src/transport/life-line.ts';
import {hasShellcheck, shellcheck} from '../support/shellcheck.ts';

const attributes = {path: '/etc/a', mode: '0644', owner: 'root', group: 0} as const;
const write: FileWrite = {step: 'write', content: 'x', ...attributes};
const checked: FileWrite = {...write, backup: true, validate: (path) => sh`grep -q good ${path}`};
const send: FileSend = {step: 'send', sha256: 'a'.repeat(64), from: {file: '/a'}, ...attributes};
const job = {step: 'detached', job: 'upgrade', program: sh`true`} as const;

const PROGRAMS: readonly (readonly [string, Script])[] = [
  ['notes the lock', noteLock],
  ['takes the lock', takeLock("Ann's laptop")],
  ['releases the lock', releaseLock],
  ['writes files', writeFiles([write, checked], 'nonce')],
  ['receives a file', receiveFile(send)],
  ['downloads a file', downloadFile(send, 'https://example.org/a')],
  ['starts a job', startJob(job)],
  ['waits for a job', awaitJob(job)],
  ['waits for all jobs', awaitAllJobs],
  ['forgets a job', forgetJob(job)],
  ['says what a host is', PROFILE],
  ['reads digests', digests('/seals')],
  ['is the life-line', lifeLine()],
  ['becomes another user', switchUser('someone')],
  ['becomes the resident shell', residentShell],
];

describe.skipIf(!hasShellcheck)(
  `a program (${hasShellcheck ? 'checked' : 'shellcheck is not installed'})`,
  () => {
    test.each(PROGRAMS)('that %s is clean', (_, program) => {
      expect(shellcheck(program)).toBe('');
    });
  },
);
