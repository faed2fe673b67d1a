import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

/** How far a host's clock is from the controller's. */
export interface Clock {
  /** Positive where the host is ahead. */
  readonly offset_ms: number;
  /** How far that may be from the truth: the answer took its time, and hosts tell whole seconds. */
  readonly error_ms: number;
}

const kind: FactKind<Clock> = {
  name: 'clock',
  summary:
    "How far the clock is ahead of the controller's: `offset_ms`, give or take `error_ms`. The key is `now`.",
  // It runs.
  derived: true,
  // The host looked at its clock between the moment when the program was made and that when its answer is read.
  program: () => sh`printf '%s %s' ${String(Date.now())} "$(date +%s)"`,
  parse: (output, keys) => {
    const answer = clockOf(new TextDecoder().decode(output), Date.now());
    return keys.map(() => answer);
  },
};

function clockOf(text: string, receivedAtMs: number): Answer<Clock> {
  const [, sent, seconds] = /^(\d+) (\d+)$/.exec(text) ?? [];
  if (sent === undefined || seconds === undefined) return unknown('the host told no time');
  const [least, most] = [Number(seconds) * 1000 - receivedAtMs, (Number(seconds) + 1) * 1000 - Number(sent)];
  return known({offset_ms: Math.round((least + most) / 2), error_ms: Math.ceil((most - least) / 2)});
}

/** How far the clock of a host is from the controller's. */
export const clock = (_key = 'now'): FactQuery<Clock> => ({kind, key: 'now', subject: 'clock:now'});
