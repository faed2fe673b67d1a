import {expect, test} from 'vitest';
import {graphToSvg} from '../../src/cli/graph-svg.ts';
import type {Edge, TaskGraph} from '../../src/model/graph.ts';
import {host, id} from '../report/recordings.ts';

const at = {source: {file: 'a.yaml', text: ''}, from: 0, to: 0};
const edge = (from: string, to: string): Edge => ({
  from: id(from),
  to: id(to),
  requires: 'success',
  because: {type: 'written-order', at},
});

/** Only what the drawing reads. */
const graphOf = (names: readonly string[], edges: readonly Edge[]): TaskGraph => ({
  hosts: [],
  plays: [],
  brackets: [],
  barriers: [],
  edges,
  tasks: names.map((name) => ({...BARE, id: id(name), name, host: host('w1')})),
});

const BARE: Omit<TaskGraph['tasks'][number], 'id' | 'name' | 'host'> = {
  kind: 'file',
  worst: 'none',
  play: 'p',
  isShared: false,
  delegates: [],
  user: undefined,
  when: {stage: 'static', reads: [], resolve: () => ({ok: true, value: true})},
  resource: {stage: 'static', reads: [], resolve: () => ({ok: false, problem: 'not drawn', at})},
  peers: [],
  retries: {count: 0, delayMs: 0},
  timeoutMs: 1,
  tags: [],
  locks: [],
  selected: true,
  spec: () => ({}),
  at,
};

const columnsIn = (svg: string): readonly number[] =>
  [...svg.matchAll(/<rect x="(\d+)"/g)].map(([, x]) => Number(x));

test('each task stands to the right of all that it waits for', () => {
  const svg = graphToSvg(graphOf(['a', 'b', 'c'], [edge('a', 'c'), edge('a', 'b'), edge('b', 'c')]));
  const [a = 0, b = 0, c = 0] = columnsIn(svg);
  expect(a).toBeLessThan(b);
  expect(b).toBeLessThan(c);
});

test('names cannot break out of the drawing', () => {
  const svg = graphToSvg(graphOf(['<script>"&'], []));
  expect(svg).toContain('w1: &lt;script&gt;&quot;&amp;');
  expect(svg).not.toContain('<script>');
});

test('a graph without tasks is an empty drawing', () => {
  expect(graphToSvg(graphOf([], []))).toMatch(/^<svg .*<\/svg>\n$/s);
});
