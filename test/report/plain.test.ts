import {expect, test} from 'vitest';
import type {Event} from '../../src/model/event.ts';
import {COLOUR, NO_COLOUR} from '../../src/report/palette.ts';
import {type PlainOptions, plainReporter} from '../../src/report/plain.ts';
import {planText} from '../../src/report/plan-text.ts';
import {sh} from '../../src/shell/sh.ts';
import {change, host, id, PLAN, POISON, REFUSED, RUN} from './recordings.ts';

const OPTIONS: PlainOptions = {palette: NO_COLOUR, lines: 'changes', time: 'none', plan: () => ''};

function report(events: readonly Event[], options: Partial<PlainOptions> = {}): string {
  const written: string[] = [];
  const reporter = plainReporter((text) => written.push(text), {...OPTIONS, ...options});
  for (const event of events) reporter.listen(event);
  return written.join('');
}

test('a run is told by what changed, failed, and never ran', async () => {
  await expect(report(RUN)).toMatchFileSnapshot('golden/run-changes.txt');
});

test('a run is told with everything when asked', async () => {
  await expect(report(RUN, {lines: 'everything'})).toMatchFileSnapshot('golden/run-everything.txt');
});

test('what keeps a host out of a run is told with its code in the manual', () => {
  const text = report(RUN);
  expect(text).toContain('node9: unreachable [E801]');
  expect(text).toContain('node2: locked by another run [E806]');
});

test('each line begins with its time when asked', () => {
  const lines = report(RUN, {time: 'utc'}).trimEnd().split('\n');
  expect(lines.filter((line) => !line.startsWith('2026-01-01T00:00:'))).toEqual([]);
});

test('the plan stands where it became ready', () => {
  const text = report(RUN, {plan: (plan) => planText(plan)});
  expect(text.indexOf('Plan: ')).toBeGreaterThan(text.indexOf('node9: unreachable'));
  expect(text.indexOf('Plan: ')).toBeLessThan(text.indexOf('node1: Write the token'));
});

test('no line shows a secret', () => {
  const text = report(RUN, {palette: COLOUR, lines: 'everything', plan: (plan) => planText(plan)});
  expect(text).not.toContain(POISON);
});

test('without colour no escape sequence is written, whatever the hosts printed', () => {
  expect(report(RUN, {lines: 'everything'})).not.toContain('\u001b');
});

const failing = (failure: Parameters<typeof outcome>[0]): string => report([outcome(failure)]);
const outcome = (
  failure: Extract<Extract<Event, {type: 'task-finished'}>['outcome'], {status: 'failed'}>['failure'],
): Event => ({
  at: 0,
  type: 'task-finished',
  task: id('a/p/r/t'),
  name: 'Do it',
  host: host('a'),
  outcome: {status: 'failed', failure},
  durationMs: 5,
});

test.each([
  {
    failure: {reason: 'command-failed', command: 'x', exitCode: 3, stdout: '', stderr: ''} as const,
    text: 'a: Do it: failed: `x` ended with exit code 3 5ms\n    (it printed nothing)\n',
  },
  {
    failure: {reason: 'command-failed', command: 'x', exitCode: 137, stdout: 'so far\n', stderr: ''} as const,
    text: 'a: Do it: failed: `x` was ended by signal SIGKILL (exit code 137) 5ms\n    so far\n',
  },
  {
    failure: {reason: 'timed-out', command: 'sleep 9', afterMs: 1_500} as const,
    text: 'a: Do it: failed: `sleep 9` took longer than 1.5s 5ms\n',
  },
  {
    failure: {
      reason: 'not-converged',
      remaining: change({
        details: [{attribute: 'state', before: 'stopped', after: 'started'}],
        steps: [sh`start`],
      }),
    } as const,
    text: 'a: Do it: failed: the change was made, and the host still is not as wanted 5ms\n    state is stopped, wanted started\n',
  },
  {
    failure: {reason: 'not-converged', remaining: change({action: 'run'})} as const,
    text: 'a: Do it: failed: what it waited for did not come in time 5ms\n    still to run\n',
  },
  {
    failure: {reason: 'unobservable', because: 'no permission'} as const,
    text: 'a: Do it: failed: could not be looked at 5ms\n    no permission\n',
  },
  {
    failure: {reason: 'invalid-value', because: 'not a number', at: 'f.yaml:1:2'} as const,
    text: 'a: Do it: failed: a value is wrong (f.yaml:1:2) 5ms\n    not a number\n',
  },
  {
    failure: {reason: 'check-failed', findings: [{severity: 'error', message: 'No.', hint: 'Try.'}]} as const,
    text: 'a: Do it: failed: the check failed 5ms\n    error[E805]: No.\n      hint: Try.\n',
  },
  {
    failure: {reason: 'connection-lost', because: 'timed out'} as const,
    text: 'a: Do it: failed: the connection was lost 5ms\n    timed out\n',
  },
  {
    failure: {reason: 'beyond-plan', because: 'it restarts'} as const,
    text: 'a: Do it: failed: the change is not the one that the plan showed 5ms\n    it restarts\n',
  },
  {
    failure: {reason: 'touched-more', facts: ['stat /etc/x']} as const,
    text: 'a: Do it: failed: it altered more than it said 5ms\n    stat /etc/x\n',
  },
  {
    failure: {reason: 'artifact', because: 'digest differs'} as const,
    text: 'a: Do it: failed: an artifact could not be had 5ms\n    digest differs\n',
  },
])('the failure $failure.reason is told in one sentence and its reason', ({failure, text}) => {
  expect(failing(failure)).toBe(text);
});

test('of a long output the last lines are shown', () => {
  const stderr = Array.from({length: 100}, (_, i) => `line ${i + 1}\n`).join('');
  const lines = failing({reason: 'command-failed', command: 'x', exitCode: 1, stdout: '', stderr}).split(
    '\n',
  );
  expect(lines.slice(1, 3)).toEqual(['    (88 earlier lines)', '    line 89']);
  expect(lines.at(-2)).toBe('    line 100');
});

test.each(['changes', 'everything'] as const)('what the plan has shown is not told again: %s', (lines) => {
  const text = report(REFUSED, {lines, plan: (plan) => planText(plan)});
  const [, rest] = text.split(planText(PLAN));
  expect(rest).toMatch(
    /^\nStopped after .* nothing was changed: 0 changed, 1 ok, 2 skipped, 1 failed, .*\n$/,
  );
});

test.each([
  {exitCode: 5, says: /^\nStopped after 5ms: nothing was changed\.\n$/},
  {exitCode: 130, says: /^\nStopped after 5ms: nothing was changed\.\n$/},
  {exitCode: 4, says: /^\nDone after 5ms: 0 changed, 0 ok, 0 skipped, 0 failed, 1 unreachable\.\n$/},
])('what ended before anything was begun is not done because a host was unreachable: $exitCode', (end) => {
  const {exitCode, says} = end;
  const summary = {ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 1};
  expect(report([{at: 0, type: 'run-finished', summary, exitCode, durationMs: 5}])).toMatch(says);
});

test('a run that a mistake of ours ended does not say that it is done', () => {
  const summary = {ok: 1, changed: 1, skipped: 2, failed: 0, unreachable: 0};
  const end: Event = {at: 0, type: 'run-finished', summary, exitCode: 1, durationMs: 5};
  expect(report([end])).toBe(
    '\nBroken off after 5ms: 1 changed, 1 ok, 2 skipped, 0 failed, 0 unreachable.\n',
  );
});

test('a run that its plan stopped says that nothing was changed', () => {
  const summary = {ok: 0, changed: 0, skipped: 2, failed: 1, unreachable: 0};
  const end: Event = {at: 0, type: 'run-finished', summary, exitCode: 1, durationMs: 5};
  expect(report([end])).toMatch(/Stopped after \S+ by what the plan shows, nothing was changed: 0 changed, /);
});
