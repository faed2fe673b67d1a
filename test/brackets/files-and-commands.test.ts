import {describe, expect, test} from 'vitest';
import {BRACKETS} from '../../src/brackets/registry.ts';
import {FactStore} from '../../src/facts/fact-store.ts';
import {ABSENT} from '../../src/model/answer.ts';
import type {Bracket} from '../../src/model/bracket.ts';
import {type FactQuery, fact} from '../../src/model/fact.ts';
import {display} from '../../src/model/step.ts';

const bound = (kind: string, spec: object): Bracket => {
  const definition = BRACKETS.get(kind);
  if (!definition) throw new Error(`no bracket is named ${kind}`);
  return definition.bind(spec, (bytes) => new Uint8Array(bytes));
};
const absent = ({facts}: Bracket): FactStore =>
  new FactStore(facts.map((query) => ({query, answer: ABSENT})));

describe.each(['file_flag', 'command_window'])('%s', (kind) => {
  const examples = BRACKETS.get(kind)?.examples ?? [];

  test.each(examples.map((example) => ({title: example.title, example})))('$title', ({example}) => {
    const bracket = bound(kind, example.spec);
    const facts = absent(bracket);
    expect(bracket.open(facts).map(display)).toEqual(example.open);
    expect(bracket.close(facts, 'complete').map(display)).toEqual(example.close);
  });

  test('is found open by its mark alone', () => {
    const bracket = bound(kind, examples[0]?.spec ?? {});
    expect(bracket.leftOpen(absent(bracket))).toBe(false);
    const marked = bracket.facts.map((query: FactQuery) => fact(query, {type: 'file'}));
    expect(bracket.leftOpen(new FactStore(marked))).toBe(true);
  });
});

test('windows with other commands have other marks', () => {
  const one = bound('command_window', {open: ['a', 'b'], close: ['c']});
  const other = bound('command_window', {open: ['a'], close: ['b', 'c']});
  expect(one.key).not.toBe(other.key);
});
