import type {Outcome} from '../model/outcome.ts';
import type {PlannedTask} from '../model/plan.ts';
import type {Decision} from '../plan/decision.ts';

/** The outcome of a task that does nothing, whoever decided it; `undefined` where that is not clear yet. */
export function outcomeOf(decided: Decision | PlannedTask): Outcome | undefined {
  switch (decided.status) {
    case 'unchanged':
      return {status: 'ok', ...(decided.findings ? {findings: decided.findings} : {})};
    case 'skipped':
      return {status: 'skipped', because: decided.because};
    case 'unobservable':
      return {status: 'failed', failure: {reason: 'unobservable', because: decided.because}};
    case 'invalid':
      return {
        status: 'failed',
        failure: {reason: 'invalid-value', because: decided.because, at: decided.place},
      };
    case 'findings':
      return {status: 'failed', failure: {reason: 'check-failed', findings: decided.findings}};
    case 'pending':
    case 'deferred':
    case 'missing':
      return undefined;
  }
}
