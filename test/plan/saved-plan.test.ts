import {expect, test} from 'vitest';
import type {TaskGraph} from '../../src/model/graph.ts';
import {readSavedPlan, type SavedPlan, savePlan} from '../../src/plan/saved-plan.ts';
import {aGraph, aTask, id, marker, now} from '../support/graphs.ts';
import {statuses, trial} from '../support/trial.ts';

/** The plan for hosts on which nothing is, as it comes back from its file. */
async function planOf(graph: TaskGraph): Promise<SavedPlan> {
  const {plan} = await trial(graph, 'a', 'b').go({mode: 'plan'});
  const bounds = readSavedPlan(JSON.parse(JSON.stringify(savePlan(plan))));
  if (!bounds) throw new Error('The plan cannot be read');
  return bounds;
}

const two = aGraph({tasks: [aTask('one'), aTask('two')]});

test('a saved plan of which somebody has made a change meanwhile is refused, and nothing is begun', async () => {
  const bounds = await planOf(two);
  const {hosts, go} = trial(two, 'a');
  hosts.a.has.add('one');
  const {misfits, exitCode} = await go({bounds});
  expect(misfits).toEqual(['one was to change, and is as wanted already.']);
  expect([hosts.a.steps, exitCode]).toEqual([[], 2]);
});

test('a saved plan is applied once', async () => {
  const bounds = await planOf(two);
  const {hosts, go} = trial(two, 'a');
  expect(statuses(await go({bounds}))).toEqual({one: 'changed', two: 'changed'});
  expect((await go({bounds})).misfits).toHaveLength(2);
  expect(hosts.a.steps).toEqual(['make one', 'make two']);
});

test.each([
  {now: 'gone', tasks: [aTask('two')], says: 'one was to change, and is not there any more.'},
  {
    now: 'left out',
    tasks: [aTask('one', {when: now(false)}), aTask('two')],
    says: 'one was to change, and is left out now.',
  },
])('a saved plan one task of which is $now is refused', async ({tasks, says}) => {
  const {misfits} = await trial(aGraph({tasks}), 'a').go({bounds: await planOf(two)});
  expect(misfits).toEqual([says]);
});

test('a host that is away is no other one than a saved plan has found', async () => {
  const graph = aGraph({tasks: [aTask('one'), aTask('two', {on: 'b'})]});
  const bounds = await planOf(graph);
  const {hosts, go} = trial(graph, 'a', 'b');
  hosts.b.reachable = false;
  const result = await go({bounds});
  expect(statuses(result)).toEqual({one: 'changed', two: 'skipped'});
  expect(result.exitCode).toBe(4);
});

test('what a saved plan only waits for may have come by itself', async () => {
  const wants = marker('wait');
  const diff: typeof wants.diff = (...given) => {
    const verdict = wants.diff(...given);
    return 'steps' in verdict ? {...verdict, steps: []} : verdict;
  };
  const graph = aGraph({tasks: [aTask('wait', {wants: {...wants, diff}}), aTask('two')]});
  const bounds = await planOf(graph);
  const {hosts, go} = trial(graph, 'a');
  hosts.a.has.add('wait');
  expect(statuses(await go({bounds}))).toEqual({wait: 'ok', two: 'changed'});
});

test('what a saved plan could not know may come to nothing', async () => {
  const wild = aTask('wild', {wants: marker('wild', {wild: true, proof: 'facts'})});
  const graph = aGraph({tasks: [wild, aTask('behind')]});
  const bounds = await planOf(graph);
  expect(bounds.tasks.map(({status}) => status)).toEqual(['pending', 'deferred']);
  const {hosts, go} = trial(graph, 'a');
  hosts.a.has.add('behind');
  const {outcomes} = await go({bounds});
  expect(outcomes.get(id('behind'))).toMatchObject({status: 'ok'});
});
