import {describe, expect, test} from 'vitest';
import {Cancellation} from '../../src/execute/cancellation.ts';
import {run} from '../../src/execute/run.ts';
import type {Facts} from '../../src/model/fact.ts';
import type {TaskGraph} from '../../src/model/graph.ts';
import {ControlledHost, ControlledTransport} from '../support/controlled-host.ts';
import {aBracket, aGraph, aTask, HERE, look, marker, now} from '../support/graphs.ts';

const HOSTS = ['a', 'b', 'c'];
/** Of hosts that a run has no other reason to reach. */
const IDLE = ['a', 'b'].map((on) => aTask(`idle-${on}`, {on, when: now(false)}));
const delegates = HOSTS.map((on) => aTask('any', {on}).host);

async function ended(graph: TaskGraph, hosts: readonly ControlledHost[]) {
  const defaults = {mode: 'apply', forks: 10, texts: false, auditTouches: false} as const;
  const transport = new ControlledTransport(hosts);
  const result = await run({graph, transport, listen: () => {}, cancel: new Cancellation(), ...defaults});
  const statuses = Object.fromEntries([...result.outcomes].map(([task, {status}]) => [task, status]));
  const brackets = result.plan.brackets.map(({host, at}) => ({host, at}));
  return {statuses, brackets, steps: hosts.map(({steps}) => steps)};
}

const threeHosts = (): readonly [ControlledHost, ControlledHost, ControlledHost] => [
  new ControlledHost('a'),
  new ControlledHost('b'),
  new ControlledHost('c'),
];

test('a bracket is opened and closed on the host that suits, and not on the first, and the plan says so', async () => {
  const bracket = aBracket('window', ['one'], {delegates, suitedBy: 'member'});
  const hosts = threeHosts();
  hosts[1].has.add('member');
  const {steps, brackets} = await ended(
    aGraph({tasks: [...IDLE, aTask('one', {on: 'c'})], brackets: [bracket]}),
    hosts,
  );
  expect(steps).toEqual([[], ['make window', 'drop window'], ['make one']]);
  expect(brackets).toEqual([{host: bracket.host, at: 'b'}]);
});

test('a bracket is on the first host that was reached where none suits', async () => {
  const bracket = aBracket('window', ['one'], {delegates, suitedBy: 'member'});
  const hosts = threeHosts();
  hosts[0].reachable = false;
  const {steps} = await ended(
    aGraph({tasks: [...IDLE, aTask('one', {on: 'c'})], brackets: [bracket]}),
    hosts,
  );
  expect(steps).toEqual([[], ['make window', 'drop window'], ['make one']]);
});

test.each([
  {title: 'the first alone where that suits', has: ['a'], away: [], place: 'a', looked: ['a']},
  {title: 'the others where it does not', has: ['c'], away: [], place: 'c', looked: HOSTS},
  {title: 'the next where it is away', has: ['b'], away: ['a'], place: 'b', looked: ['b']},
  {title: 'all where none suits, for the first', has: [], away: [], place: 'a', looked: HOSTS},
])('of the hosts that may do it are asked: $title', async ({has, away, place, looked}) => {
  const hosts = threeHosts();
  for (const host of hosts) {
    host.reachable = !away.some((name) => name === host.name);
    if (has.some((name) => name === host.name)) host.has.add('member');
  }
  const suits = (facts: Facts): boolean => facts.get(look('member')).state === 'known';
  const wants = {...marker('one', {alsoReads: 'member'}), suits};
  const tasks = [...IDLE, aTask('one', {delegates, isShared: true, wants})];
  const {steps} = await ended(aGraph({tasks, edges: []}), hosts);
  expect(steps).toEqual(HOSTS.map((name) => (name === place ? ['make one'] : [])));
  expect(HOSTS.filter((_, at) => hosts[at]?.looked.has('one'))).toEqual(looked);
});

describe('what is done once for the host before it', () => {
  const edges = [
    {
      from: aTask('own').id,
      to: aTask('all').id,
      requires: 'no-failure',
      because: {type: 'written-order', at: HERE},
    },
  ] as const;
  const graph = (step = 'make own') => {
    const own = aTask('own', {wants: marker('own', {step})});
    return aGraph({tasks: [...IDLE, own, aTask('all', {delegates, isShared: true})], edges});
  };

  test('is done elsewhere where that is away', async () => {
    const hosts = threeHosts();
    hosts[0].reachable = false;
    const {statuses, steps} = await ended(graph(), hosts);
    expect(statuses).toMatchObject({own: 'skipped', all: 'changed'});
    expect(steps).toEqual([[], ['make all'], []]);
  });

  test('is not done where that failed', async () => {
    const hosts = threeHosts();
    const {statuses, steps} = await ended(graph('break'), hosts);
    expect(statuses).toMatchObject({own: 'failed', all: 'skipped'});
    expect(steps).toEqual([['break'], [], []]);
  });
});

const onlyOnce = () =>
  aGraph({tasks: [aTask('one', {delegates, isShared: true, wants: marker('one', {isUnique: true})})]});

test('what there is to be one of is not made while a host that may have it is away', async () => {
  const hosts = threeHosts();
  hosts[2].reachable = false;
  const {statuses, steps} = await ended(onlyOnce(), hosts);
  expect(statuses).toEqual({one: 'failed'});
  expect(steps).toEqual([[], [], []]);
});

test('what there is one of is found on another host, whoever is away', async () => {
  const hosts = threeHosts();
  hosts[0].reachable = false;
  hosts[1].has.add('one');
  const {statuses, steps} = await ended(onlyOnce(), hosts);
  expect(statuses).toEqual({one: 'ok'});
  expect(steps).toEqual([[], [], []]);
});

test('what there is to be one of is made once, on the first host, also where that is asked again', async () => {
  const wants = marker('one', {isUnique: true});
  const before = aTask('before', {wants: marker('before', {wild: true, proof: 'facts'})});
  const tasks = [before, aTask('one', {delegates, isShared: true, wants})];
  const {steps} = await ended(aGraph({tasks}), threeHosts());
  expect(steps).toEqual([['make before', 'make one'], [], []]);
});

test('what is done once for all is done although its own host is away, and what is for that host is not', async () => {
  const hosts = threeHosts();
  hosts[0].reachable = false;
  const tasks = [...IDLE, aTask('own', {delegates}), aTask('all', {delegates, isShared: true})];
  const {statuses, steps} = await ended(aGraph({tasks, edges: []}), hosts);
  expect(statuses).toMatchObject({own: 'skipped', all: 'changed'});
  expect(steps).toEqual([[], ['make all'], []]);
});
