import {formatDuration} from '../base/duration.ts';
import {clip, lastLines, visible, visibleLine} from '../base/visible.ts';
import type {PendingChange} from '../model/change.ts';
import type {Failure} from '../model/outcome.ts';
import type {Palette} from './palette.ts';
import {writeFinding} from './plan-text.ts';

/** A failure for people: one sentence, and what helps to understand it. */
export interface FailureText {
  readonly sentence: string;
  readonly lines: readonly string[];
}

/** How many lines of what a command printed are shown; all of them are in the NDJSON report. */
const LAST_LINES = 12;
const WIDEST_COMMAND = 160;

export function failureText(failure: Failure, palette: Palette): FailureText {
  switch (failure.reason) {
    case 'command-failed':
      return {
        sentence: `${commandWord(failure.command)} ${ending(failure.exitCode)}`,
        lines: printed(failure),
      };
    case 'timed-out':
      return saying(`${commandWord(failure.command)} took longer than ${formatDuration(failure.afterMs)}`);
    case 'not-converged':
      return {
        sentence:
          failure.remaining.steps.length === 0
            ? 'what it waited for did not come in time'
            : 'the change was made, and the host still is not as wanted',
        lines: remainingOf(failure.remaining),
      };
    case 'unobservable':
      return saying('could not be looked at', failure.because);
    case 'invalid-value':
      return saying(`a value is wrong (${visibleLine(failure.at)})`, failure.because);
    case 'check-failed':
      return {
        sentence: 'the check failed',
        lines: failure.findings.flatMap((finding) => writeFinding(finding, palette)),
      };
    case 'connection-lost':
      return saying('the connection was lost', failure.because);
    case 'beyond-plan':
      return saying('the change is not the one that the plan showed', failure.because);
    case 'touched-more':
      return {sentence: 'it altered more than it said', lines: failure.facts.map(visibleLine)};
    case 'artifact':
      return saying('an artifact could not be had', failure.because);
    case 'deadlock':
      return saying('hosts would wait for each other for ever', failure.because);
  }
}

const saying = (sentence: string, because = ''): FailureText => ({sentence, lines: lastLines(because, 5)});

/** The first line of a program says enough; a word of the program itself needs no quotes. */
function commandWord(command: string): string {
  const [first = '', ...rest] = visible(command).trim().split('\n');
  return `\`${clip(first, WIDEST_COMMAND)}${rest.length > 0 ? ' …' : ''}\``;
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

/** Above 128 a signal ended it, and its name says more than the number. */
export function ending(exitCode: number): string {
  if (exitCode <= 128) return `ended with exit code ${exitCode}`;
  return `was ended by signal ${SIGNALS[exitCode - 128] ?? exitCode - 128} (exit code ${exitCode})`;
}

function printed({stdout, stderr}: Extract<Failure, {reason: 'command-failed'}>): readonly string[] {
  const errors = lastLines(stderr, LAST_LINES);
  if (errors.length > 0) return errors;
  const output = lastLines(stdout, LAST_LINES);
  return output.length > 0 ? output : ['(it printed nothing)'];
}

function remainingOf({details, action}: PendingChange): readonly string[] {
  if (details.length === 0) return [`still to ${action}`];
  const value = (text: string | undefined): string => (text === undefined ? '(none)' : visibleLine(text));
  return details.map(
    ({attribute, before, after}) => `${visibleLine(attribute)} is ${value(before)}, wanted ${value(after)}`,
  );
}
