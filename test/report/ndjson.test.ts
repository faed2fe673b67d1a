import {expect, test} from 'vitest';
import type {Event} from '../../src/model/event.ts';
import {planJson} from '../../src/report/display-json.ts';
import {ndjsonReporter} from '../../src/report/ndjson.ts';
import {host, PLAN, POISON, RUN} from './recordings.ts';

function report(events: readonly Event[]): string {
  const written: string[] = [];
  const reporter = ndjsonReporter((text) => written.push(text));
  for (const event of events) reporter.listen(event);
  return written.join('');
}

test('a run is one JSON object a line', async () => {
  await expect(report(RUN)).toMatchFileSnapshot('golden/run.ndjson');
});

test('each line can be read again, in the order of the run', () => {
  const types = report(RUN)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).type);
  expect(types).toEqual(RUN.map(({type}) => type));
});

test('the last line holds the summary', () => {
  const last = report(RUN).trimEnd().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({
    type: 'run-finished',
    summary: {ok: 2, changed: 3, skipped: 4, failed: 1, unreachable: 1},
  });
});

test('no line holds a secret', () => {
  expect(report(RUN)).not.toContain(POISON);
});

test('a plan as JSON names its format and holds no secret', () => {
  const text = JSON.stringify(planJson(PLAN));
  expect(text).not.toContain(POISON);
  expect(JSON.parse(text)).toMatchObject({
    format: 1,
    counts: {actions: {create: 1, update: 2, delete: 1, run: 3}},
  });
});

test('what a terminal would obey is escaped, and reads back the same', () => {
  const because = 'a\u009b2Jb\u007f\u2028';
  const line = report([{at: 0, type: 'host-unreachable', host: host('a'), code: 'E802', because}]);
  expect(line).not.toMatch(/[\u007f-\u009f\u2028]/);
  expect(JSON.parse(line).because).toBe(because);
});
