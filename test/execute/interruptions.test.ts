import {setImmediate} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {Cancellation} from '../../src/execute/cancellation.ts';
import {aGraph, aTask, id, marker} from '../support/graphs.ts';
import {aWhile, trial} from '../support/trial.ts';

test.each(['done', 'not done'] as const)(
  'Ctrl-C while a host is connected again: what was begun there, and was %s, is finished and proven',
  async (state) => {
    const {hosts, cancel, go} = trial(aGraph({tasks: [aTask('one', {locks: ['x']}), aTask('two')]}), 'a');
    const {a} = hosts;
    a.control = () => 'by-hand';
    const done = go();
    await a.started('make one');
    a.reachable = false;
    if (state === 'done') a.has.add('one');
    a.cut();
    await aWhile();
    cancel.request();
    a.control = () => 'at-once';
    a.reachable = true;
    const {outcomes, exitCode} = await done;
    expect(Object.fromEntries(outcomes)).toMatchObject({
      one: {status: 'changed'},
      two: {status: 'skipped', because: 'cancelled'},
    });
    expect(a.steps).toEqual(state === 'done' ? ['make one'] : ['make one', 'make one']);
    expect(exitCode).toBe(130);
  },
);

test('Ctrl-C between two tries: what was tried has failed, and is not tried again', async () => {
  const {hosts, events, cancel, go} = trial(
    aGraph({tasks: [aTask('one', {retries: {count: 3, delayMs: 60_000}})]}),
    'a',
  );
  const {a} = hosts;
  a.control = () => 'by-hand';
  const done = go();
  await a.started('make one');
  a.finish('make one', {exitCode: 1});
  while (!events.some(({type}) => type === 'task-retried')) await setImmediate();
  cancel.request();
  const {outcomes} = await done;
  expect(outcomes.get(id('one'))).toMatchObject({status: 'failed', failure: {reason: 'command-failed'}});
  expect(a.steps).toEqual(['make one']);
});

test('who waits for a host to come back waits on at the first Ctrl-C, and not at the second', async () => {
  const cancel = new Cancellation();
  const state = {isOver: false};
  const delay = cancel.delay(60_000, 'killing').finally(() => {
    state.isOver = true;
  });
  cancel.request();
  await aWhile();
  expect(state.isOver).toBe(false);
  cancel.request();
  await delay;
});

test('Ctrl-C is told whenever it comes', async () => {
  for (const when of ['connecting', 'locking'] as const) {
    const {events, cancel, go} = trial(aGraph({tasks: [aTask('one')]}), 'a');
    const approve = (): Promise<boolean> => {
      cancel.request();
      return Promise.resolve(true);
    };
    const nowhere = {connect: () => new Promise<never>(() => undefined)};
    const done = go(when === 'locking' ? {approve} : {transport: nowhere});
    if (when === 'connecting') cancel.request();
    expect((await done).exitCode).toBe(130);
    const told = events.map(({type}) => type);
    expect(told.filter((type) => type === 'cancelled')).toHaveLength(1);
    expect(told.at(-1)).toBe('run-finished');
  }
});

test('Ctrl-C ends a question that nobody answers', async () => {
  const {hosts, cancel, go} = trial(aGraph({tasks: [aTask('one')]}), 'a');
  const approve = (): Promise<boolean> => {
    queueMicrotask(() => cancel.request());
    return new Promise(() => undefined);
  };
  expect((await go({approve})).exitCode).toBe(130);
  expect(hosts.a.steps).toEqual([]);
});

test('Ctrl-C during a step that then fails: what was sent behind it, and skipped there, is not started', async () => {
  const tasks = [aTask('bad', {wants: marker('bad', {step: 'break it'})}), aTask('free')];
  const {hosts, cancel, go} = trial(aGraph({tasks, edges: []}), 'a');
  hosts.a.control = () => 'by-hand';
  const done = go();
  await hosts.a.started('break it');
  cancel.request();
  hosts.a.finish('break it');
  const {outcomes} = await done;
  expect(Object.fromEntries(outcomes)).toMatchObject({
    bad: {status: 'failed'},
    free: {status: 'skipped', because: 'cancelled'},
  });
  expect(hosts.a.steps).toEqual(['break it']);
});

test('what was skipped behind a failed step, and came by itself, is not said to be changed', async () => {
  const tasks = [aTask('bad', {wants: marker('bad', {step: 'break it'})}), aTask('free')];
  const {hosts, go} = trial(aGraph({tasks, edges: []}), 'a');
  hosts.a.control = () => 'by-hand';
  const done = go();
  await hosts.a.started('break it');
  hosts.a.has.add('free');
  hosts.a.finish('break it');
  expect((await done).outcomes.get(id('free'))).toMatchObject({status: 'ok'});
});
