import {setImmediate} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {Cancellation} from '../../src/execute/cancellation.ts';
import type {Event} from '../../src/model/event.ts';
import type {FileSend} from '../../src/model/step.ts';
import {aBracket, aGraph, aTask, id, marker} from '../support/graphs.ts';
import {aWhile, statuses, summaryOf, trial} from '../support/trial.ts';

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

const many = (prefix: string, count: number) =>
  Array.from({length: count}, (_, index) => aTask(`${prefix}${index}`));

const made = (prefix: string, count: number) =>
  Array.from({length: count}, (_, index) => `make ${prefix}${index}`);

const namesOf = (events: readonly Event[], type: 'task-started' | 'task-finished') =>
  events.flatMap((event) => (event.type === type ? [event.task] : []));

test.each(['in written order', 'in any order'] as const)(
  'Ctrl-C in a long pipeline %s: what has left is finished, and the rest was never begun',
  async (order) => {
    const tasks = many('t', 60);
    const graph = aGraph({tasks, ...(order === 'in any order' && {edges: []})});
    const {hosts, events, cancel, go} = trial(graph, 'a');
    hosts.a.control = (command) => (command === 'make t0' ? 'by-hand' : 'at-once');
    const done = go();
    await hosts.a.started('make t0');
    cancel.request();
    hosts.a.finish('make t0');
    const {outcomes, summary, exitCode} = await done;
    expect(hosts.a.steps).toEqual(made('t', 16));
    const [sent, kept] = [tasks.slice(0, 16), tasks.slice(16)];
    for (const task of sent) expect(outcomes.get(task.id)).toMatchObject({status: 'changed'});
    for (const task of kept) expect(outcomes.get(task.id)).toEqual({status: 'skipped', because: 'cancelled'});
    expect(namesOf(events, 'task-started')).toEqual(sent.map((task) => task.id));
    expect(namesOf(events, 'task-finished')).toEqual(tasks.map((task) => task.id));
    expect(summary).toEqual({ok: 0, changed: 16, skipped: 44, failed: 0, unreachable: 0});
    expect(summary).toEqual(summaryOf(events));
    expect(exitCode).toBe(130);
    expect(hosts.a.lockedBy).toBeUndefined();
  },
);

test('Ctrl-C later in a pipeline: what has left by then is finished', async () => {
  const {hosts, cancel, go} = trial(aGraph({tasks: many('t', 60)}), 'a');
  hosts.a.control = (command) => (command === 'make t20' ? 'by-hand' : 'at-once');
  const done = go();
  await hosts.a.started('make t20');
  cancel.request();
  hosts.a.finish('make t20');
  expect((await done).summary).toMatchObject({changed: 36, skipped: 24});
  expect(hosts.a.steps).toEqual(made('t', 36));
});

test('Ctrl-C behind the first steps of a task: all of its steps are sent, and none of the next task', async () => {
  const steps = [...made('part', 39), 'make long'];
  const tasks = [...many('t', 10), aTask('long', {wants: marker('long', {steps})}), ...many('u', 30)];
  const {hosts, events, cancel, go} = trial(aGraph({tasks}), 'a');
  hosts.a.control = (command) => (command === 'make t0' ? 'by-hand' : 'at-once');
  const done = go();
  await hosts.a.started('make t0');
  cancel.request();
  hosts.a.finish('make t0');
  const {outcomes, summary} = await done;
  expect(hosts.a.steps).toEqual([...made('t', 10), ...steps]);
  expect(outcomes.get(id('long'))).toMatchObject({status: 'changed'});
  expect(summary).toMatchObject({changed: 11, skipped: 30, failed: 0});
  expect(namesOf(events, 'task-started')).toHaveLength(11);
});

test('a task that needs nothing done, behind one that Ctrl-C kept back, is not said to be as wanted', async () => {
  const tasks = [...many('t', 20), aTask('same', {wants: marker('same', {alsoReads: 't19'})})];
  const {hosts, cancel, go} = trial(aGraph({tasks}), 'a');
  hosts.a.has.add('same');
  hosts.a.control = (command) => (command === 'make t0' ? 'by-hand' : 'at-once');
  const done = go();
  await hosts.a.started('make t0');
  cancel.request();
  hosts.a.finish('make t0');
  expect((await done).outcomes.get(id('same'))).toEqual({status: 'skipped', because: 'cancelled'});
});

test('Ctrl-C behind a step of several tasks: it has begun all of them, and each is finished', async () => {
  const write = (path: string) =>
    ({step: 'write', path, content: 'x', mode: '0644', owner: 0, group: 0}) as const;
  const tasks = [
    ...many('t', 14),
    aTask('first', {wants: marker('first', {steps: ['make ready', write('/etc/first')]})}),
    aTask('second', {wants: marker('second', {steps: [write('/etc/second'), 'make it-known']})}),
    aTask('third', {wants: marker('third', {step: write('/etc/third')})}),
  ];
  const {hosts, cancel, go} = trial(aGraph({tasks}), 'a');
  hosts.a.window = 15;
  hosts.a.control = (command) => (command === 'make t0' ? 'by-hand' : 'at-once');
  const done = go();
  await hosts.a.started('make t0');
  cancel.request();
  hosts.a.finish('make t0');
  const both = 'write /etc/first 0644 0:0\nwrite /etc/second 0644 0:0';
  const result = await done;
  expect(hosts.a.steps).toEqual([...made('t', 14), 'make ready', both, 'make it-known']);
  expect(statuses(result)).toMatchObject({first: 'changed', second: 'changed', third: 'skipped'});
});

test('Ctrl-C once and then again, in a long pipeline: what runs is ended, and nothing more is sent', async () => {
  const {hosts, events, cancel, go} = trial(aGraph({tasks: many('t', 60)}), 'a');
  hosts.a.control = () => 'by-hand';
  const done = go();
  await hosts.a.started('make t0');
  cancel.request();
  hosts.a.finish('make t0');
  await hosts.a.started('make t1');
  cancel.request();
  const {summary, exitCode} = await done;
  expect(hosts.a.steps).toEqual(['make t0', 'make t1']);
  expect(hosts.a.running).toEqual([]);
  expect(namesOf(events, 'task-started')).toHaveLength(16);
  expect(namesOf(events, 'task-finished')).toHaveLength(60);
  expect(summary).toMatchObject({changed: 0, failed: 1, skipped: 59});
  expect(exitCode).toBe(130);
});

test('a connection that is lost behind Ctrl-C: what had left is finished in the next one, and no more', async () => {
  const {hosts, cancel, go} = trial(aGraph({tasks: many('t', 60)}), 'a');
  hosts.a.control = (command) => (command === 'make t0' ? 'by-hand' : 'at-once');
  const done = go();
  await hosts.a.started('make t0');
  cancel.request();
  hosts.a.control = () => 'at-once';
  hosts.a.cut();
  expect((await done).summary).toMatchObject({changed: 16, skipped: 44, failed: 0});
  expect(hosts.a.steps).toEqual(['make t0', ...made('t', 16)]);
});

/** Large files, and who asked for them. */
class WatchedSupply {
  readonly asked: string[] = [];

  find({path}: FileSend): Promise<undefined> {
    this.asked.push(path);
    return Promise.resolve(undefined);
  }
}

const large = (path: string): FileSend => ({
  step: 'send',
  path,
  mode: '0644',
  owner: 0,
  group: 0,
  sha256: '0'.repeat(64),
  from: {address: 'http://files.test/large'},
});

test('Ctrl-C before a large file of a task that has begun: it is sent, and what is behind it', async () => {
  const steps = ['make ready', large('/srv/large'), 'make one'];
  const tasks = [aTask('one', {wants: marker('one', {steps})}), aTask('two')];
  const {hosts, cancel, go} = trial(aGraph({tasks}), 'a');
  hosts.a.control = (command) => (command === 'make ready' ? 'by-hand' : 'at-once');
  const supply = new WatchedSupply();
  const done = go({supply});
  await hosts.a.started('make ready');
  cancel.request();
  hosts.a.finish('make ready');
  expect(statuses(await done)).toEqual({one: 'changed', two: 'skipped'});
  expect(supply.asked).toEqual(['/srv/large']);
  expect(hosts.a.steps).toEqual(['make ready', 'make one']);
});

test.each([
  {what: 'scripts', locks: [], steps: ['make here']},
  {what: 'scripts and a lock', locks: ['x'], steps: ['make here']},
  {what: 'a large file', locks: [], steps: [large('/srv/large'), 'make here']},
])(
  'Ctrl-C while a task with $what waits until a bracket is open on its host: it is not begun',
  async ({locks, steps}) => {
    const wants = marker('here', {steps});
    const tasks = [aTask('there', {on: 'b'}), aTask('here', {locks, wants})];
    const supply = new WatchedSupply();
    const brackets = [aBracket('window', ['there'])];
    const {hosts, events, cancel, go} = trial(aGraph({tasks, brackets}), 'a', 'b');
    const {a, b} = hosts;
    a.control = (command) => (command === 'make window' ? 'by-hand' : 'at-once');
    const done = go({supply});
    await a.started('make window');
    await aWhile();
    cancel.request();
    a.finish('make window');
    const {outcomes, summary} = await done;
    expect(outcomes.get(id('here'))).toEqual({status: 'skipped', because: 'cancelled'});
    expect([...a.steps, ...b.steps]).toEqual(['make window', 'drop window']);
    expect(supply.asked).toEqual([]);
    expect(namesOf(events, 'task-started')).toEqual([]);
    expect(summary).toMatchObject({changed: 0, skipped: 2, failed: 0});
  },
);
