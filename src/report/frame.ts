import {formatDuration} from '../base/duration.ts';
import {clip, visibleLine} from '../base/visible.ts';
import {count} from './host-list.ts';
import type {Palette} from './palette.ts';
import type {PhaseState} from './phases.ts';
import type {HostView, RunView} from './run-view.ts';

export interface FrameOptions {
  readonly palette: Palette;
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
}

/** Kept free of the terminal's height, so that what was printed above stays in sight. */
const ROWS_FOR_OTHERS = 8;
const FEWEST_HOSTS = 3;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const SPINNER_MS = 100;

/** What the bottom of the terminal shows: the phases, then what each busy host does, longest first. */
export function frameOf(
  view: RunView,
  phases: readonly PhaseState[],
  options: FrameOptions,
): readonly string[] {
  const room = Math.max(FEWEST_HOSTS, options.rows - ROWS_FOR_OTHERS);
  const busy = [...view.working.values()];
  const hidden = busy.length - room;
  return [
    ...phases.map((phase) => phaseLine(phase, view, options)),
    ...busy.slice(0, room).map((host) => hostLine(host, options)),
    ...(hidden > 0 ? [options.palette.faint(`    … and ${hidden} more`)] : []),
  ];
}

function phaseLine({name, status}: PhaseState, view: RunView, options: FrameOptions): string {
  const {palette, columns} = options;
  const text = clip(
    `${name.padEnd(8)} ${status === 'waiting' ? '' : progressOf(name, view)}`.trimEnd(),
    columns - 2,
  );
  if (status === 'done') return `${palette.good('✔')} ${text}`;
  if (status === 'waiting') return palette.faint(`  ${text}`);
  return `${palette.change(spinnerAt(options.now))} ${text}`;
}

const spinnerAt = (now: number): string => SPINNER.charAt(Math.floor(now / SPINNER_MS) % SPINNER.length);

function progressOf(name: PhaseState['name'], view: RunView): string {
  switch (name) {
    case 'Connect': {
      const lost = view.unreachable > 0 ? `, ${view.unreachable} unreachable` : '';
      return `${view.connected} of ${count(view.hosts, 'host')}${lost}`;
    }
    case 'Plan':
      return view.deferred > 0
        ? `${count(view.changes, 'change')}, ${view.deferred} known after apply`
        : count(view.changes, 'change');
    case 'Apply': {
      const failed = view.failed > 0 ? `, ${view.failed} failed` : '';
      return `${view.finished} of ${view.todo}${failed}${view.isCancelled ? ', stopping' : ''}`;
    }
    case 'Verify':
      return '';
  }
}

function hostLine({host, name, since, note}: HostView, {palette, columns, now}: FrameOptions): string {
  const time = formatDuration(Math.max(0, now - since));
  const text = `${visibleLine(name)}${note === '' ? '' : ` (${note})`}`;
  const left = `${host}: `;
  const room = Math.max(0, columns - left.length - time.length - 6);
  return `    ${palette.strong(left)}${clip(text, room)} ${palette.faint(time)}`;
}
