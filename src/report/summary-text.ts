import {formatDuration} from '../base/duration.ts';
import {groupedBy} from '../base/grouped.ts';
import {visibleLine} from '../base/visible.ts';
import type {TaskId} from '../model/names.ts';
import {BUSY} from './busy.ts';
import {failureText} from './failure-text.ts';
import {count, hostList} from './host-list.ts';
import type {Palette} from './palette.ts';
import type {FailedTask, RunRecord, SkippedTask} from './run-record.ts';

/** The end of a run: what changed, what failed and why, what never ran because of which failure, and the counts. */
export function summaryText(record: RunRecord, palette: Palette): string {
  const sections = [
    section('Changed', changedLines(record), palette.strong),
    section(
      'Failed',
      record.failed.flatMap((task) => failedLines(task, palette)),
      palette.bad,
    ),
    section('Never ran', skippedLines(record), palette.caution),
    section('Stopped', stoppedLines(record), palette.caution),
    section('In the way of another run', busyLines(record), palette.bad),
    section('Unreachable', unreachableLines(record), palette.bad),
  ];
  return [...sections.filter((text) => text !== ''), countsLine(record, palette)].join('\n\n').concat('\n');
}

function section(title: string, lines: readonly string[], paint: (text: string) => string): string {
  return lines.length === 0 ? '' : [paint(title), ...lines.map((line) => `  ${line}`)].join('\n');
}

function changedLines({changed}: RunRecord): readonly string[] {
  return byName(changed);
}

/** One line a name: the same task on many hosts is one thing to read. */
function byName(tasks: readonly {readonly name: string; readonly host: string}[]): readonly string[] {
  return [...groupedBy(tasks, ({name}) => name)].map(([name, group]) => {
    const hosts = [...new Set(group.map(({host}) => host))];
    return `${visibleLine(name)}: ${hostList(hosts)}`;
  });
}

function failedLines({id, name, host, failure}: FailedTask, palette: Palette): readonly string[] {
  const {sentence, lines} = failureText(failure, palette);
  return [
    `${palette.strong(host)}: ${visibleLine(name)}: ${sentence}`,
    ...lines.map((line) => `  ${palette.faint('|')} ${line}`),
    palette.faint(`  ${visibleLine(id)}`),
  ];
}

/** How many names a failure's consequences are told by. */
const MOST_NAMES = 3;

/** What was left out on purpose needs no words: only what would have run, by what kept it from running. */
function skippedLines(record: RunRecord): readonly string[] {
  const missed = record.skipped.filter(({because}) => because !== 'condition' && because !== 'not-selected');
  return [...groupedBy(missed, reasonOf(record))].map(([reason, tasks]) => {
    const names = [...new Set(tasks.map(({name}) => visibleLine(name)))];
    const shown = names.slice(0, MOST_NAMES).join(', ');
    const more = names.length > MOST_NAMES ? ', …' : '';
    const hosts = hostList([...new Set(tasks.map(({host}) => host))]);
    return `because ${reason}: ${count(tasks.length, 'task')} on ${hosts} (${shown}${more})`;
  });
}

const reasonOf =
  (record: RunRecord) =>
  ({because, cause, host}: SkippedTask): string => {
    switch (because) {
      case 'dependency-failed':
        return `${causeName(cause, record)} failed`;
      case 'host-unreachable':
        return 'the host is unreachable';
      case 'play-stopped':
        return cause === undefined ? 'its play was stopped' : `${causeName(cause, record)} stopped the play`;
      case 'cancelled':
        return 'the run was interrupted';
      case 'condition':
      case 'not-selected':
        return host;
    }
  };

function causeName(cause: TaskId | undefined, {failed}: RunRecord): string {
  if (cause === undefined) return 'something before it';
  const found = failed.find(({id}) => id === cause);
  return found ? `"${visibleLine(found.name)}" on ${found.host}` : visibleLine(cause);
}

const stoppedLines = ({stopped}: RunRecord): readonly string[] =>
  stopped.map(({play, failed}) => `play ${visibleLine(play)}: too many failed hosts (${hostList(failed)})`);

const busyLines = ({busy}: RunRecord): readonly string[] =>
  busy.map(({host, holder, state}) => `${host}: ${BUSY[state]} by ${visibleLine(holder)}`);

const unreachableLines = ({unreachable}: RunRecord): readonly string[] =>
  unreachable.flatMap(({host, code, because, hint}) => [
    `${host}: ${visibleLine(because)} [${code}]`,
    ...(hint === undefined ? [] : [`  hint: ${visibleLine(hint)}`]),
  ]);

function countsLine({end, interrupted, failed: told}: RunRecord, palette: Palette): string {
  if (!end) return palette.caution('The run did not end.');
  const {summary, durationMs, exitCode} = end;
  const {ok, changed, skipped, failed, unreachable} = summary;
  const time = formatDuration(durationMs);
  const isIdle = ok + changed + skipped + failed === 0 && (unreachable === 0 || exitCode !== 4);
  // A plan has no outcomes to count; it was summed up by itself.
  if (isIdle && exitCode === 0) return palette.good(`Done after ${time}.`);
  if (isIdle) return palette.bad(`Stopped after ${time}: nothing was changed.`);
  const counts = `${changed} changed, ${ok} ok, ${skipped} skipped, ${failed} failed, ${unreachable} unreachable`;
  // What is wrong was found before anything was begun, and stands in the plan.
  if (failed > 0 && changed === 0 && told.length === 0)
    return palette.bad(`Stopped after ${time} by what the plan shows, nothing was changed: ${counts}.`);
  const paint = exitCode === 0 ? palette.good : palette.bad;
  // Tasks ended, none failed, and still the run has: by a mistake of ours.
  const isBroken = exitCode === 1 && failed === 0 && ok + changed + skipped > 0;
  const ending = isBroken ? 'Broken off' : 'Done';
  return paint(`${interrupted ? 'Interrupted' : ending} after ${time}: ${counts}.`);
}
