import {stripVTControlCharacters} from 'node:util';
import {expect, test} from 'vitest';
import type {Plan} from '../../src/model/plan.ts';
import {COLOUR, NO_COLOUR} from '../../src/report/palette.ts';
import {planSummary, planText} from '../../src/report/plan-text.ts';
import {change, EMPTY, host, id, PLAN, POISON} from './recordings.ts';

test('a plan shows every kind of change, once for all its hosts', async () => {
  await expect(planText(PLAN)).toMatchFileSnapshot('golden/plan.txt');
});

test('a plan with texts shows the lines of files', () => {
  const text = planText(PLAN, {palette: NO_COLOUR, detail: 'texts'});
  expect(text).toContain('        @@ -1 +1 @@\n        -a\n        +b\n');
});

test('a plan with commands shows every step', () => {
  const text = planText(PLAN, {palette: NO_COLOUR, detail: 'commands'});
  expect(text).toContain('        $ write /etc/app.conf 0644 root:root\n');
  expect(text).toContain('        $ systemctl restart app.service\n');
});

test('a plan holds no secret, however much of it is shown', () => {
  expect(planText(PLAN, {palette: COLOUR, detail: 'commands'})).not.toContain(POISON);
});

test('colours change nothing but colours', () => {
  const painted = planText(PLAN, {palette: COLOUR, detail: 'commands'});
  const bare = stripVTControlCharacters(painted);
  expect(painted).not.toBe(bare);
  expect(bare).toBe(planText(PLAN, {palette: NO_COLOUR, detail: 'commands'}));
});

test('a plan without changes says that there is nothing to do', () => {
  expect(planText(EMPTY)).toBe('Nothing to do: 2 hosts are as wanted.\n');
});

test('hosts with other values of one change stand under one heading', () => {
  const entry = (name: string): Plan['tasks'][number] => ({
    id: id(`${name}/base/host_baseline/hostname`),
    name: 'Set the hostname',
    kind: 'hostname',
    host: host(name),
    status: 'pending',
    change: change({details: [{attribute: 'name', before: 'localhost', after: name}]}),
  });
  const plan: Plan = {tasks: [entry('a'), entry('b')], brackets: [], unreachable: []};
  expect(planText(plan)).toBe(
    [
      '  ~ Set the hostname (hostname)',
      '      a',
      '        name: localhost -> a',
      '      b',
      '        name: localhost -> b',
      '',
      'Plan: 2 to update.',
      '',
    ].join('\n'),
  );
});

test('an escape sequence in a value is spelt out', () => {
  const evil = '\u001b[2J';
  const plan: Plan = {
    tasks: [
      {
        id: id('a/b/c/d'),
        name: `name ${evil}`,
        kind: 'file',
        host: host('a'),
        status: 'pending',
        change: change({details: [{attribute: `x${evil}`, before: evil, after: evil}]}),
      },
    ],
    brackets: [],
    unreachable: [{host: host('b'), because: evil}],
  };
  expect(planText(plan)).not.toContain('\u001b');
});

test('a plan of 1,000 hosts with one change is short', () => {
  const tasks = Array.from({length: 1_000}, (_, index) => ({
    id: id(`w${index + 1}/p/r/t`),
    name: 'Write it',
    kind: 'file',
    host: host(`w${index + 1}`),
    status: 'pending' as const,
    change: change({action: 'create'}),
  }));
  const text = planText({tasks, brackets: [], unreachable: []});
  expect(text).toBe('  + Write it (file)\n      w[1:1000]\n\nPlan: 1000 to create.\n');
});

test('the summary names hosts that could not be asked', () => {
  expect(planSummary({...EMPTY, unreachable: PLAN.unreachable})).toBe('Plan: 1 host unreachable.');
});
