import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {TaskGraph, TaskNode} from '../../src/model/graph.ts';
import type {TaskId} from '../../src/model/names.ts';
import type {ControlledHost} from '../support/controlled-host.ts';
import {aBracket, aGraph, aHost, aTask, edge, HERE, id, marker, writtenOrder} from '../support/graphs.ts';
import {randomFrom} from '../support/random.ts';
import {summaryOf, trial} from '../support/trial.ts';

const HOSTS = ['a', 'b', 'c'] as const;
const PLAYS = ['first', 'second'] as const;
type Name = (typeof HOSTS)[number];

const taskShape = fc.record({
  on: fc.constantFrom(...HOSTS),
  fails: fc.integer({min: 0, max: 9}).map((chance) => chance === 0),
  proof: fc.constantFrom('facts', 'exit-code'),
  impact: fc.constantFrom('none', 'reload', 'restart'),
  wild: fc.integer({min: 0, max: 5}).map((chance) => chance === 0),
  locks: fc.subarray(['x', 'y']),
  selected: fc.integer({min: 0, max: 9}).map((chance) => chance > 0),
  /** Behind which others, as shares of those before it. */
  behind: fc.array(fc.record({share: fc.nat({max: 99}), requires: fc.constantFrom('success', 'end')}), {
    maxLength: 2,
  }),
});

const shape = fc.record({
  plays: fc.tuple(
    fc.array(taskShape, {minLength: 1, maxLength: 7}),
    fc.array(taskShape, {minLength: 1, maxLength: 5}),
  ),
  isWritten: fc.boolean(),
  maxUnavailable: fc.constantFrom(undefined, '1', '2'),
  maxFailures: fc.constantFrom(undefined, '0'),
  /** Of the tasks of the first play, by index. */
  brackets: fc.array(fc.subarray([0, 1, 2, 3, 4], {minLength: 1}), {maxLength: 3}),
  forks: fc.constantFrom(1, 2, 100),
  window: fc.constantFrom(1, 3, 16),
  seed: fc.nat(),
  cancelAt: fc.option(fc.nat({max: 12}), {freq: 3}),
  cutAt: fc.option(fc.nat({max: 12}), {freq: 2}),
  unreachable: fc.option(fc.constantFrom(...HOSTS), {freq: 6}),
});
type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type Shape = ValueOf<typeof shape>;
type Edges = TaskGraph['edges'];

/** Two plays with a barrier between them. */
function graphOf({plays, isWritten, brackets, maxUnavailable, maxFailures}: Shape): TaskGraph {
  const groups = plays.map((tasks, index) =>
    tasks.map(({on, fails, proof, impact, wild, locks, selected}, place) => {
      const name = `${PLAYS[index]}-${place}`;
      const wants = marker(name, {proof, impact, wild, step: `${fails ? 'break' : 'make'} ${name}`});
      return aTask(name, {on, wants, locks, selected, play: PLAYS[index] ?? ''});
    }),
  );
  const [first = [], second = []] = groups;
  const written = isWritten ? groups.flatMap((tasks) => writtenOrder(tasks)) : [];
  const others = plays.flatMap(
    (tasks, index): Edges =>
      tasks.flatMap(({behind}, place) =>
        behind.flatMap(({share, requires}) => {
          const from = Math.floor((share * place) / 100);
          return place === 0 ? [] : [edge(`${PLAYS[index]}-${from}`, `${PLAYS[index]}-${place}`, requires)];
        }),
      ),
  );
  const barrier = [
    ...first.map((task) => edge(task.id, 'barrier', 'end')),
    ...second.map((task) => edge('barrier', task.id, 'end')),
  ];
  const rollout = {...(maxUnavailable && {maxUnavailable}), ...(maxFailures && {maxFailures})};
  return aGraph({
    tasks: [...first, ...second],
    barriers: [{id: id('barrier'), play: 'first', at: HERE}],
    brackets: brackets.flatMap((around, index) => {
      const inside = around.flatMap((place) => first[place] ?? []);
      const on = inside[0]?.host;
      const names = inside.map((task) => task.id);
      return on
        ? [
            aBracket(`window${index}`, names, {
              on,
              play: 'first',
              impact: index % 2 === 0 ? 'none' : 'restart',
            }),
          ]
        : [];
    }),
    edges: [...written, ...others, ...barrier],
    rollout: {first: rollout, second: rollout},
    hosts: HOSTS.map((name) => aHost(name)),
  });
}

const STEP = /^(?:make|break) (.*)$/;

/** Carries a graph out, ends what runs in an order of chance, and watches what begins. */
class Watched {
  readonly wrong: string[] = [];
  readonly #shape: Shape;
  readonly #graph: TaskGraph;
  readonly #trial: ReturnType<typeof trial<Name>>;
  readonly #restarting = new Map<string, Set<string>>();

  constructor(given: Shape) {
    this.#shape = given;
    this.#graph = graphOf(given);
    this.#trial = trial<Name>(this.#graph, ...HOSTS);
    for (const host of this.#hosts) {
      host.window = given.window;
      host.control = (command) => {
        this.#begins(host, command);
        return 'by-hand';
      };
    }
  }

  get #hosts(): readonly ControlledHost[] {
    return HOSTS.map((name) => this.#trial.hosts[name]);
  }

  /** What came out, to be compared. */
  async run(): Promise<string> {
    const {seed, cancelAt, cutAt, unreachable, forks} = this.#shape;
    const random = randomFrom(seed);
    if (unreachable) this.#trial.hosts[unreachable].reachable = false;
    const state = {isOver: false, count: 0};
    const done = this.#trial.go({forks}).finally(() => {
      state.isOver = true;
    });
    while (!state.isOver) {
      await idle();
      const busy = this.#hosts.filter(({running}) => running.length > 0);
      const host = busy[Math.floor(random() * busy.length)];
      const [command] = host?.running ?? [];
      if (!host || command === undefined) continue;
      if (state.count === cancelAt) this.#trial.cancel.request();
      if (state.count === cutAt) host.cut();
      else host.finish(command);
      state.count += 1;
    }
    const {outcomes, summary} = await done;
    this.#expectEnd([...outcomes.keys()]);
    const sum = summaryOf(this.#trial.events);
    this.#expect(JSON.stringify(sum) === JSON.stringify(summary), 'the summary is the sum of what was told');
    const told = [...outcomes].map(([task, outcome]) => `${task} ${outcome.status}`).toSorted();
    return JSON.stringify([told, this.#hosts.map(({steps}) => steps)]);
  }

  #expectEnd(ended: readonly TaskId[]): void {
    const {tasks, brackets} = this.#graph;
    const names = tasks.map((task) => task.id).toSorted();
    this.#expect(ended.toSorted().join() === names.join(), 'every task has one outcome');
    const told = this.#trial.events.flatMap((event) => (event.type === 'task-finished' ? [event.task] : []));
    this.#expect(told.toSorted().join() === names.join(), 'every outcome is told once');
    this.#expectStarts();
    for (const host of this.#hosts) {
      this.#expect(host.lockedBy === undefined, `${host.name} is unlocked`);
      for (const bracket of brackets) this.#expect(!host.has.has(bracket.id), `${bracket.id} is closed`);
    }
  }

  /** Where nothing fails and no connection breaks, what was started is what has changed, also behind Ctrl-C. */
  #expectStarts(): void {
    const {plays, cutAt} = this.#shape;
    if (cutAt !== undefined || plays.flat().some(({fails}) => fails)) return;
    const started = this.#trial.events.flatMap((each) => (each.type === 'task-started' ? [each.task] : []));
    const changed = this.#graph.tasks.filter((task) => this.#outcomeOf(task.id)?.status === 'changed');
    const names = changed.map((task) => task.id).toSorted();
    this.#expect(started.toSorted().join() === names.join(), 'what was started has changed');
  }

  #expect(isRight: boolean, what: string): void {
    if (!isRight) this.wrong.push(what);
  }

  #begins(host: ControlledHost, command: string): void {
    const name = STEP.exec(command)?.[1];
    const task = this.#graph.tasks.find((each) => each.id === name);
    if (!task || name === undefined) return;
    this.#expect(task.selected, `${name} is selected`);
    for (const {from, to, requires} of this.#graph.edges) {
      if (to === name) this.#expectBefore(from, name, requires === 'success', host);
    }
    this.#expectBrackets(name);
    this.#expectLocks(task);
    if (this.#impactOf(name) === 'restart') this.#expectSlot(task.play, host);
  }

  #expectBefore(from: string, name: string, needsSuccess: boolean, host: ControlledHost): void {
    const before = this.#graph.tasks.filter(({id: each}) =>
      from === 'barrier' ? each.startsWith('first') : each === from,
    );
    for (const each of before) {
      const outcome = this.#outcomeOf(each.id);
      // In one pipeline the step that ended well is enough.
      const isInside = each.host === host.name && (host.has.has(each.id) || !each.selected);
      const isDone = outcome !== undefined || isInside;
      this.#expect(isDone, `${name} is behind ${each.id}`);
      const isFailure = outcome?.status === 'failed' || (outcome?.status === 'skipped' && each.selected);
      this.#expect(!needsSuccess || !isFailure, `${name} is behind the success of ${each.id}`);
    }
  }

  #expectBrackets(name: string): void {
    for (const {id: bracket, around, impact, host} of this.#graph.brackets) {
      if (!around.some((each) => each === name)) continue;
      if (impact === 'restart' && this.#impactOf(name) !== 'restart') continue;
      const where = this.#hosts.find((each) => each.name === host);
      this.#expect(where?.has.has(bracket) === true, `${name} is inside of ${bracket}`);
    }
  }

  /** From its first step to its end a task has its locks alone, and who failed in the middle of a change keeps them. */
  #expectLocks({id: name, locks}: TaskNode): void {
    const begun = this.#trial.events.flatMap((event) => (event.type === 'task-started' ? [event.task] : []));
    for (const each of this.#graph.tasks) {
      if (each.id === name || !each.locks.some((lock) => locks.includes(lock))) continue;
      const outcome = this.#outcomeOf(each.id);
      const isKept = begun.includes(each.id) && (outcome === undefined || outcome.status === 'failed');
      this.#expect(!isKept, `${name} has no lock that ${each.id} has or has kept`);
    }
  }

  /** Who began to be away keeps its slot until the end of the play; who failed, for good. */
  #expectSlot(play: string, host: ControlledHost): void {
    const begun = this.#restarting.get(play) ?? new Set();
    this.#restarting.set(play, begun.add(host.name));
    const tasks = this.#graph.tasks.filter((task) => task.play === play);
    const away = [...begun].filter((name) => {
      const outcomes = tasks.filter((task) => task.host === name).map((task) => this.#outcomeOf(task.id));
      return outcomes.some((outcome) => outcome === undefined || outcome.status === 'failed');
    });
    const most = Number(this.#shape.maxUnavailable ?? HOSTS.length);
    this.#expect(away.length <= most, `${away.join()} are away, at most ${most} may`);
  }

  #impactOf(name: string): string | undefined {
    const [play, place] = name.split('-');
    return this.#shape.plays[play === 'first' ? 0 : 1][Number(place)]?.impact;
  }

  #outcomeOf(name: string) {
    const told = this.#trial.events.find((event) => event.type === 'task-finished' && event.task === name);
    return told?.type === 'task-finished' ? told.outcome : undefined;
  }
}

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('any graph ends: each task once, behind its predecessors, in its brackets, with a slot; and the same again', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(shape, async (given) => {
      const [one, two] = [new Watched(given), new Watched(given)];
      const result = await one.run();
      expect(one.wrong).toEqual([]);
      expect(await two.run()).toBe(result);
    }),
    {numRuns: Number(process.env['RUNS'] ?? 150), timeout: 10_000},
  );
});
