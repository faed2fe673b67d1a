import {Secret} from '../../src/base/secret.ts';
import {loadProject} from '../../src/compile/project.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {renderAll} from '../../src/diagnostics/render.ts';
import {FactStore} from '../../src/facts/fact-store.ts';
import type {TaskGraph} from '../../src/model/graph.ts';
import type {HostName, TaskId} from '../../src/model/names.ts';
import type {Plan} from '../../src/model/plan.ts';
import type {Outputs} from '../../src/model/resource.ts';
import type {SeenHost, Surroundings} from '../../src/plan/decide.ts';
import {Ledger, type Question} from '../../src/plan/decision.ts';
import {type Draft, draftPlan, planOf} from '../../src/plan/make-plan.ts';
import {Outlook} from '../../src/plan/outlook.ts';
import {type BareHost, factsOf, profileOf} from './bare-host.ts';
import {TempProject} from './project.ts';

/** A chain of outputs that decide what is asked next is short. */
const MOST_ROUNDS = 10;

/** The plan of a playbook that comes with the program, for hosts on which nothing was done yet but what `found` tells. */
export async function barePlan(
  inventory: string,
  playbook: string,
  found: BareHost['facts'] = {},
): Promise<Plan> {
  await using project = await TempProject.of({'hosts.yaml': inventory});
  const problems = new Problems();
  const loaded = await loadProject(
    {inventoryPaths: [project.path('hosts.yaml')], playbook, extraVars: []},
    problems,
  );
  if (!loaded) throw new Error(renderAll(problems.all, {color: false}));
  const {
    graph,
    inventory: {hosts},
  } = loaded;
  const names = [...hosts.values()].map(({name}) => name);
  const bare = names.map(bareHost);
  return planFor(
    graph,
    bare.map((host) => ({...host, facts: {...host.facts, ...found}})),
  );
}

/** The hosts of one network without a router between them, by their addresses 192.0.2.1, 192.0.2.2, …, in order. */
function bareHost(name: HostName, index: number, all: readonly HostName[]): NamedHost {
  const addressOf = (at: number): string => `192.0.2.${at + 1}`;
  const direct = all.map((_, at) => [`route ${addressOf(at)}`, {interface: 'eth0', source: '', gateway: ''}]);
  return {name, address: addressOf(index), facts: Object.fromEntries(direct)};
}

type NamedHost = BareHost & {readonly name: HostName};

/** As the engine does it: asks, and decides, until nothing is missing. */
function planFor(graph: TaskGraph, hosts: readonly NamedHost[]): Plan {
  const world = new Map(hosts.map((host) => [host.name, new RecordedHost(host)]));
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const around = surroundingsOf(graph, world);
    const draft: Draft = draftPlan(graph, around);
    if (draft.missing.length === 0) return planOf(graph, draft, around, []);
    for (const question of draft.missing) world.get(question.host)?.ask(question);
  }
  throw new Error('asking does not come to an end');
}

/** A recorded host as planning sees it; all users see the same. */
class RecordedHost implements SeenHost {
  readonly profile;
  readonly #host: BareHost;
  readonly #known = new FactStore();

  constructor(host: BareHost) {
    this.#host = host;
    this.profile = profileOf(host);
  }

  facts(): FactStore {
    return this.#known;
  }

  ask({query}: Question): void {
    this.#known.learn(factsOf(this.#host, [query]).all());
  }
}

const surroundingsOf = ({tasks}: TaskGraph, world: ReadonlyMap<HostName, SeenHost>): Surroundings => ({
  world,
  ledger: new Ledger(),
  outlook: new Outlook(),
  read: new Set<TaskId>(tasks.flatMap(({when, resource}) => [...when.reads, ...resource.reads])),
  bracketOutputs: () => NOT_OPENED,
});

/** Brackets are not opened while planning. */
const NOT_OPENED: Outputs = new Proxy<Outputs>({}, {get: () => new Secret('')});
