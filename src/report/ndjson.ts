import {unreachable} from '../base/unreachable.ts';
import type {Event} from '../model/event.ts';
import {outcomeJson, planJson} from './display-json.ts';
import type {Reporter, Write} from './reporter.ts';

/** One JSON object a line: every event, as it comes. The last is `run-finished`. */
export const ndjsonReporter = (write: Write): Reporter => ({
  listen: (event) => write(`${eventLine(event)}\n`),
  close: async () => {},
});

/** An event as one line of JSON that no terminal obeys: JSON itself leaves DEL and C1 as they are. */
export const eventLine = (event: Event): string =>
  JSON.stringify(shownForm(event)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Each event is named, so that a new one cannot leak what must not be shown by being copied as it is. */
function shownForm(event: Event): object {
  switch (event.type) {
    case 'plan-ready':
      return {...event, plan: planJson(event.plan)};
    case 'task-finished':
    case 'bracket-failed':
      return {...event, outcome: outcomeJson(event.outcome)};
    case 'run-started':
    case 'host-connected':
    case 'host-unreachable':
    case 'host-lost':
    case 'host-back':
    case 'lock-busy':
    case 'locked':
    case 'task-started':
    case 'task-retried':
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
