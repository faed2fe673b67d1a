import {expect, test} from 'vitest';
import type {TaskNode} from '../../src/model/graph.ts';
import {savePlan} from '../../src/plan/saved-plan.ts';
import {aBracket, aGraph, aTask, edge, HERE, id, marker} from '../support/graphs.ts';
import {statuses, trial} from '../support/trial.ts';

const restart = (name: string, on: string, rest: Partial<TaskNode> = {}): TaskNode =>
  aTask(name, {on, wants: marker(name, {impact: 'restart', proof: 'facts'}), ...rest});

test('a host is not drained before it has a slot', async () => {
  const tasks = [restart('x', 'a'), restart('y', 'b')];
  const brackets = [aBracket('drained-a', ['x']), aBracket('drained-b', ['y'], {on: 'b'})];
  const graph = aGraph({tasks, brackets, rollout: {play: {maxUnavailable: '1'}}});
  const {hosts, go} = trial(graph, 'a', 'b');
  hosts.a.control = (command) => (command === 'make x' ? 'by-hand' : 'at-once');
  hosts.b.control = () => {
    expect(hosts.a.has.has('drained-a')).toBe(false);
    return 'at-once';
  };
  const done = go();
  await hosts.a.started('make x');
  expect(hosts.b.steps).toEqual([]);
  hosts.a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed'});
  expect(hosts.b.steps).toEqual(['make drained-b', 'make y', 'drop drained-b']);
});

test('a change that is no restart needs no slot for its bracket', async () => {
  const graph = aGraph({
    tasks: [restart('x', 'a'), aTask('y', {on: 'b'})],
    brackets: [aBracket('window', ['y'], {on: 'b'})],
    rollout: {play: {maxUnavailable: '1'}},
  });
  const {hosts, go} = trial(graph, 'a', 'b');
  hosts.a.control = () => 'by-hand';
  const done = go();
  await hosts.a.started('make x');
  while (!hosts.b.steps.includes('drop window')) await hosts.b.changed();
  hosts.a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed'});
});

test('hosts that would wait for each other for ever are told so', async () => {
  const tasks = [restart('first', 'a'), restart('other', 'b'), aTask('last')];
  const graph = aGraph({
    tasks,
    edges: [edge('first', 'last'), edge('other', 'last')],
    rollout: {play: {maxUnavailable: '1'}},
  });
  const {outcomes} = await trial(graph, 'a', 'b').go();
  expect(outcomes.get(id('first'))).toMatchObject({status: 'changed'});
  expect(outcomes.get(id('other'))).toMatchObject({status: 'failed', failure: {reason: 'deadlock'}});
  expect(outcomes.get(id('last'))).toMatchObject({because: 'dependency-failed', cause: 'other'});
});

test('two places at which one host works share its slot', async () => {
  const tasks = [restart('x', 'a'), restart('y', 'a', {delegates: [aTask('z', {on: 'b'}).host]})];
  const graph = aGraph({tasks, edges: [], rollout: {play: {maxUnavailable: '1'}}});
  expect(statuses(await trial(graph, 'a', 'b').go())).toEqual({x: 'changed', y: 'changed'});
});

test('a play that was stopped also stops what is behind the plays between, on hosts that these did not have', async () => {
  const bad = aTask('1a', {wants: marker('1a', {step: 'break it'}), play: 'first'});
  const tasks = [
    bad,
    aTask('2b', {on: 'b', play: 'second'}),
    aTask('2b-end', {on: 'b', play: 'second'}),
    aTask('3c', {on: 'c', play: 'third'}),
  ];
  const barriers = ['first', 'second'].map((play) => ({id: id(`barrier/${play}`), play, at: HERE}));
  const edges = [
    edge('1a', 'barrier/first', 'end'),
    edge('barrier/first', '2b', 'end'),
    edge('2b', '2b-end', 'end'),
    edge('2b-end', 'barrier/second', 'end'),
    edge('barrier/second', '3c', 'end'),
  ];
  const rollout = {first: {onFailure: 'stop'}} as const;
  const stopped = await trial(aGraph({tasks, barriers, edges, rollout}), 'a', 'b', 'c').go();
  expect(statuses(stopped)).toEqual({'1a': 'failed', '2b': 'skipped', '2b-end': 'skipped', '3c': 'skipped'});
  expect(stopped.outcomes.get(id('3c'))).toMatchObject({because: 'play-stopped'});
  const others = await trial(aGraph({tasks, barriers, edges}), 'a', 'b', 'c').go();
  expect(statuses(others)).toMatchObject({'2b': 'changed', '3c': 'changed'});
});

test('behind a barrier that needs success nothing runs that needs it too', async () => {
  const tasks = [
    aTask('1a', {wants: marker('1a', {step: 'break it'}), play: 'first'}),
    aTask('2b', {on: 'b', play: 'second'}),
    aTask('3c', {on: 'c', play: 'third'}),
  ];
  const barriers = [{id: id('done'), play: 'first', at: HERE}];
  const edges = [edge('1a', 'done'), edge('done', '2b'), edge('done', '3c', 'end')];
  const {outcomes} = await trial(aGraph({tasks, barriers, edges}), 'a', 'b', 'c').go();
  expect(outcomes.get(id('2b'))).toMatchObject({because: 'dependency-failed', cause: '1a'});
  expect(outcomes.get(id('3c'))).toMatchObject({status: 'changed'});
});

test('Ctrl-C also keeps back what waits for its turn among the hosts', async () => {
  const tasks = [aTask('x'), aTask('y', {on: 'b'})];
  const {hosts, cancel, go} = trial(aGraph({tasks}), 'a', 'b');
  hosts.a.control = () => 'by-hand';
  const done = go({forks: 1});
  await hosts.a.started('make x');
  cancel.request();
  hosts.a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'skipped'});
  expect(hosts.b.steps).toEqual([]);
});

test('an output of what is not selected is read at its turn, behind what may alter it', async () => {
  const wild = aTask('wild', {wants: marker('wild', {wild: true, proof: 'facts'})});
  const producer = aTask('producer', {selected: false, wants: marker('producer', {outputs: {value: 'x'}})});
  const consumer = aTask('consumer', {
    resource: {
      stage: 'output',
      reads: [id('producer')],
      resolve: (late) => ({
        ok: true,
        value: marker(`got-${JSON.stringify(late.outputsOf(id('producer')))}`),
      }),
    },
  });
  const graph = aGraph({tasks: [wild, producer, consumer]});
  const {hosts, go} = trial(graph, 'a');
  hosts.a.has.add('producer');
  expect(statuses(await go())).toEqual({wild: 'changed', producer: 'skipped', consumer: 'changed'});
  expect(hosts.a.steps).toEqual(['make wild', 'make got-{"value":"x"}']);
  const missing = await trial(graph, 'a').go();
  expect(missing.outcomes.get(id('consumer'))).toMatchObject({failure: {reason: 'invalid-value'}});
});

test('what a lost connection left of a change is no other change than the saved plan showed', async () => {
  const half = marker('half');
  const wants = {
    ...half,
    diff: (...given: Parameters<typeof half.diff>) => {
      const verdict = half.diff(...given);
      const isTried = 'steps' in verdict && hosts.a.connections > 2;
      return isTried ? {...verdict, details: [{attribute: 'rest', before: '1', after: '2'}]} : verdict;
    },
  };
  const {hosts, go} = trial(aGraph({tasks: [aTask('half', {wants})]}), 'a');
  const {plan} = await go({mode: 'plan'});
  hosts.a.control = () => (hosts.a.connections === 2 ? 'by-hand' : 'at-once');
  const done = go({bounds: savePlan(plan)});
  await hosts.a.started('make half');
  hosts.a.cut();
  expect(statuses(await done)).toEqual({half: 'changed'});
});

test('a task whose kind is another one now does not fit a saved plan', async () => {
  const wild = aTask('wild', {wants: marker('wild', {wild: true, proof: 'facts'})});
  const graph = aGraph({tasks: [wild, aTask('behind')]});
  const {plan} = await trial(graph, 'a').go({mode: 'plan'});
  const other = aGraph({tasks: [wild, aTask('behind', {kind: 'command'})]});
  const {hosts, go} = trial(other, 'a');
  const {misfits} = await go({bounds: savePlan(plan)});
  expect(misfits.join()).toContain('behind');
  expect(hosts.a.steps).toEqual([]);
});

test('what was skipped behind a failed step, and does not need it, is done and told once', async () => {
  const tasks = [aTask('bad', {wants: marker('bad', {step: 'break it'})}), aTask('free')];
  const {hosts, events, go} = trial(aGraph({tasks, edges: []}), 'a');
  expect(statuses(await go())).toEqual({bad: 'failed', free: 'changed'});
  expect(hosts.a.steps).toEqual(['break it', 'make free']);
  const told = events.flatMap((event) => ('task' in event ? [`${event.type} ${event.task}`] : []));
  expect(told.toSorted()).toEqual([
    'task-finished bad',
    'task-finished free',
    'task-started bad',
    'task-started free',
  ]);
});

test('a host that goes while it is looked at is one that was not reached', async () => {
  const producer = aTask('producer', {wants: marker('producer', {outputs: {value: 'x'}})});
  const consumer = aTask('consumer', {
    on: 'b',
    resource: {
      stage: 'output',
      reads: [id('producer')],
      resolve: () => ({ok: true, value: marker('got')}),
    },
  });
  const graph = aGraph({tasks: [producer, consumer, aTask('free')], edges: [edge('producer', 'consumer')]});
  const {hosts, events, go} = trial(graph, 'a', 'b');
  hosts.a.has.add('producer');
  const result = await go({
    listen: (event) => {
      if (event.type === 'host-connected' && event.host === hosts.b.name) queueMicrotask(() => hosts.b.cut());
    },
  });
  expect(events).toEqual([]);
  expect(statuses(result)).toEqual({producer: 'ok', consumer: 'skipped', free: 'changed'});
  expect(result.exitCode).toBe(4);
});

test('a host that is lost while it is locked comes back, and is locked', async () => {
  const {hosts, go} = trial(aGraph({tasks: [aTask('x')]}), 'a');
  const result = await go({
    approve: () => {
      hosts.a.cut();
      return Promise.resolve(true);
    },
  });
  expect(statuses(result)).toEqual({x: 'changed'});
  expect(hosts.a.connections).toBe(2);
});
