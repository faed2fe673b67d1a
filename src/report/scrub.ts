import {withoutSecrets} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Finding} from '../model/change.ts';
import type {Event, Listener} from '../model/event.ts';
import type {Failure, Outcome} from '../model/outcome.ts';
import type {Plan, PlannedTask} from '../model/plan.ts';

/** A listener that gets events without secrets: what hosts print may hold what they were given. */
export const scrubbing =
  (listen: Listener): Listener =>
  (event) =>
    listen(scrub(event));

/** All texts of an event that come from a host, without secrets. Every event is named, so that none is forgotten. */
export function scrub(event: Event): Event {
  switch (event.type) {
    case 'task-finished':
    case 'bracket-failed':
      return {...event, outcome: scrubOutcome(event.outcome)};
    case 'plan-ready':
      return {...event, plan: scrubPlan(event.plan)};
    case 'host-unreachable':
    case 'host-lost':
    case 'task-retried':
      return {...event, because: withoutSecrets(event.because)};
    case 'lock-busy':
      return {...event, holder: withoutSecrets(event.holder)};
    case 'run-started':
    case 'host-connected':
    case 'host-back':
    case 'locked':
    case 'task-started':
    case 'task-waiting':
    case 'bracket-opened':
    case 'bracket-closed':
    case 'play-stopped':
    case 'cancelled':
    case 'run-finished':
      return event;
    default:
      return unreachable(event);
  }
}

/** A plan without what hosts printed of secrets, for who gets it otherwise than by an event. */
export const scrubPlan = (plan: Plan): Plan => ({
  ...plan,
  tasks: plan.tasks.map(scrubTask),
  unreachable: plan.unreachable.map((each) => ({...each, because: withoutSecrets(each.because)})),
});

function scrubTask(task: PlannedTask): PlannedTask {
  if (task.status === 'unobservable' || task.status === 'invalid')
    return {...task, because: withoutSecrets(task.because)};
  if (task.status === 'findings') return {...task, findings: task.findings.map(scrubFinding)};
  if (task.status !== 'unchanged' || !task.findings) return task;
  return {...task, findings: task.findings.map(scrubFinding)};
}

const scrubFinding = (finding: Finding): Finding => ({...finding, message: withoutSecrets(finding.message)});

function scrubOutcome(outcome: Outcome): Outcome {
  if (outcome.status === 'failed') return {status: 'failed', failure: scrubFailure(outcome.failure)};
  if (outcome.status !== 'ok' || !outcome.findings) return outcome;
  return {...outcome, findings: outcome.findings.map(scrubFinding)};
}

function scrubFailure(failure: Failure): Failure {
  switch (failure.reason) {
    case 'command-failed': {
      const {command, stdout, stderr} = failure;
      const texts = {command: withoutSecrets(command), stdout: withoutSecrets(stdout)};
      return {...failure, ...texts, stderr: withoutSecrets(stderr)};
    }
    case 'timed-out':
      return {...failure, command: withoutSecrets(failure.command)};
    case 'check-failed':
      return {...failure, findings: failure.findings.map(scrubFinding)};
    case 'unobservable':
    case 'invalid-value':
    case 'connection-lost':
    case 'beyond-plan':
    case 'artifact':
    case 'deadlock':
      return {...failure, because: withoutSecrets(failure.because)};
    case 'touched-more':
      return {...failure, facts: failure.facts.map(withoutSecrets)};
    case 'not-converged':
      return failure; // Its details hold no secret by their contract.
    default:
      return unreachable(failure);
  }
}
