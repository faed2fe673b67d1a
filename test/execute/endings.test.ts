import {expect, test} from 'vitest';
import {unknown} from '../../src/model/answer.ts';
import {type Finding, NOTHING, type Verdict} from '../../src/model/change.ts';
import type {Event} from '../../src/model/event.ts';
import type {TaskNode} from '../../src/model/graph.ts';
import {aGraph, aTask, HERE, marker, now} from '../support/graphs.ts';
import {summaryOf, trial} from '../support/trial.ts';

/** A task that is decided by what its type says at once. */
const saying = (name: string, verdict: Verdict): TaskNode =>
  aTask(name, {wants: {...marker(name), diff: () => verdict}});

const finding = (severity: Finding['severity']): Verdict => ({
  action: 'none',
  findings: [{severity, message: 'No.'}],
});

const endOf = (events: readonly Event[], task: string): unknown =>
  events.filter((event) => event.type === 'task-finished' && event.task === task);

const outcomes = (events: readonly Event[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    events.flatMap((event) => (event.type === 'task-finished' ? [[event.task, event.outcome]] : [])),
  );

test('a run that its plan stops tells the end of each task, and its summary is their sum', async () => {
  const tasks = [
    aTask('pending'),
    saying('check', finding('error')),
    saying('warned', finding('warning')),
    saying('hidden', unknown('no permission')),
    aTask('invalid', {
      resource: {stage: 'profile', reads: [], resolve: () => ({ok: false, problem: 'Bad.', at: HERE})},
    }),
    aTask('never', {when: now(false)}),
    aTask('away', {on: 'b'}),
  ];
  const {hosts, events, go} = trial(aGraph({tasks}), 'a', 'b');
  hosts.b.reachable = false;
  const {summary, exitCode} = await go();
  expect(outcomes(events)).toMatchObject({
    pending: {status: 'skipped', because: 'dependency-failed', cause: 'check'},
    check: {status: 'failed', failure: {reason: 'check-failed', findings: [{message: 'No.'}]}},
    warned: {status: 'ok', findings: [{severity: 'warning'}]},
    hidden: {status: 'failed', failure: {reason: 'unobservable', because: 'no permission'}},
    invalid: {status: 'failed', failure: {reason: 'invalid-value', because: 'Bad.', at: 'test.yaml:1:1'}},
    never: {status: 'skipped', because: 'condition'},
    away: {status: 'skipped', because: 'host-unreachable'},
  });
  expect(summary).toEqual({ok: 1, changed: 0, skipped: 3, failed: 3, unreachable: 1});
  expect(summaryOf(events)).toEqual(summary);
  expect(endOf(events, 'check')).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({type: 'run-finished', summary, exitCode: 1});
  expect([exitCode, hosts.a.steps]).toEqual([1, []]);
});

test('a run that has nothing to do tells the end of each task as well', async () => {
  const {events, go} = trial(aGraph({tasks: [saying('one', NOTHING), saying('two', NOTHING)]}), 'a');
  const {summary} = await go();
  expect(outcomes(events)).toEqual({one: {status: 'ok'}, two: {status: 'ok'}});
  expect([summary, summaryOf(events)]).toEqual([{...summary, ok: 2}, summary]);
});

test.each(['plan', 'no consent', 'locked'] as const)(
  'a run that ends before it has decided anything counts no task: %s',
  async (why) => {
    const {hosts, events, go} = trial(aGraph({tasks: [aTask('x')]}), 'a');
    if (why === 'locked') hosts.a.lockedBy = 'somebody';
    const mode = why === 'plan' ? 'plan' : 'apply';
    const {summary} = await go({mode, approve: () => Promise.resolve(why !== 'no consent')});
    expect(outcomes(events)).toEqual({});
    expect(summary).toEqual({ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0});
    expect(events.at(-1)).toMatchObject({type: 'run-finished', summary});
  },
);

test('a run that a mistake of ours ends tells what was done until then, and its end', async () => {
  const wants = marker('two');
  const diff: typeof wants.diff = (...given) => {
    if (hosts.a.has.has('one')) throw new Error('Internal error: a case that cannot be');
    return wants.diff(...given);
  };
  const tasks = [
    aTask('one', {wants: marker('one', {proof: 'facts'})}),
    aTask('two', {wants: {...wants, diff}}),
  ];
  const {hosts, events, go} = trial(aGraph({tasks}), 'a');
  await expect(go()).rejects.toThrow('a case that cannot be');
  expect(outcomes(events)).toMatchObject({one: {status: 'changed'}});
  expect(events.at(-1)).toMatchObject({type: 'run-finished', exitCode: 1, summary: summaryOf(events)});
  expect(hosts.a.lockedBy).toBeUndefined();
});
