import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import type {Event} from '../../src/model/event.ts';
import type {Failure, SkipReason} from '../../src/model/outcome.ts';
import {RUN} from './recordings.ts';

/** A new member of a union does not compile before it stands here, and then it has to be documented. */
const TYPES: Readonly<Record<Event['type'], true>> = {
  'run-started': true,
  'host-connected': true,
  'host-unreachable': true,
  'host-lost': true,
  'host-back': true,
  'plan-ready': true,
  'lock-busy': true,
  locked: true,
  'task-started': true,
  'task-retried': true,
  'task-waiting': true,
  'task-finished': true,
  'bracket-opened': true,
  'bracket-closed': true,
  'bracket-failed': true,
  'play-stopped': true,
  cancelled: true,
  'run-finished': true,
};

const REASONS: Readonly<Record<Failure['reason'] | SkipReason, true>> = {
  'command-failed': true,
  'timed-out': true,
  'not-converged': true,
  unobservable: true,
  'invalid-value': true,
  'check-failed': true,
  'connection-lost': true,
  'beyond-plan': true,
  'touched-more': true,
  artifact: true,
  deadlock: true,
  condition: true,
  'not-selected': true,
  'dependency-failed': true,
  'host-unreachable': true,
  'play-stopped': true,
  cancelled: true,
};

const text = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');

test('every event is documented with all its properties', () => {
  const missing = RUN.flatMap(({type, ...properties}) => {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${type}\` |`)) ?? '';
    return Object.keys(properties)
      .filter((name) => name !== 'at' && !row.includes(`\`${name}\``))
      .map((name) => `${type}.${name}`);
  });
  expect(missing).toEqual([]);
});

test('the recorded run has an event of every type', () => {
  const recorded = new Set(RUN.map(({type}) => type));
  expect(Object.keys(TYPES).filter((type) => ![...recorded].some((each) => each === type))).toEqual([]);
});

test('every reason of a failure or a skipped task is documented', () => {
  expect(Object.keys(REASONS).filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
});
