import {expect, test} from 'vitest';
import {Secret, withoutSecrets} from '../../src/base/secret.ts';
import type {Failure} from '../../src/model/outcome.ts';
import {eventLine} from '../../src/report/ndjson.ts';
import {scrub, scrubbing} from '../../src/report/scrub.ts';
import {change, host, id, RUN} from './recordings.ts';

const TOKEN = 'tok-2f9c"\n1';
new Secret(TOKEN).reveal();

const failed = (failure: Failure): string =>
  eventLine(
    scrub({
      at: 0,
      type: 'task-finished',
      task: id('a/p/r/t'),
      name: 'Do it',
      host: host('a'),
      outcome: {status: 'failed', failure},
      durationMs: 1,
    }),
  );

const finding = {severity: 'error', message: `saw ${TOKEN}`} as const;

test.each<Failure>([
  {reason: 'command-failed', command: `x ${TOKEN}`, exitCode: 1, stdout: TOKEN, stderr: `bad token ${TOKEN}`},
  {reason: 'timed-out', command: TOKEN, afterMs: 1},
  {reason: 'unobservable', because: TOKEN},
  {reason: 'invalid-value', because: TOKEN, at: 'a.yaml:1:1'},
  {reason: 'connection-lost', because: TOKEN},
  {reason: 'beyond-plan', because: TOKEN},
  {reason: 'artifact', because: TOKEN},
  {reason: 'deadlock', because: TOKEN},
  {reason: 'check-failed', findings: [finding]},
  {reason: 'touched-more', facts: [TOKEN]},
])('a failure as $reason does not repeat a secret that the host printed', (failure) => {
  expect(failed(failure)).not.toContain('tok-2f9c');
  expect(failed(failure)).toContain('***');
});

test('a plan does not repeat what hosts printed about secrets', () => {
  const task = {id: id('a/p/r/t'), name: 'Do it', kind: 'check', host: host('a')};
  const line = eventLine(
    scrub({
      at: 0,
      type: 'plan-ready',
      plan: {
        tasks: [
          {...task, status: 'unobservable', because: TOKEN},
          {...task, status: 'invalid', because: TOKEN, place: 'a.yaml:1:1'},
          {...task, status: 'findings', findings: [finding]},
          {...task, status: 'unchanged', findings: [finding]},
          {...task, status: 'pending', change: change({})},
        ],
        brackets: [],
        unreachable: [{host: host('b'), because: TOKEN}],
      },
    }),
  );
  expect(line).not.toContain('tok-2f9c');
});

test('events without secrets stay as they are', () => {
  const seen: unknown[] = [];
  const listen = scrubbing((event) => seen.push(event));
  for (const event of RUN) listen(event);
  expect(seen).toEqual(RUN);
});

test('of two secrets the longer is looked for first', () => {
  new Secret('abcd').reveal();
  new Secret('abcd-efgh').reveal();
  expect(withoutSecrets('x abcd-efgh y abcd z')).toBe('x *** y *** z');
});

test('a secret that was never revealed cannot have reached a host', () => {
  expect(new Secret('unseen-1')).toBeInstanceOf(Secret);
  expect(withoutSecrets('unseen-1')).toBe('unseen-1');
});

test('what is too short to be told from other words is left', () => {
  new Secret('no').reveal();
  expect(withoutSecrets('no way')).toBe('no way');
});

test('a line feed at the end of a secret hides it from nobody', () => {
  new Secret('wxyz-1234\n').reveal();
  expect(withoutSecrets('read wxyz-1234.')).toBe('read ***.');
});
