import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';
import type {Outputs} from '../model/resource.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {type Surroundings, viewOf} from '../plan/decide.ts';
import {Ledger} from '../plan/decision.ts';
import {type Draft, draftPlan, planOf} from '../plan/make-plan.ts';
import {Outlook} from '../plan/outlook.ts';
import {type Asker, askAll} from './ask-hosts.ts';
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
  {texts, asker}: {readonly texts: boolean; readonly asker: Asker},
): Promise<Planned> {
  const brackets = new BoundBrackets(graph, world);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const ledger = new Ledger();
    const around = {
      world,
      ledger,
      read,
      outlook: new Outlook(),
      bracketOutputs: (id: TaskId): Outputs => brackets.outputsOf(id),
    };
    const draft = draftPlan(graph, around);
    const missing = [...draft.missing, ...brackets.missing()];
    if (missing.length === 0) {
      const leftOpen = brackets.leftOpen();
      const plan = planOf(graph, draft, around, leftOpen);
      const tasks = texts ? await withTexts(plan.tasks, graph, draft, {...around, asker}) : plan.tasks;
      const placed = plan.brackets.map(brackets.placed);
      return {plan: {...plan, tasks, brackets: placed}, ledger, brackets, leftOpen};
    }
    await askAll(missing, asker);
  }
  throw new Error('Internal error: observing does not come to an end');
}

/** The tasks with the files' lines that will change. */
async function withTexts(
  tasks: readonly PlannedTask[],
  graph: TaskGraph,
  draft: Draft,
  around: Surroundings & {readonly asker: Asker},
): Promise<readonly PlannedTask[]> {
  const previews = graph.tasks.flatMap((task) => {
    const decision = draft.decisions.get(task.id);
    const preview = decision?.status === 'pending' ? decision.resource.preview : undefined;
    return preview ? [{task, preview, host: around.ledger.placeOf(task.id) ?? task.host}] : [];
  });
  const questions = previews.flatMap(({task: {user}, preview, host}) =>
    preview.facts.map((query) => ({host, user, query})),
  );
  await askAll(questions, around.asker);
  const texts = new Map(
    previews
      .filter(({host}) => around.world.has(host))
      .map(({task, preview, host}) => [task.id, preview.show(viewOf(host, task.user, around))]),
  );
  return tasks.map((task): PlannedTask => {
    const changes = texts.get(task.id);
    return changes && task.status === 'pending' ? {...task, texts: changes} : task;
  });
}
