import type {Event} from '../model/event.ts';
import type {Plan} from '../model/plan.ts';
import {frameOf} from './frame.ts';
import type {Palette} from './palette.ts';
import {Phases} from './phases.ts';
import {eventLines} from './plain.ts';
import type {Reporter, Write} from './reporter.ts';
import {RunRecord} from './run-record.ts';
import {RunView} from './run-view.ts';
import {Screen} from './screen.ts';
import {summaryText} from './summary-text.ts';

export interface TerminalOptions {
  readonly palette: Palette;
  readonly lines: 'changes' | 'everything';
  readonly plan: (plan: Plan) => string;
  readonly size: () => {readonly columns: number; readonly rows: number};
  readonly now: () => number;
  /** Calls back until the returned function is called. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

/** Ten frames a second look alive and cost next to nothing. */
const FRAME_MS = 100;

/**
 * A terminal view: phases and busy hosts at the bottom, what is worth keeping above. Events only alter what the
 * next frame shows, so a run does not wait for its picture.
 */
export function terminalReporter(write: Write, options: TerminalOptions): Reporter {
  const view = new TerminalView(write, options);
  return {listen: (event) => view.learn(event), close: () => view.close()};
}

class TerminalView {
  readonly #options: TerminalOptions;
  readonly #screen: Screen;
  readonly #phases = new Phases();
  readonly #running: Promise<void>;
  readonly #view = new RunView();
  readonly #record = new RunRecord();
  readonly #stop: () => void;
  #state: 'drawing' | 'resting' | 'ended' = 'drawing';

  constructor(write: Write, options: TerminalOptions) {
    this.#options = options;
    this.#screen = new Screen(write);
    this.#running = this.#phases.run();
    this.#stop = options.every(FRAME_MS, () => this.#draw());
  }

  learn(event: Event): void {
    this.#record.learn(event);
    this.#view.learn(event);
    this.#advance(event);
    if (event.type === 'plan-ready') return this.#showPlan(event.plan);
    if (event.type === 'run-finished') return this.#finish();
    this.#state = 'drawing';
    this.#screen.print(this.#linesOf(event));
  }

  async close(): Promise<void> {
    this.#stop();
    if (this.#state !== 'ended') this.#screen.clear();
    this.#phases.end();
    await this.#running;
  }

  /** What `plain` would write, but for what the frame shows anyway. */
  #linesOf(event: Exclude<Event, {type: 'plan-ready' | 'run-finished'}>): readonly string[] {
    const isInFrame =
      event.type === 'task-started' || event.type === 'task-waiting' || event.type === 'run-started';
    const isInPlan = event.type === 'task-finished' && this.#record.isOnlyPlanned;
    if (isInFrame || isInPlan) return [];
    const isSmall = event.type === 'task-finished' && event.outcome.status === 'changed';
    if (isSmall && this.#options.lines === 'changes') return [];
    return eventLines(event, this.#options);
  }

  #advance({type}: Event): void {
    if (type === 'run-finished') return this.#phases.end();
    if (type === 'plan-ready') return this.#phases.enter('Apply');
    const isConnecting = this.#view.connected + this.#view.unreachable < this.#view.hosts;
    if (!isConnecting && this.#view.hosts > 0) this.#phases.enter('Plan');
    if (type === 'task-finished' && this.#view.todo > 0 && this.#view.isApplied) this.#phases.enter('Verify');
  }

  /** Whoever asks for consent has the terminal for himself, until the run goes on. */
  #showPlan(plan: Plan): void {
    this.#screen.print(this.#options.plan(plan).split('\n'));
    this.#screen.clear();
    this.#state = 'resting';
  }

  #finish(): void {
    this.#screen.print(['', ...summaryText(this.#record, this.#options.palette).trimEnd().split('\n')]);
    this.#screen.clear();
    this.#state = 'ended';
  }

  #draw(): void {
    if (this.#state !== 'drawing') return;
    const {palette, size, now} = this.#options;
    this.#screen.draw(frameOf(this.#view, this.#phases.states, {palette, ...size(), now: now()}));
  }
}
