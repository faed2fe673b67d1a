import {setImmediate} from 'node:timers/promises';
import {expect, test} from 'vitest';
import type {Event} from '../../src/model/event.ts';
import {NO_COLOUR} from '../../src/report/palette.ts';
import {planText} from '../../src/report/plan-text.ts';
import {terminalReporter} from '../../src/report/terminal.ts';
import {change, host, id, POISON, REFUSED, RUN} from './recordings.ts';

/** A terminal that understands what the screen writes, with a clock that stands still until told. */
class FakeTerminal {
  readonly lines: string[] = [];
  readonly written: string[] = [];
  #frame: () => void = () => {};
  now = RUN[0]?.at ?? 0;
  readonly reporter = terminalReporter((text) => this.#write(text), {
    palette: NO_COLOUR,
    lines: 'changes',
    plan: (plan) => planText(plan).trimEnd().split('\n').at(-1) ?? '',
    size: () => ({columns: 60, rows: 12}),
    now: () => this.now,
    every: (_, frame) => {
      this.#frame = frame;
      return () => {
        this.#frame = () => {};
      };
    },
  });

  tell(events: readonly Event[]): void {
    for (const event of events) this.reporter.listen(event);
  }

  /** The phases are a turn of the event loop behind. */
  async frame(): Promise<string> {
    await setImmediate();
    this.#frame();
    return this.lines.join('\n');
  }

  #write(text: string): void {
    this.written.push(text);
    const [, up = '0', rest = ''] = /^(?:\S\[(\d+)A\S\[0J)?([^]*)$/.exec(text) ?? [];
    this.lines.splice(this.lines.length - Number(up));
    this.lines.push(...rest.split('\n').slice(0, -1));
  }
}

const until = (type: Event['type']): readonly Event[] =>
  RUN.slice(0, RUN.findIndex((event) => event.type === type) + 1);

test('while hosts connect, the first phase counts them', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(RUN.slice(0, 2));
  expect(await terminal.frame()).toBe('⠋ Connect  1 of 3 hosts\n  Plan\n  Apply\n  Verify');
});

test('a busy host shows its task, where it runs, and for how long', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(until('task-started'));
  terminal.now = (RUN.find(({type}) => type === 'task-started')?.at ?? 0) + 3_000;
  expect((await terminal.frame()).split('\n').slice(-5)).toEqual([
    '✔ Connect  2 of 3 hosts, 1 unreachable',
    '✔ Plan     7 changes, 1 known after apply',
    expect.stringContaining('Apply    0 of 8'),
    '  Verify',
    '    node1: Initialise (at cp1) 3.0s',
  ]);
});

test('a frame replaces the last one, and what was printed stays above', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(until('host-unreachable'));
  await terminal.frame();
  const again = await terminal.frame();
  expect(again.match(/Connect/g)).toHaveLength(1);
  expect(again.startsWith('node9: unreachable')).toBe(true);
});

test('between the plan and the next event the terminal is left alone', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(until('plan-ready'));
  const before = terminal.written.length;
  expect(await terminal.frame()).toMatch(/Plan: 1 to create.*$/);
  expect(terminal.written).toHaveLength(before);
});

test('the end takes the frame away and shows the summary', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(until('task-started'));
  await terminal.frame();
  terminal.tell(RUN.slice(until('task-started').length));
  await terminal.reporter.close();
  const text = terminal.lines.join('\n');
  expect(text).not.toContain('Connect ');
  expect(text).toMatch(/Interrupted after 1m5s: 3 changed, .*$/);
});

test('what the plan has shown is not told again', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(REFUSED);
  await terminal.reporter.close();
  expect(terminal.lines.map((line) => line.replace(/\d+m?s/, 'TIME'))).toEqual([
    expect.stringMatching(/^Plan: 1 to create/),
    '',
    expect.stringMatching(/^Stopped after TIME by what the plan shows, nothing was changed: /),
  ]);
});

test('a run that breaks off leaves no frame behind', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(RUN.slice(0, 2));
  await terminal.frame();
  await terminal.reporter.close();
  expect(terminal.lines).toEqual([]);
});

test('no secret is shown', async () => {
  const terminal = new FakeTerminal();
  for (const event of RUN) {
    terminal.tell([event]);
    await terminal.frame();
  }
  await terminal.reporter.close();
  expect(terminal.written.join('')).not.toContain(POISON);
});

test('no line is wider than the terminal', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(until('plan-ready'));
  terminal.tell([
    {at: 0, type: 'task-started', task: id('a'), name: 'x'.repeat(99), host: host('a'), where: host('a')},
  ]);
  const frame = (await terminal.frame()).split('\n').slice(-5);
  expect(Math.max(...frame.map((line) => line.length))).toBeLessThanOrEqual(60);
});

test('of many busy hosts as many are shown as there is room for', async () => {
  const terminal = new FakeTerminal();
  terminal.tell(RUN.slice(0, 1));
  const names = Array.from({length: 200}, (_, index) => `w${index}`);
  terminal.tell(
    names.map((name) => ({
      at: 0,
      type: 'task-started',
      task: id(name),
      name: 'Work',
      host: host(name),
      where: host(name),
    })),
  );
  const frame = (await terminal.frame()).split('\n');
  expect(frame).toHaveLength(4 + 4 + 1);
  expect(frame.at(-1)).toBe('    … and 196 more');
});

test('120,000 events cost no write but those of the frames', async () => {
  const terminal = new FakeTerminal();
  for (let task = 0; task < 300; task += 1) {
    for (let index = 0; index < 200; index += 1) {
      const which = {task: id(`w${index}/${task}`), name: 'Work', host: host(`w${index}`)};
      terminal.tell([
        {at: 0, type: 'task-started', ...which, where: which.host},
        {
          at: 0,
          type: 'task-finished',
          ...which,
          outcome: {status: 'changed', change: change({})},
          durationMs: 1,
        },
      ]);
    }
  }
  expect(terminal.written).toEqual([]);
  expect(await terminal.frame()).not.toContain('w0:');
});
