import {formatDuration} from '../base/duration.ts';
import {unreachable} from '../base/unreachable.ts';
import {visibleLine} from '../base/visible.ts';
import type {Event} from '../model/event.ts';
import type {Outcome} from '../model/outcome.ts';
import type {Plan} from '../model/plan.ts';
import {BUSY} from './busy.ts';
import {failureText} from './failure-text.ts';
import {count, hostList} from './host-list.ts';
import type {Palette} from './palette.ts';
import {writeFinding} from './plan-text.ts';
import type {Reporter, Write} from './reporter.ts';
import {RunRecord} from './run-record.ts';
import {summaryText} from './summary-text.ts';

/** How events become lines. */
export interface PlainOptions {
  readonly palette: Palette;
  /** `changes`: what changed, failed, or is worth knowing. `everything`: also what was fine and what was left out. */
  readonly lines: 'changes' | 'everything';
  /** `utc`: each line begins with its time. */
  readonly time: 'none' | 'utc';
  /** How a plan is written; nothing where it is shown elsewhere. */
  readonly plan: (plan: Plan) => string;
}

/** One line for each event that matters, for logs and CI: stable, never rewritten. */
export function plainReporter(write: Write, options: PlainOptions): Reporter {
  const record = new RunRecord();
  return {
    listen: (event) => {
      record.learn(event);
      for (const line of linesOf(event, record, options)) write(`${stamp(event, options)}${line}\n`);
    },
    close: async () => {},
  };
}

const stamp = ({at}: Event, {time}: PlainOptions): string =>
  time === 'utc' ? `${new Date(at).toISOString()} ` : '';

function linesOf(event: Event, record: RunRecord, options: PlainOptions): readonly string[] {
  if (event.type === 'plan-ready') return paragraphs(options.plan(event.plan));
  if (event.type === 'run-finished') return paragraphs(`\n${summaryText(record, options.palette)}`);
  if (event.type === 'task-finished' && record.isOnlyPlanned) return [];
  return eventLines(event, options);
}

const paragraphs = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n');

type InProgress = Exclude<Event, {type: 'plan-ready' | 'run-finished'}>;

/** The lines of one event that stands for itself. */
export function eventLines(
  event: InProgress,
  options: Omit<PlainOptions, 'plan' | 'time'>,
): readonly string[] {
  const {palette, lines} = options;
  const everything = (line: string): readonly string[] => (lines === 'everything' ? [line] : []);
  switch (event.type) {
    case 'run-started':
      return [`run ${event.run}: ${count(event.tasks, 'task')} on ${count(event.hosts, 'host')}`];
    case 'host-connected':
      return everything(
        `${event.host}: connected in ${formatDuration(event.durationMs)} (${systemOf(event)})`,
      );
    case 'host-unreachable':
      return [
        `${event.host}: ${palette.bad('unreachable')} [${event.code}]: ${visibleLine(event.because)}${hintOf(event)}`,
      ];
    case 'host-lost':
      return [`${event.host}: ${palette.caution('connection lost')}: ${visibleLine(event.because)}`];
    case 'host-back':
      return [
        `${event.host}: back after ${formatDuration(event.afterMs)}${event.rebooted ? ', restarted' : ''}`,
      ];
    case 'lock-busy':
      return [
        `${event.host}: ${palette.bad(BUSY[event.state])} by another run [E806]: ${visibleLine(event.holder)}`,
      ];
    case 'locked':
      return everything(`locked ${hostList(event.hosts)}`);
    case 'task-started':
      return everything(`${placeOf(event)}: ${visibleLine(event.name)} …`);
    case 'task-retried':
      return [retryLine(event, palette)];
    case 'task-waiting':
      return everything(`${event.host}: ${visibleLine(event.task)} waits for ${WAITS[event.for]}`);
    case 'task-finished':
      return finishedLines(event, options);
    case 'bracket-opened':
      return [`${event.host}: opened ${visibleLine(event.bracket)}`];
    case 'bracket-closed':
      return [`${event.host}: closed ${visibleLine(event.bracket)}`];
    case 'bracket-failed':
      return outcomeLines(
        `${event.host}: ${event.side} ${visibleLine(event.bracket)}`,
        event.outcome,
        palette,
      );
    case 'play-stopped':
      return [
        `play ${visibleLine(event.play)} ${palette.bad('stopped')}: failed on ${hostList(event.failed)}`,
      ];
    case 'cancelled':
      return [palette.caution(event.force ? FORCED : GENTLE)];
    default:
      return unreachable(event);
  }
}

const GENTLE = 'interrupted: nothing new is started; once more ends what runs';
const FORCED = 'interrupted again: what runs on the hosts is ended';

const WAITS = {
  slot: 'a free slot of its rollout',
  settle: 'a steady state',
  job: 'a job that runs on the host',
  reboot: 'the host to come back',
} as const;

const systemOf = ({profile}: Extract<Event, {type: 'host-connected'}>): string =>
  visibleLine(`${profile.os.id} ${profile.os.version}, ${profile.arch}, ${profile.init}`);

const hintOf = ({hint}: Extract<Event, {type: 'host-unreachable'}>): string =>
  hint === undefined ? '' : ` (hint: ${visibleLine(hint)})`;

const placeOf = ({host, where}: Extract<Event, {type: 'task-started'}>): string =>
  where === host ? host : `${host} at ${where}`;

function retryLine(event: Extract<Event, {type: 'task-retried'}>, palette: Palette): string {
  const {task, attempt, of, delayMs, because} = event;
  const tries = `try ${attempt} of ${of} in ${formatDuration(delayMs)}`;
  return `${visibleLine(task)}: ${palette.caution(tries)}: ${visibleLine(because)}`;
}

function finishedLines(
  event: Extract<Event, {type: 'task-finished'}>,
  {palette, lines}: Omit<PlainOptions, 'plan' | 'time'>,
): readonly string[] {
  const {host, name, outcome, durationMs} = event;
  const hasFindings = outcome.status === 'ok' && (outcome.findings ?? []).length > 0;
  const isQuiet = (outcome.status === 'ok' && !hasFindings) || outcome.status === 'skipped';
  if (isQuiet && lines === 'changes') return [];
  const [first = '', ...rest] = outcomeLines(`${host}: ${visibleLine(name)}`, outcome, palette);
  if (outcome.status === 'skipped') return [first];
  return [`${first} ${palette.faint(formatDuration(durationMs))}`, ...rest];
}

function outcomeLines(what: string, outcome: Outcome, palette: Palette): readonly string[] {
  switch (outcome.status) {
    case 'ok':
      return [
        `${what}: ok`,
        ...indented((outcome.findings ?? []).flatMap((each) => writeFinding(each, palette))),
      ];
    case 'changed':
      return [`${what}: ${palette.change(`changed (${outcome.change.action})`)}`];
    case 'skipped':
      return [`${what}: skipped, ${SKIPS[outcome.because]}`];
    case 'failed': {
      const {sentence, lines} = failureText(outcome.failure, palette);
      return [`${what}: ${palette.bad('failed')}: ${sentence}`, ...indented(lines)];
    }
  }
}

const SKIPS = {
  condition: 'its condition does not hold',
  'not-selected': 'not selected',
  'dependency-failed': 'something before it failed',
  'host-unreachable': 'the host is unreachable',
  'play-stopped': 'its play was stopped',
  cancelled: 'the run was interrupted',
} as const;

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `    ${line}`);
