import {expect, test} from 'vitest';
import {Cancellation} from '../../src/execute/cancellation.ts';
import {type RunOptions, run} from '../../src/execute/run.ts';
import type {Event} from '../../src/model/event.ts';
import type {TaskGraph} from '../../src/model/graph.ts';
import {TransportError} from '../../src/model/transport.ts';
import {ControlledHost, ControlledTransport} from '../support/controlled-host.ts';
import {aBracket, aGraph, aTask, edge, HERE, id, marker, writtenOrder} from '../support/graphs.ts';

interface Trial {
  readonly hosts: Readonly<Record<string, ControlledHost>>;
  readonly events: Event[];
  readonly cancel: Cancellation;
  readonly go: (options?: Partial<RunOptions>) => ReturnType<typeof run>;
}

function trial(graph: TaskGraph, ...names: readonly string[]): Trial {
  const hosts = Object.fromEntries(names.map((name) => [name, new ControlledHost(name)]));
  const events: Event[] = [];
  const cancel = new Cancellation();
  const transport = new ControlledTransport(Object.values(hosts));
  const listen = (event: Event): void => void events.push(event);
  const defaults = {mode: 'apply', forks: 100, texts: false, auditTouches: false} as const;
  const go = (options: Partial<RunOptions> = {}) =>
    run({graph, transport, listen, cancel, ...defaults, ...options});
  return {hosts, events, cancel, go};
}

const statuses = ({outcomes}: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries([...outcomes].map(([task, {status}]) => [task, status]));

test('a second run of any graph changes nothing', async () => {
  const {hosts, go} = trial(aGraph({tasks: [aTask('one'), aTask('two', {on: 'b'})]}), 'a', 'b');
  expect(statuses(await go())).toEqual({one: 'changed', two: 'changed'});
  expect(statuses(await go())).toEqual({one: 'ok', two: 'ok'});
  expect([...(hosts['a']?.steps ?? []), ...(hosts['b']?.steps ?? [])]).toEqual(['make one', 'make two']);
});

test('a task never runs behind one that did not converge', async () => {
  const liar = aTask('liar', {wants: marker('liar', {step: 'make other', proof: 'facts'})});
  const {hosts, go} = trial(aGraph({tasks: [liar, aTask('behind')]}), 'a');
  const result = await go();
  expect(statuses(result)).toEqual({liar: 'failed', behind: 'skipped'});
  expect(result.outcomes.get(id('liar'))).toMatchObject({failure: {reason: 'not-converged'}});
  expect(result.outcomes.get(id('behind'))).toMatchObject({because: 'dependency-failed', cause: 'liar'});
  expect(hosts['a']?.steps).toEqual(['make other']);
  expect(result.exitCode).toBe(1);
});

test('hosts do not wait for each other without an edge, and do where there is one', async () => {
  const tasks = [aTask('x', {on: 'a'}), aTask('y', {on: 'b'}), aTask('z', {on: 'b'})];
  const {hosts, go} = trial(aGraph({tasks, edges: [edge('x', 'z')]}), 'a', 'b');
  const {a, b} = hosts as {a: ControlledHost; b: ControlledHost};
  a.control = () => 'by-hand';
  const done = go();
  await a.started('make x');
  while (!b.has.has('y')) await b.changed();
  expect(b.steps).toEqual(['make y']);
  a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed', z: 'changed'});
});

test('a bracket closes after a failure', async () => {
  const tasks = [aTask('one'), aTask('bad', {wants: marker('bad', {step: 'break it'})})];
  const {hosts, go} = trial(aGraph({tasks, brackets: [aBracket('window', ['one', 'bad'])]}), 'a');
  expect(statuses(await go())).toEqual({one: 'changed', bad: 'failed'});
  expect(hosts['a']?.steps).toEqual(['make window', 'make one', 'break it', 'drop window']);
});

test('a bracket waits for nothing behind a failure inside, and knows when all is done', async () => {
  const bad = aTask('bad', {wants: marker('bad', {step: 'break it'})});
  const gates = [aBracket('gate', ['one', 'bad'], {patient: 'complete'})];
  const broken = trial(aGraph({tasks: [aTask('one'), bad], brackets: gates}), 'a');
  await broken.go();
  expect(broken.hosts['a']?.steps).toEqual(['make gate', 'make one', 'break it', 'drop gate']);

  const whole = trial(
    aGraph({tasks: [aTask('one')], brackets: [aBracket('gate', ['one'], {patient: 'complete'})]}),
    'a',
  );
  await whole.go();
  expect(whole.hosts['a']?.steps).toEqual(['make gate', 'make one', 'make gate-passed']);
});

test('a bracket around two plays opens once, and keeps no play between them waiting', async () => {
  const tasks = [
    aTask('first', {play: 'first'}),
    aTask('between', {play: 'between', on: 'b'}),
    aTask('last', {play: 'last', on: 'b'}),
  ];
  const graph = aGraph({
    tasks,
    brackets: [aBracket('gate', ['first', 'last'], {play: 'last'})],
    barriers: [{id: id('barrier/between'), play: 'between', at: HERE}],
    edges: [
      edge('first', 'between'),
      edge('between', 'barrier/between', 'end'),
      edge('barrier/between', 'last'),
    ],
  });
  const {hosts, go} = trial(graph, 'a', 'b');
  expect(statuses(await go())).toEqual({first: 'changed', between: 'changed', last: 'changed'});
  expect(hosts['a']?.steps).toEqual(['make gate', 'make first', 'drop gate']);
});

test('a bracket closes after a death', async () => {
  const bracket = aBracket('window', ['one'], {leftOpen: 'window'});
  const {hosts, go} = trial(aGraph({tasks: [aTask('one')], brackets: [bracket]}), 'a');
  hosts['a']?.has.add('window').add('one');
  const result = await go();
  expect(statuses(result)).toEqual({one: 'ok'});
  expect(hosts['a']?.has.has('window')).toBe(false);
  expect(hosts['a']?.steps).toEqual(['drop window']);
});

test('what a dead run left open is closed, opened again for what is still to do, and waited for', async () => {
  const first = aTask('one', {wants: marker('one', {proof: 'facts'})});
  const bracket = aBracket('window', ['one'], {leftOpen: 'window'});
  const {hosts, go} = trial(aGraph({tasks: [first, aTask('two')], brackets: [bracket]}), 'a');
  hosts['a']?.has.add('window');
  expect(statuses(await go())).toEqual({one: 'changed', two: 'changed'});
  const steps = ['drop window', 'make window', 'make one', 'drop window', 'make two'];
  expect(hosts['a']?.steps).toEqual(steps);
});

test('what stands between two tasks of a bracket runs while it is open, and what stands behind once it is closed', async () => {
  const late = aTask('three', {wants: marker('three', {proof: 'facts'})});
  const between = aTask('two', {wants: marker('two', {proof: 'facts'})});
  const first = aTask('one', {wants: marker('one', {proof: 'facts'})});
  const tasks = [first, between, late, aTask('four')];
  const {hosts, go} = trial(aGraph({tasks, brackets: [aBracket('window', ['one', 'three'])]}), 'a');
  expect(statuses(await go())).toEqual({one: 'changed', two: 'changed', three: 'changed', four: 'changed'});
  expect(hosts['a']?.steps).toEqual([
    'make window',
    'make one',
    'make two',
    'make three',
    'drop window',
    'make four',
  ]);
});

test('a bracket is not opened for nothing', async () => {
  const {hosts, go} = trial(aGraph({tasks: [aTask('one')], brackets: [aBracket('window', ['one'])]}), 'a');
  hosts['a']?.has.add('one');
  expect(statuses(await go())).toEqual({one: 'ok'});
  expect(hosts['a']?.steps).toEqual([]);
});

test('a failed host keeps its slot', async () => {
  const restart = (name: string, on: string, step?: string) =>
    aTask(name, {on, wants: marker(name, {impact: 'restart', ...(step ? {step} : {})})});
  const tasks = [restart('x', 'a', 'break it'), restart('y', 'b'), restart('z', 'c')];
  const {hosts, go} = trial(aGraph({tasks, rollout: {play: {maxUnavailable: '1'}}}), 'a', 'b', 'c');
  const result = await go();
  expect(statuses(result)).toEqual({x: 'failed', y: 'skipped', z: 'skipped'});
  expect(result.outcomes.get(id('y'))).toMatchObject({because: 'play-stopped'});
  expect(hosts['b']?.steps).toEqual([]);
});

test('a task that fails in the middle keeps its lock', async () => {
  const guarded = (name: string, on: string, step?: string) =>
    aTask(name, {on, locks: ['quorum'], wants: marker(name, step ? {step} : {})});
  const tasks = [
    guarded('x', 'a', 'break it'),
    guarded('y', 'b'),
    guarded('z', 'c'),
    aTask('free', {on: 'c'}),
  ];
  const {hosts, go} = trial(aGraph({tasks}), 'a', 'b', 'c');
  hosts['c']?.has.add('z');
  const result = await go();
  expect(statuses(result)).toEqual({x: 'failed', y: 'skipped', z: 'ok', free: 'changed'});
  expect(result.outcomes.get(id('y'))).toMatchObject({because: 'dependency-failed', cause: 'x'});
  expect(hosts['b']?.steps).toEqual([]);
});

test('slots go from host to host as gates are passed', async () => {
  const restart = (name: string, on: string) => aTask(name, {on, wants: marker(name, {impact: 'restart'})});
  const tasks = [restart('x', 'a'), restart('y', 'b'), restart('z', 'c')];
  const {hosts, go} = trial(aGraph({tasks, rollout: {play: {maxUnavailable: '1'}}}), 'a', 'b', 'c');
  const {a, b} = hosts as {a: ControlledHost; b: ControlledHost};
  a.control = () => 'by-hand';
  const done = go();
  await a.started('make x');
  expect(b.steps).toEqual([]);
  a.finish('make x');
  expect(statuses(await done)).toEqual({x: 'changed', y: 'changed', z: 'changed'});
});

test('a barrier waits for all, a failed host is skipped behind it, and the others go on', async () => {
  const bad = aTask('1a', {wants: marker('1a', {step: 'break it'}), play: 'first'});
  const tasks = [
    bad,
    aTask('1b', {on: 'b', play: 'first'}),
    aTask('2a', {play: 'second'}),
    aTask('2b', {on: 'b', play: 'second'}),
  ];
  const barrier = {id: id('barrier'), play: 'first', at: HERE};
  const edges = [
    edge('1a', 'barrier', 'end'),
    edge('1b', 'barrier', 'end'),
    edge('barrier', '2a', 'end'),
    edge('barrier', '2b', 'end'),
    edge('1a', '2a'),
    edge('1b', '2b'),
  ];
  const {go} = trial(aGraph({tasks, barriers: [barrier], edges}), 'a', 'b');
  expect(statuses(await go())).toEqual({'1a': 'failed', '1b': 'changed', '2a': 'skipped', '2b': 'changed'});
  const stopping = trial(
    aGraph({tasks, barriers: [barrier], edges, rollout: {first: {maxFailures: '0'}}}),
    'a',
    'b',
  );
  expect(statuses(await stopping.go())).toMatchObject({'2a': 'skipped', '2b': 'skipped'});
});

test('what a change touches and does not predict is decided at its turn', async () => {
  const tasks = [aTask('wild', {wants: marker('wild', {wild: true, proof: 'facts'})}), aTask('behind')];
  const {go} = trial(aGraph({tasks}), 'a');
  const result = await go();
  expect(result.plan.tasks.map(({status}) => status)).toEqual(['pending', 'deferred']);
  expect(statuses(result)).toEqual({wild: 'changed', behind: 'changed'});
});

test('a lost connection resumes', async () => {
  const tasks = [aTask('one'), aTask('two'), aTask('three')];
  const {hosts, events, go} = trial(aGraph({tasks}), 'a');
  const {a} = hosts as {a: ControlledHost};
  a.control = (command) => (command === 'make two' && a.connections === 1 ? 'by-hand' : 'at-once');
  const done = go();
  await a.started('make two');
  a.cut();
  expect(statuses(await done)).toEqual({one: 'changed', two: 'changed', three: 'changed'});
  expect(a.connections).toBe(2);
  expect(events.map(({type}) => type)).toContain('host-back');
});

test('a task that ends the connection each time fails, and those behind it name it', async () => {
  const {hosts, go} = trial(aGraph({tasks: [aTask('one'), aTask('two')]}), 'a');
  const {a} = hosts as {a: ControlledHost};
  a.control = (command) => {
    if (command === 'make one') queueMicrotask(() => a.cut());
    return 'by-hand';
  };
  const result = await go();
  expect(result.outcomes.get(id('one'))).toMatchObject({failure: {reason: 'connection-lost'}});
  expect(result.outcomes.get(id('two'))).toMatchObject({status: 'skipped', cause: 'one'});
});

test('an unreachable host is told, and the others are done', async () => {
  const {hosts, go} = trial(aGraph({tasks: [aTask('x'), aTask('y', {on: 'b'})]}), 'a', 'b');
  if (hosts['a']) hosts['a'].reachable = false;
  const result = await go();
  expect(statuses(result)).toEqual({x: 'skipped', y: 'changed'});
  expect(result.exitCode).toBe(4);
  expect(result.summary.unreachable).toBe(1);
});

test('the plan does not promise what waits for a host that is not there', async () => {
  const tasks = [aTask('x'), aTask('y', {on: 'b'}), aTask('z', {on: 'b'}), aTask('free', {on: 'b'})];
  const {hosts, events, go} = trial(aGraph({tasks, edges: [edge('x', 'y'), edge('y', 'z')]}), 'a', 'b');
  if (hosts['a']) hosts['a'].reachable = false;
  expect(statuses(await go())).toEqual({x: 'skipped', y: 'skipped', z: 'skipped', free: 'changed'});
  const planned = events.flatMap((event) => (event.type === 'plan-ready' ? event.plan.tasks : []));
  expect(planned.map(({status}) => status)).toEqual(['skipped', 'skipped', 'skipped', 'pending']);
});

test.each([
  ['unreachable', 'E801'],
  ['lost', 'E801'],
  ['host-key', 'E802'],
  ['authentication', 'E803'],
  ['become', 'E804'],
  ['missing-tool', 'E807'],
] as const)('a host that is missing because of %s is told under %s', async (reason, code) => {
  const {events, go} = trial(aGraph({tasks: [aTask('x')]}), 'a');
  const connect = (): Promise<never> => Promise.reject(new TransportError(reason, 'no way in'));
  await go({transport: {connect}});
  expect(events).toContainEqual(
    expect.objectContaining({type: 'host-unreachable', code, because: 'no way in'}),
  );
});

test('a host that nobody needs is not contacted, and order goes through its tasks', async () => {
  const tasks = [
    aTask('one', {wants: marker('one', {step: 'break it'})}),
    aTask('middle', {on: 'b', selected: false}),
    aTask('last', {on: 'c'}),
  ];
  const edges = [edge('one', 'middle'), edge('middle', 'last')];
  const {hosts, go} = trial(aGraph({tasks, edges}), 'a', 'b', 'c');
  if (hosts['b']) hosts['b'].reachable = false;
  const result = await go();
  expect(statuses(result)).toEqual({one: 'failed', middle: 'skipped', last: 'skipped'});
  expect(result.outcomes.get(id('middle'))).toMatchObject({because: 'dependency-failed', cause: 'one'});
  expect(result.summary.unreachable).toBe(0);
  expect(hosts['b']?.connections).toBe(0);
});

test('a rollout counts those who are down also where only one host is selected', async () => {
  const restart = (name: string, on: string, selected: boolean) =>
    aTask(name, {on, selected, wants: marker(name, {impact: 'restart'})});
  const tasks = [restart('x', 'a', true), restart('y', 'b', false)];
  const {hosts, go} = trial(aGraph({tasks, rollout: {play: {maxUnavailable: '1'}}}), 'a', 'b');
  if (hosts['b']) hosts['b'].reachable = false;
  expect((await go()).outcomes.get(id('x'))).toMatchObject({status: 'skipped', because: 'play-stopped'});
});

test('two runs at once: the second is told who has the hosts, and changes nothing anywhere', async () => {
  const {hosts, go} = trial(aGraph({tasks: [aTask('x'), aTask('y', {on: 'b'})]}), 'a', 'b');
  if (hosts['b']) hosts['b'].lockedBy = 'somebody';
  const result = await go();
  expect(result.exitCode).toBe(5);
  expect(hosts['a']?.steps).toEqual([]);
  expect(hosts['a']?.lockedBy).toBeUndefined();
});

test('a plan that was made before another run changed a host is not carried out', async () => {
  const {hosts, events, go} = trial(aGraph({tasks: [aTask('x'), aTask('y', {on: 'b'})]}), 'a', 'b');
  if (hosts['b']) hosts['b'].lockedSince = 'somebody';
  expect((await go()).exitCode).toBe(5);
  expect(events).toContainEqual(
    expect.objectContaining({type: 'lock-busy', host: 'b', holder: 'somebody', state: 'changed'}),
  );
  for (const host of ['a', 'b']) {
    expect(hosts[host]?.steps).toEqual([]);
    expect(hosts[host]?.lockedBy).toBeUndefined();
  }
});

test('a retried task backs off, tries again, and its success counts once', async () => {
  let tries = 0;
  const {hosts, events, go} = trial(aGraph({tasks: [aTask('one', {retries: {count: 2, delayMs: 1}})]}), 'a');
  const {a} = hosts as {a: ControlledHost};
  a.control = (command) => {
    tries += 1;
    if (tries < 3) queueMicrotask(() => a.finish(command, {exitCode: 1}));
    return tries < 3 ? 'by-hand' : 'at-once';
  };
  const result = await go();
  expect(result.summary).toMatchObject({changed: 1, failed: 0});
  expect(events.filter(({type}) => type === 'task-retried')).toHaveLength(2);
});

test('Ctrl-C once lets finish what runs, and starts nothing new', async () => {
  const tasks = [aTask('one', {wants: marker('one', {proof: 'facts'})}), aTask('two')];
  const brackets = [aBracket('window', ['one', 'two'])];
  const {hosts, cancel, go} = trial(aGraph({tasks, brackets}), 'a');
  const {a} = hosts as {a: ControlledHost};
  a.control = (command) => (command === 'make one' ? 'by-hand' : 'at-once');
  const done = go();
  await a.started('make one');
  cancel.request();
  a.finish('make one');
  const result = await done;
  expect(statuses(result)).toEqual({one: 'changed', two: 'skipped'});
  expect(a.steps).toEqual(['make window', 'make one', 'drop window']);
  expect(result.exitCode).toBe(130);
});

test('Ctrl-C is why the rest never ran, but for what was not selected', async () => {
  for (const times of [1, 2]) {
    const one = aTask('one', {wants: marker('one', {proof: 'facts'})});
    const {hosts, cancel, go} = trial(
      aGraph({tasks: [one, aTask('two'), aTask('not', {selected: false})], edges: []}),
      'a',
    );
    const {a} = hosts as {a: ControlledHost};
    a.control = (command) => (command === 'make one' ? 'by-hand' : 'at-once');
    const done = go();
    await a.started('make one');
    for (let count = 0; count < times; count += 1) cancel.request();
    if (times === 1) a.finish('make one');
    const {outcomes, exitCode} = await done;
    expect(exitCode).toBe(130);
    expect(outcomes.get(id('two'))).toMatchObject({status: 'skipped', because: 'cancelled'});
    if (times === 1) expect(outcomes.get(id('not'))).toMatchObject({because: 'not-selected'});
  }
});

test('Ctrl-C before anything has begun waits for no host that does not answer', async () => {
  const {events, cancel, go} = trial(aGraph({tasks: [aTask('one')]}), 'a');
  const done = go({transport: {connect: () => new Promise(() => undefined)}});
  cancel.request();
  const result = await done;
  expect(result.exitCode).toBe(130);
  expect(events.at(-1)).toMatchObject({type: 'run-finished', exitCode: 130, summary: {ok: 0, changed: 0}});
});

test('an output travels to another host, and is an edge by itself', async () => {
  const producer = aTask('producer', {wants: marker('producer', {outputs: {value: 'x'}, proof: 'facts'})});
  const consumer = aTask('consumer', {
    on: 'b',
    resource: {
      stage: 'output',
      reads: [id('producer')],
      resolve: (late) => ({
        ok: true,
        value: marker(`got-${JSON.stringify(late.outputsOf(id('producer'))['value'])}`),
      }),
    },
  });
  const {hosts, go} = trial(
    aGraph({tasks: [producer, consumer], edges: [edge('producer', 'consumer')]}),
    'a',
    'b',
  );
  expect(statuses(await go())).toEqual({producer: 'changed', consumer: 'changed'});
  expect(hosts['b']?.has.has('got-"x"')).toBe(true);
});

test('--limit finds a missing output before anything runs', async () => {
  const producer = aTask('producer', {selected: false, wants: marker('producer', {outputs: {value: 'x'}})});
  const consumer = aTask('consumer', {
    on: 'b',
    resource: {
      stage: 'output',
      reads: [id('producer')],
      resolve: (late) => ({
        ok: true,
        value: marker(`got-${JSON.stringify(late.outputsOf(id('producer'))['value'])}`),
      }),
    },
  });
  const tasks = [producer, consumer, aTask('free', {on: 'b'})];
  const {hosts, go} = trial(aGraph({tasks, edges: [edge('producer', 'consumer')]}), 'a', 'b');
  const result = await go();
  expect(result.outcomes.get(id('consumer'))).toMatchObject({failure: {reason: 'invalid-value'}});
  expect(JSON.stringify(result.outcomes.get(id('consumer')))).toContain('producer');
  expect(hosts['b']?.steps).toEqual([]);
  hosts['a']?.has.add('producer');
  expect(statuses(await go())).toEqual({producer: 'skipped', consumer: 'changed', free: 'changed'});
});

test('--audit-touches fails what altered more than it said', async () => {
  const sly = aTask('sly', {wants: {...marker('sly', {step: 'make sly other'}), facts: marker('sly').facts}});
  const tasks = [sly, aTask('other')];
  const {hosts, go} = trial(aGraph({tasks, edges: writtenOrder(tasks)}), 'a');
  const {a} = hosts as {a: ControlledHost};
  a.control = (command) => {
    if (command.startsWith('make sly')) a.has.add('other').add('sly');
    return 'at-once';
  };
  const result = await go({auditTouches: true});
  expect(result.outcomes.get(id('sly'))).toMatchObject({
    failure: {reason: 'touched-more', facts: ['look other']},
  });
});

test('order goes through what is not selected', async () => {
  const tasks = [
    aTask('one', {wants: marker('one', {proof: 'facts', step: 'break it'})}),
    aTask('middle', {selected: false}),
    aTask('last', {on: 'b'}),
  ];
  const edges = [edge('one', 'middle'), edge('middle', 'last')];
  const {hosts, go} = trial(aGraph({tasks, edges}), 'a', 'b');
  expect(statuses(await go())).toEqual({one: 'failed', middle: 'skipped', last: 'skipped'});
  expect(hosts['b']?.steps).toEqual([]);
});
