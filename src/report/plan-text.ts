import {clip, lastLines, visible, visibleLine} from '../base/visible.ts';
import type {ChangeDetail, Finding, PendingChange} from '../model/change.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Plan, PlannedBracket, PlannedTask, UnreachableHost} from '../model/plan.ts';
import {display} from '../model/step.ts';
import {count, hostList} from './host-list.ts';
import {NO_COLOUR, type Palette} from './palette.ts';
import {countPlan, type PlanCounts} from './plan-counts.ts';
import {groupBrackets, groupPlan, type PlanGroup} from './plan-groups.ts';
import {subjectOf} from './plan-subject.ts';
import {unifiedDiff} from './unified-diff.ts';

/** How much of a plan is written. */
export interface PlanTextOptions {
  readonly palette: Palette;
  /** `values`: attributes before and after. `texts`: also the lines of files. `commands`: also every step. */
  readonly detail: 'values' | 'texts' | 'commands';
}

const DEFAULTS: PlanTextOptions = {palette: NO_COLOUR, detail: 'values'};
/** Of a value; whole files are shown as differences of lines. */
const WIDEST_VALUE = 200;
/** Of a command; a program of many lines is for `--output ndjson`. */
const MOST_COMMAND_LINES = 20;

/** A plan for people: what would happen, to which hosts, and how bad it is. Ends in one line that sums it up. */
export function planText(plan: Plan, options: PlanTextOptions = DEFAULTS): string {
  const {palette} = options;
  const blocks = [
    ...groupPlan(plan.tasks).map((group) => writeGroup(group, plan, options)),
    ...groupBrackets(plan.brackets).map((brackets) => writeBrackets(brackets, palette)),
    ...plan.unreachable.map((host) => writeUnreachable(host, palette)),
  ];
  return [...blocks.map((lines) => lines.join('\n')), planSummary(plan, palette)].join('\n\n').concat('\n');
}

/** "Plan: 12 to create, 3 to update, 4 known after apply; 2 restarts." */
export function planSummary(plan: Plan, palette: Palette = NO_COLOUR): string {
  const counts = countPlan(plan);
  const parts = [...workOf(counts), ...troubleOf(counts, plan)];
  if (parts.length === 0) return palette.good(`Nothing to do: ${asWanted(plan)}.`);
  const impacts = impactsOf(counts);
  const line = `Plan: ${parts.join(', ')}${impacts.length > 0 ? `; ${impacts.join(', ')}` : ''}.`;
  return palette.strong(line);
}

function asWanted({tasks}: Plan): string {
  const hosts = new Set(tasks.map(({host}) => host)).size;
  return `${count(hosts, 'host')} ${hosts === 1 ? 'is' : 'are'} as wanted`;
}

function workOf({actions, statuses}: PlanCounts): readonly string[] {
  return nonZero([
    [actions.create, `${actions.create} to create`],
    [actions.update, `${actions.update} to update`],
    [actions.delete, `${actions.delete} to delete`],
    [actions.run, `${actions.run} to run`],
    [statuses.deferred, `${statuses.deferred} known after apply`],
  ]);
}

function troubleOf({statuses}: PlanCounts, {tasks, unreachable}: Plan): readonly string[] {
  const errors = findingsOf(tasks).filter(({severity}) => severity === 'error').length;
  return nonZero([
    [statuses.unobservable, `${statuses.unobservable} that cannot be looked at`],
    [statuses.invalid, `${statuses.invalid} with a wrong value`],
    [errors, count(errors, 'failed check')],
    [unreachable.length, `${count(unreachable.length, 'host')} unreachable`],
  ]);
}

const impactsOf = ({impacts}: PlanCounts): readonly string[] =>
  nonZero([
    [impacts.reload, count(impacts.reload, 'reload')],
    [impacts.restart, count(impacts.restart, 'restart')],
    [impacts.drain, count(impacts.drain, 'drain')],
    [impacts.reboot, count(impacts.reboot, 'reboot')],
    [impacts.loss, `${count(impacts.loss, 'change')} with loss of data`],
  ]);

const nonZero = (parts: readonly (readonly [number, string])[]): readonly string[] =>
  parts.filter(([number]) => number > 0).map(([, text]) => text);

const findingsOf = (tasks: readonly PlannedTask[]): readonly Finding[] =>
  tasks.flatMap((task) => ('findings' in task ? task.findings : []));

function writeGroup({sample, bodies}: PlanGroup, plan: Plan, options: PlanTextOptions): readonly string[] {
  const subjects = new Set(bodies.flat().map(subjectOf));
  const [shared] = subjects.size === 1 ? subjects : [];
  return [
    heading(sample, shared, options.palette),
    ...bodies.flatMap((tasks) => {
      const [first] = tasks;
      if (!first) return [];
      const own = shared === undefined ? subjectOf(first) : undefined;
      const about = own === undefined ? '' : `: ${own}`;
      const lines = bodyOf(first, plan, options);
      const places = `${options.palette.strong(placesOf(tasks))}${about}`;
      return [`      ${places}`, ...lines.map((line) => `        ${line}`)];
    }),
  ];
}

function heading(task: PlannedTask, subject: string | undefined, palette: Palette): string {
  const {sign, paint, note} = markOf(task, palette);
  const name = palette.strong(visibleLine(task.name));
  const kind = subject === undefined ? task.kind : `${task.kind} ${subject}`;
  return `  ${paint(sign)} ${name} ${palette.faint(`(${kind})`)}${note === '' ? '' : `, ${paint(note)}`}`;
}

interface Mark {
  readonly sign: string;
  readonly paint: (text: string) => string;
  readonly note: string;
}

const SIGNS = {create: '+', update: '~', delete: '-', run: '!'} as const;

export function markOf(task: PlannedTask, palette: Palette): Mark {
  switch (task.status) {
    case 'pending':
      return changeMark(task.change, palette);
    case 'deferred':
      return {sign: '?', paint: palette.change, note: 'known after apply'};
    case 'unobservable':
      return {sign: 'x', paint: palette.bad, note: 'cannot be looked at'};
    case 'invalid':
      return {sign: 'x', paint: palette.bad, note: 'a value is wrong'};
    case 'findings':
    case 'unchanged':
      return {sign: '*', paint: palette.caution, note: ''};
    case 'skipped':
      return {sign: ' ', paint: palette.faint, note: 'skipped'};
  }
}

function changeMark({action, impact}: PendingChange, palette: Palette): Mark {
  const paint = {create: palette.good, update: palette.caution, delete: palette.bad, run: palette.change};
  const notes = {none: '', reload: 'reload', restart: 'restart', drain: 'drain', reboot: 'reboot'};
  const note = impact === 'loss' ? 'loss of data' : notes[impact];
  return {sign: SIGNS[action], paint: paint[action], note};
}

/** "node1, node2" or, where it is done elsewhere, "node1 at cp1, node2 at cp1". */
export function placesOf(tasks: readonly (PlannedTask | PlannedBracket)[]): string {
  const elsewhere = tasks.some(({at}) => at !== undefined);
  if (!elsewhere) return hostList(tasks.map(({host}) => host));
  return tasks.map(({host, at}) => (at === undefined ? host : `${host} at ${at}`)).join(', ');
}

function bodyOf(task: PlannedTask, plan: Plan, options: PlanTextOptions): readonly string[] {
  switch (task.status) {
    case 'pending':
      return [
        ...task.change.details.flatMap((detail) => writeDetail(detail, options.palette)),
        ...(options.detail === 'values'
          ? []
          : (task.texts ?? []).flatMap((text) => unifiedDiff(text, options.palette))),
        ...commandsOf(task.change, options),
      ];
    case 'deferred':
      return [`waits for ${waitsFor(task.waitsFor, task.host, plan)}; at worst: ${impactWord(task.worst)}`];
    case 'unobservable':
      return lastLines(task.because, 5);
    case 'invalid':
      return [`${visibleLine(task.because)} (${visibleLine(task.place)})`];
    case 'findings':
    case 'unchanged':
      return (task.findings ?? []).flatMap((finding) => writeFinding(finding, options.palette));
    case 'skipped':
      return [];
  }
}

const impactWord = (impact: PendingChange['impact']): string => (impact === 'none' ? 'no impact' : impact);

/** By the names that the reader has just seen; two are enough to know why. */
export function waitsFor(ids: readonly TaskId[], host: HostName, {tasks}: Plan): string {
  const nameOf = (id: TaskId): string => {
    const task = tasks.find((each) => each.id === id);
    if (!task) return visibleLine(id);
    return `"${visibleLine(task.name)}"${task.host === host ? '' : ` on ${task.host}`}`;
  };
  const shown = ids.slice(0, 2).map(nameOf).join(' and ');
  return ids.length > 2 ? `${shown} and ${ids.length - 2} more` : shown;
}

export function writeDetail({attribute, before, after}: ChangeDetail, palette: Palette): readonly string[] {
  const name = visibleLine(attribute);
  if (before === undefined && after === undefined) return [name];
  if (before === undefined) return [`${name}: ${palette.good(value(after))}`];
  if (after === undefined) return [`${name}: ${palette.bad(value(before))} -> (none)`];
  return [`${name}: ${palette.bad(value(before))} -> ${palette.good(value(after))}`];
}

const value = (text = ''): string => (text === '' ? '""' : clip(visibleLine(text), WIDEST_VALUE));

/** A command has no details that would say more than itself. */
function commandsOf({action, details, steps}: PendingChange, options: PlanTextOptions): readonly string[] {
  const isWanted = options.detail === 'commands' || (action === 'run' && details.length === 0);
  if (!isWanted) return [];
  return steps.flatMap((step) => {
    const all = visible(display(step)).split('\n');
    const [first = '', ...rest] = all.slice(0, MOST_COMMAND_LINES).map((line) => clip(line, WIDEST_VALUE));
    const more = all.length > MOST_COMMAND_LINES ? [`  (${all.length - MOST_COMMAND_LINES} more lines)`] : [];
    return [`$ ${first}`, ...rest.map((line) => `  ${line}`), ...more];
  });
}

/** One finding with its hint, and with its code where it stops the run. */
export function writeFinding({severity, message, hint}: Finding, palette: Palette): readonly string[] {
  const word = severity === 'error' ? palette.bad('error[E805]') : palette.caution(severity);
  const lines = [`${word}: ${visibleLine(message)}`];
  return hint === undefined ? lines : [...lines, `  hint: ${visibleLine(hint)}`];
}

function writeBrackets(brackets: readonly PlannedBracket[], palette: Palette): readonly string[] {
  return brackets.slice(0, 1).flatMap(({certain, name, kind}) => {
    const note = certain ? 'opened and closed around changes' : 'opened if a change needs it';
    const head = `  ${palette.change('=')} ${palette.strong(visibleLine(name))}`;
    return [`${head} ${palette.faint(`(${kind})`)}, ${note}`, `      ${palette.strong(placesOf(brackets))}`];
  });
}

function writeUnreachable({host, because}: UnreachableHost, palette: Palette): readonly string[] {
  return [
    `  ${palette.bad('x')} ${palette.strong(host)}, ${palette.bad('unreachable')}`,
    `      ${visibleLine(because)}`,
  ];
}
