import type {Asker} from '../execute/ask-hosts.ts';
import {observeAndPlan} from '../execute/observe-and-plan.ts';
import {earlyQuestions} from '../execute/questions.ts';
import type {TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Plan} from '../model/plan.ts';
import {KnownHost} from '../observe/known-host.ts';
import type {Session} from '../shell/session.ts';
import type {FakeHost} from './bare-host.ts';

/** The plan that the engine makes for hosts that answer so, and who is asked once more behind the connection. All users see the same. */
export async function planFor(
  graph: TaskGraph,
  hosts: ReadonlyMap<HostName, FakeHost>,
  onAsked: (host: HostName) => void = () => undefined,
): Promise<Plan> {
  const world = new Map(
    graph.hosts.flatMap((host) => {
      const fake = hosts.get(host.name);
      return fake ? [[host.name, new KnownHost(host, NO_SESSION, fake.profile, undefined)] as const] : [];
    }),
  );
  const learn: Asker = async (name, queries, user) => {
    const fake = hosts.get(name);
    const answers = fake ? queries.map((query) => ({query, answer: fake.answer(query)})) : [];
    world.get(name)?.facts(user).learn(answers);
  };
  const asker: Asker = (name, ...question) => {
    onAsked(name);
    return learn(name, ...question);
  };
  const read = new Set<TaskId>(graph.tasks.flatMap(({when, resource}) => [...when.reads, ...resource.reads]));
  for (const [host, users] of earlyQuestions(graph, read))
    await Promise.all([...users].map(([user, queries]) => learn(host, queries, user)));
  return (await observeAndPlan(graph, world, read, {texts: false, asker})).plan;
}

const refuse = (): never => {
  throw new Error('Internal error: a fake host has no shell');
};

const NO_SESSION: Session = {
  shell: refuse,
  pipe: refuse,
  protect: refuse,
  lock: refuse,
  unlock: refuse,
  interrupt: refuse,
  close: refuse,
  closed: new Promise(() => undefined),
  roundTrips: 0,
};
