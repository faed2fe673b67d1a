import type {TaskNode} from '../model/graph.ts';
import type {Outcome} from '../model/outcome.ts';
import {areUnknown, type Resource} from '../model/resource.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Given} from '../plan/decision.ts';
import {Outlook} from '../plan/outlook.ts';

/** What others may read of a task that has ended: from the facts as they are now. */
export function givenBy(
  task: TaskNode,
  outcome: Outcome,
  host: KnownHost | undefined,
  resource: Resource | undefined,
): Given {
  if (outcome.status === 'failed') return {state: 'never', because: 'that task failed'};
  if (outcome.status === 'skipped' && !(outcome.because === 'not-selected' && resource)) {
    return {state: 'never', because: `that task was skipped (${outcome.because})`};
  }
  if (!host || !resource) throw new Error(`Internal error: ${task.id} ended without a resource`);
  const outputs = resource.outputs(new Outlook().view(host.host.name, host.facts(task.user))) ?? {};
  if (!areUnknown(outputs)) return {state: 'ready', outputs};
  return {state: 'never', because: `it could not be read: ${outputs.reason}`};
}
