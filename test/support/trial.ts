import {setImmediate} from 'node:timers/promises';
import {Cancellation} from '../../src/execute/cancellation.ts';
import {type RunOptions, type RunResult, run} from '../../src/execute/run.ts';
import type {Event, Summary} from '../../src/model/event.ts';
import type {TaskGraph} from '../../src/model/graph.ts';
import {ControlledHost, ControlledTransport} from './controlled-host.ts';

/** A graph on hosts whose every command a test can end by hand. */
export interface Trial<Name extends string> {
  readonly hosts: Readonly<Record<Name, ControlledHost>>;
  /** All that the runs so far told. */
  readonly events: readonly Event[];
  readonly cancel: Cancellation;
  readonly go: (options?: Partial<RunOptions>) => Promise<RunResult>;
}

export function trial<Name extends string>(graph: TaskGraph, ...names: readonly Name[]): Trial<Name> {
  // The names are the keys.
  const hosts = Object.fromEntries(names.map((name) => [name, new ControlledHost(name)])) as Record<
    Name,
    ControlledHost
  >;
  const events: Event[] = [];
  const cancel = new Cancellation();
  const transport = new ControlledTransport(Object.values(hosts));
  const listen = (event: Event): void => void events.push(event);
  const usual = {mode: 'apply', forks: 100, texts: false, auditTouches: false} as const;
  return {
    hosts,
    events,
    cancel,
    go: (options = {}) => run({graph, transport, listen, cancel, ...usual, ...options}),
  };
}

/** Enough turns of the event loop for whoever may begin to have begun. */
export async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

export const statuses = ({outcomes}: RunResult): Readonly<Record<string, string>> =>
  Object.fromEntries([...outcomes].map(([task, {status}]) => [task, status]));

/** What somebody comes to who adds up the events and never reads the last. */
export function summaryOf(events: readonly Event[]): Summary {
  const summary = {ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0};
  for (const event of events) {
    if (event.type === 'task-finished') summary[event.outcome.status] += 1;
    if (event.type === 'bracket-failed') summary.failed += 1;
    if (event.type === 'host-unreachable') summary.unreachable += 1;
  }
  return summary;
}
