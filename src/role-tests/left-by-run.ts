import {ABSENT, type Answer, known, valueOf} from '../model/answer.ts';
import {type FactQuery, idOf} from '../model/fact.ts';
import type {TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Resource} from '../model/resource.ts';
import type {FakeHost} from './bare-host.ts';
import {FakeCluster} from './fake-cluster.ts';
import {type Done, likelyFacts, startedUnit} from './likely-facts.ts';
import {planFor} from './plan-for.ts';

/** What all hosts see alike. */
const CLUSTER = 'cluster';

/** What a run leaves on hosts: what its changes promise, and what is likely behind those that promise nothing. */
export class LeftByRun {
  readonly #answers = new Map<string, Map<string, Answer<unknown>>>();
  readonly #cluster = new FakeCluster();
  /** What was known of a host when a unit was started there, by host and unit. */
  readonly #started = new Map<string, ReadonlyMap<string, Answer<unknown>>>();

  /** As `bare` answers, where the run left nothing else. */
  on(name: HostName, bare: FakeHost): FakeHost {
    return {profile: bare.profile, answer: (query) => this.#answer(name, query) ?? bare.answer(query)};
  }

  learn(where: HostName, done: Done): void {
    const {task, change, resource} = done;
    for (const {query, answer} of [...likelyFacts(done), ...change.predicts])
      this.#factsOf(placeOf(where, query)).set(idOf(query), answer);
    this.#cluster.learn(task, resource);
    const unit = startedUnit(task, resource);
    if (unit !== undefined) this.#started.set(`${where} ${unit}`, new Map(this.#factsOf(where)));
  }

  #answer(where: HostName, query: FactQuery): Answer<unknown> | undefined {
    const own = this.#answers.get(placeOf(where, query))?.get(idOf(query));
    return own ?? this.#startOf(where, query) ?? this.#cluster.answer(query);
  }

  /** The files that a unit was started with: those of that moment. */
  #startOf(where: HostName, {kind, key}: FactQuery): Answer<unknown> | undefined {
    const [unit, ...paths] = key.split('\n');
    const then = kind.name === 'unit_start' ? this.#started.get(`${where} ${unit}`) : undefined;
    if (!then) return undefined;
    const digestOf = (path: string): unknown => {
      const answer = then.get(`digest ${path}`) ?? ABSENT;
      return (answer.state === 'unknown' ? undefined : valueOf(answer)) ?? 'absent';
    };
    return known({digests: Object.fromEntries(paths.map((path) => [path, digestOf(path)])), hasRun: true});
  }

  #factsOf(place: string): Map<string, Answer<unknown>> {
    const facts = this.#answers.get(place) ?? new Map<string, Answer<unknown>>();
    this.#answers.set(place, facts);
    return facts;
  }
}

const placeOf = (where: HostName, {subject}: FactQuery): string =>
  subject.startsWith('cluster:') ? CLUSTER : where;

/** Lets a run take place that does what its plans say: what is done is not done again, and what waited is next. */
export async function runOn(
  graph: TaskGraph,
  hostsAfter: (left: LeftByRun) => ReadonlyMap<HostName, FakeHost>,
): Promise<LeftByRun> {
  const left = new LeftByRun();
  const resources = new Map<TaskId, Resource>();
  let tasks = graph.tasks.map((task) => keepingResource(task, resources));
  for (;;) {
    const hosts = hostsAfter(left);
    const plan = await planFor({...graph, tasks}, hosts);
    const done = new Set<TaskId>();
    for (const [index, planned] of plan.tasks.entries()) {
      const where = planned.at ?? planned.host;
      const [task, resource, host] = [tasks[index], resources.get(planned.id), hosts.get(where)];
      if (planned.status !== 'pending' || !task || !resource || !host) continue;
      left.learn(where, {task, resource, change: planned.change, profile: host.profile});
      done.add(task.id);
    }
    if (done.size === 0) return left;
    tasks = tasks.map((task) => (done.has(task.id) ? {...task, selected: false} : task));
  }
}

/** What a task was resolved to last. */
const keepingResource = (task: TaskNode, kept: Map<TaskId, Resource>): TaskNode => ({
  ...task,
  resource: {
    ...task.resource,
    resolve(late) {
      const resolved = task.resource.resolve(late);
      if (resolved.ok) kept.set(task.id, resolved.value);
      return resolved;
    },
  },
});
