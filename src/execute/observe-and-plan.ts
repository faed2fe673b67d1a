import {groupedBy} from '../base/grouped.ts';
import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';
import type {Outputs} from '../model/resource.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {viewOf, type Surroundings} from '../plan/decide.ts';
import {Ledger, type Question} from '../plan/decision.ts';
import {draftPlan, planOf, type Draft} from '../plan/make-plan.ts';
import {Outlook} from '../plan/outlook.ts';
import {BoundBrackets} from './bound-brackets.ts';

export interface Planned {
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly brackets: BoundBrackets;
  /** What a dead run left open, and this one has to close. */
  readonly leftOpen: readonly BracketNode[];
}

/** Outputs that decide what is asked make further rounds; a chain longer than this is our bug. */
const MOST_ROUNDS = 50;

/** Asks until everything that can be decided before a change is decided. */
export async function observeAndPlan(
  graph: TaskGraph,
  world: ReadonlyMap<HostName, KnownHost>,
  read: ReadonlySet<TaskId>,
  {texts}: {readonly texts: boolean},
): Promise<Planned> {
  const brackets = new BoundBrackets(graph, world);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const ledger = new Ledger();
    const around: Surroundings = {
      world,
      ledger,
      read,
      outlook: new Outlook(),
      bracketOutputs: (id): Outputs => brackets.outputsOf(id),
    };
    const draft = draftPlan(graph, around);
    const missing = [...draft.missing, ...brackets.missing()];
    if (missing.length > 0) await askAll(missing, world);
    else return finish(graph, draft, around, brackets, texts ? world : undefined);
  }
  throw new Error('Internal error: observing does not come to an end');
}

async function finish(
  graph: TaskGraph,
  draft: Draft,
  around: Surroundings,
  brackets: BoundBrackets,
  world: ReadonlyMap<HostName, KnownHost> | undefined,
): Promise<Planned> {
  const leftOpen = brackets.leftOpen();
  const plan = planOf(graph, draft, around, leftOpen);
  const shown = world ? await withTexts(plan, graph, draft, around, world) : plan;
  return {plan: shown, ledger: around.ledger, brackets, leftOpen};
}

/** Asks several hosts at once, each what concerns it. */
export async function askAll(
  questions: readonly Question[],
  world: ReadonlyMap<HostName, KnownHost>,
): Promise<void> {
  const groups = groupedBy(questions, ({host, user}) => `${host} ${user ?? ''}`).values();
  await Promise.all(
    [...groups].map((group) => {
      const [{host, user}] = group as [Question, ...Question[]]; // A group has at least one member.
      return world.get(host)?.learn(
        group.map(({query}) => query),
        user,
      );
    }),
  );
}

/** The plan with the files' lines that will change. */
async function withTexts(
  plan: Plan,
  graph: TaskGraph,
  draft: Draft,
  around: Surroundings,
  world: ReadonlyMap<HostName, KnownHost>,
): Promise<Plan> {
  const previews = graph.tasks.flatMap((task) => {
    const decision = draft.decisions.get(task.id);
    const preview = decision?.status === 'pending' ? decision.resource.preview : undefined;
    return preview ? [{task, preview, where: around.ledger.placeOf(task.id) ?? task.host}] : [];
  });
  await askAll(
    previews.flatMap(({task, preview, where}) =>
      preview.facts.map((query) => ({host: where, user: task.user, query})),
    ),
    world,
  );
  const texts = new Map(
    previews.map(({task, preview, where}) => [task.id, preview.show(viewOf(where, task.user, around))]),
  );
  const tasks = plan.tasks.map((task): PlannedTask => {
    const changes = texts.get(task.id);
    return changes && task.status === 'pending' ? {...task, texts: changes} : task;
  });
  return {...plan, tasks};
}
