import {expect, test} from 'vitest';
import {aGraph, aTask, marker} from '../support/graphs.ts';
import {aWhile, statuses, trial} from '../support/trial.ts';

const guarded = (name: string, on: string, options: Parameters<typeof aTask>[1] = {}) =>
  aTask(name, {on, locks: ['quorum'], ...options});

/** Two tasks with one lock, the first of which was just sent to its host. */
async function begun() {
  const {hosts, events, go} = trial(aGraph({tasks: [guarded('x', 'a'), guarded('y', 'b')]}), 'a', 'b');
  hosts.a.control = () => 'by-hand';
  const done = go();
  await hosts.a.started('make x');
  return {hosts, events, done};
}

test('a task keeps its lock while its host is connected again', async () => {
  const {hosts, events, done} = await begun();
  const {a, b} = hosts;
  a.reachable = false;
  a.cut();
  await aWhile();
  expect(events.filter(({type}) => type === 'host-lost')).toHaveLength(1);
  expect(b.steps).toEqual([]);
  a.reachable = true;
  await a.started('make x');
  await aWhile();
  expect(b.steps).toEqual([]);
  a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed'});
  expect([a.steps, b.steps]).toEqual([['make x', 'make x'], ['make y']]);
});

test('a task keeps its lock between two tries', async () => {
  const tasks = [guarded('x', 'a', {retries: {count: 1, delayMs: 1}}), guarded('y', 'b')];
  const {hosts, go} = trial(aGraph({tasks}), 'a', 'b');
  const {a, b} = hosts;
  a.control = () => 'by-hand';
  const done = go();
  await a.started('make x');
  a.finish('make x', {exitCode: 1});
  await a.started('make x');
  await aWhile();
  expect(b.steps).toEqual([]);
  a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed'});
});

test('a task that was done before its connection was lost gives its lock back as soon as that is seen', async () => {
  const {hosts, done} = await begun();
  const {a} = hosts;
  a.has.add('x');
  a.cut();
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed'});
  expect(a.steps).toEqual(['make x']);
});

test('a task whose host does not come back keeps its lock for good', async () => {
  const {hosts, done} = await begun();
  const {a, b} = hosts;
  a.reachable = false;
  a.cut();
  const {outcomes} = await done;
  expect(Object.fromEntries(outcomes)).toMatchObject({
    x: {status: 'failed', failure: {reason: 'connection-lost'}},
    y: {status: 'skipped', because: 'dependency-failed', cause: 'x'},
  });
  expect(b.steps).toEqual([]);
});

test('who keeps a lock and needs a slot of one that waits for the lock fails, and nobody waits for ever', async () => {
  // At its second try it has become a restart, for which it has no slot.
  const wants = marker('x');
  const diff: typeof wants.diff = (...given) => {
    const verdict = wants.diff(...given);
    return 'steps' in verdict && hosts.a.steps.length > 0 ? {...verdict, impact: 'restart'} : verdict;
  };
  const tasks = [
    guarded('x', 'a', {wants: {...wants, diff}, retries: {count: 1, delayMs: 1}}),
    aTask('restart', {on: 'b', wants: marker('restart', {impact: 'restart', proof: 'facts'})}),
    guarded('y', 'b'),
  ];
  const {hosts, go} = trial(aGraph({tasks, rollout: {play: {maxUnavailable: '1'}}}), 'a', 'b');
  const {a, b} = hosts;
  a.control = () => 'by-hand';
  const done = go();
  await a.started('make x');
  while (!b.has.has('restart')) await b.changed();
  await aWhile();
  a.finish('make x', {exitCode: 1});
  const {outcomes} = await done;
  expect(Object.fromEntries(outcomes)).toMatchObject({
    x: {status: 'failed', failure: {reason: 'deadlock'}},
    restart: {status: 'changed'},
    y: {status: 'skipped', cause: 'x'},
  });
});

test('a host that nobody can lock is no host that another run has: nothing is begun, and the exit code says so', async () => {
  const {hosts, events, go} = trial(aGraph({tasks: [aTask('x'), aTask('y', {on: 'b'})]}), 'a', 'b');
  hosts.b.lockless = 'flock: not found';
  const {exitCode, summary} = await go();
  expect(events.filter(({type}) => type === 'lock-busy')).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({type: 'host-unreachable', host: 'b', code: 'E807', because: 'flock: not found'}),
  );
  expect([exitCode, summary.unreachable]).toEqual([4, 1]);
  expect([hosts.a.steps, hosts.a.lockedBy]).toEqual([[], undefined]);
});
