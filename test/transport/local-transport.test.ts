import {Readable} from 'node:stream';
import {expect, test} from 'vitest';
import type {Script} from '../../src/base/script.ts';
import type {Session} from '../../src/shell/session.ts';
import {sh} from '../../src/shell/sh.ts';
import {LocalTransport} from '../../src/transport/local-transport.ts';
import {hostAt} from '../support/host-at.ts';
import {isRunning} from '../support/local-shell.ts';

const isRoot = process.getuid?.() === 0;

async function withSession(work: (session: Session) => Promise<void>): Promise<void> {
  const session = await new LocalTransport().connect(hostAt({transport: 'local'}));
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

async function output(session: Session, script: Script, user?: string): Promise<string> {
  const result = await (await session.shell(user)).send(script, {onFailure: 'go-on'});
  if (result === 'skipped') throw new Error('skipped');
  return Buffer.from(result.stdout).toString().trim();
}

test('the shell of a user is opened once, and shared', async () => {
  await withSession(async (session) => {
    expect(await session.shell(undefined)).toBe(await session.shell(undefined));
    expect(await output(session, sh`id -u`)).toBe(String(process.getuid?.()));
    expect(session.roundTrips).toBe(1);
  });
});

test.runIf(isRoot)('root becomes another user without a password', async () => {
  await withSession(async (session) => {
    expect(await output(session, sh`id -un; echo "$HOME"; echo "$USER"`, 'nobody')).toBe(
      'nobody\n/nonexistent\nnobody',
    );
  });
});

test('an interrupt ends what runs, and a new shell can be asked for', async () => {
  await withSession(async (session) => {
    await session.protect();
    const group = Number(await output(session, sh`echo $$`));
    const endless = output(session, sh`sleep 1000`);
    const ended = expect(endless).rejects.toMatchObject({reason: 'lost'});
    await session.interrupt();
    await ended;
    expect(isRunning(group)).toBe(false);
    expect(await output(session, sh`echo again`)).toBe('again');
  });
});

test('a step that takes too long is ended though it ignores the first signal', async () => {
  await withSession(async (session) => {
    const shell = await session.shell(undefined);
    const deaf = shell.send(sh`trap '' TERM; sleep 1000`, {onFailure: 'go-on', timeoutMs: 20});
    await expect(deaf).rejects.toMatchObject({reason: 'timed-out'});
  });
});

test('the end of a session ends what its steps left running', async () => {
  let group = 0;
  await withSession(async (session) => {
    await session.protect();
    group = Number(await output(session, sh`sleep 1000 >/dev/null 2>&1 & echo $$`));
    expect(isRunning(group)).toBe(true);
  });
  expect(isRunning(group)).toBe(false);
});

test('a pipe carries bytes in, and its output and exit code out', async () => {
  await withSession(async (session) => {
    const input = Readable.from([Buffer.alloc(1_000_000, 7), Buffer.from([0, 255])]);
    const result = await session.pipe(undefined, sh`wc -c; echo oops >&2; exit 3`, input);
    expect(result).toMatchObject({exitCode: 3, stderr: Buffer.from('oops\n')});
    expect(Buffer.from(result.stdout).toString().trim()).toBe('1000002');
  });
});

test('a program that ends before its input tells its exit code', async () => {
  await withSession(async (session) => {
    const input = Readable.from([Buffer.alloc(10_000_000), Buffer.alloc(10_000_000)]);
    expect(await session.pipe(undefined, sh`exit 9`, input)).toMatchObject({exitCode: 9});
  });
});

test('the lock of a host is taken by one session, names its holder, and goes with its session', async () => {
  await withSession(async (one) => {
    await withSession(async (two) => {
      expect(await one.lock("Ann's laptop")).toEqual({taken: true});
      expect(await two.lock('Bob')).toEqual({taken: false, holder: "Ann's laptop"});
      await one.unlock();
      expect(await two.lock('Bob')).toEqual({taken: true});
    });
    expect(await one.lock('Ann')).toEqual({taken: true, since: 'Bob'});
    await one.unlock();
    expect(await one.lock('Ann')).toEqual({taken: true});
  });
});

test('who takes a lock hears of the one who had it since its session began, and only of that', async () => {
  await withSession(async (one) => {
    await output(one, sh`true`); // What is noted is noted before the first answer.
    await withSession(async (two) => {
      expect(await two.lock(`Bob ${process.pid}`)).toEqual({taken: true});
    });
    expect(await one.lock('Ann')).toEqual({taken: true, since: `Bob ${process.pid}`});
  });
});
