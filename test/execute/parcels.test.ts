import {expect, test} from 'vitest';
import {parcelsOf} from '../../src/execute/parcels.ts';
import type {FileWrite} from '../../src/model/step.ts';
import {script} from '../support/graphs.ts';

const write = (path: string, content: string): FileWrite => ({
  step: 'write',
  path,
  content,
  mode: '0644',
  owner: 0,
  group: 0,
});

const load = (owner: string, ...steps: readonly (FileWrite | ReturnType<typeof script>)[]) => ({
  owner,
  steps,
  timeoutMs: 1_000,
});

const ownersOf = (loads: readonly ReturnType<typeof load>[]) => parcelsOf(loads).map(({owners}) => owners);

test('hundreds of small files of one directory are one archive', () => {
  const files = Array.from({length: 300}, (_, index) => load(`${index}`, write(`/etc/x/${index}`, 'small')));
  expect(ownersOf(files)).toEqual([files.map(({owner}) => owner)]);
});

test('an archive stays small enough for every shell', () => {
  const big = 'é'.repeat(150_000);
  const files = ['a', 'b', 'c'].map((name) => load(name, write(`/etc/${name}`, big)));
  expect(ownersOf(files)).toEqual([['a'], ['b'], ['c']]);
  const halves = ['a', 'b', 'c'].map((name) => load(name, write(`/etc/${name}`, big.slice(0, 120_000))));
  expect(ownersOf(halves)).toEqual([['a', 'b'], ['c']]);
});

test('what stands between two files, and another directory, makes another archive', () => {
  const loads = [
    load('a', write('/etc/a', 'x')),
    load('b', script('between'), write('/etc/b', 'x')),
    load('c', write('/etc/c', 'x'), write('/opt/c', 'x')),
  ];
  expect(ownersOf(loads)).toEqual([['a'], ['b'], ['b', 'c'], ['c']]);
});

test('a file that is checked travels alone, so that its check fails nobody else', () => {
  const checked = (path: string): FileWrite => ({...write(path, 'x'), validate: () => script('check')});
  const loads = [
    load('a', write('/etc/a', 'x')),
    load('b', checked('/etc/b')),
    load('c', checked('/etc/c')),
    load('d', write('/etc/d', 'x')),
    load('e', write('/etc/e', 'x')),
  ];
  expect(ownersOf(loads)).toEqual([['a'], ['b'], ['c'], ['d', 'e']]);
});
