import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {placeOf} from '../../src/diagnostics/source.ts';
import {nodeAt, rangeAt, toJs} from '../../src/yaml/access.ts';
import type {YamlNode} from '../../src/yaml/node.ts';
import {parseYaml} from '../../src/yaml/parse.ts';

interface Parsed {
  readonly node: YamlNode | undefined;
  readonly value: unknown;
  /** `code line:column detail`. */
  readonly found: readonly string[];
  readonly hints: readonly (string | undefined)[];
}

function parse(text: string, environment: Readonly<Record<string, string>> = {}): Parsed {
  const problems = new Problems();
  const node = parseYaml({file: 'x.yaml', text}, problems, environment);
  return {
    node,
    value: node && toJs(node),
    found: problems.all.map(
      ({code, range}) => `${code} ${range ? placeOf(range).slice('x.yaml:'.length) : ''}`,
    ),
    hints: problems.all.map(({hint}) => hint),
  };
}

describe('a YAML file', () => {
  test.each([
    [
      'scalars',
      'a: 1\nb: x\nc: true\nd: null\ne: 1.5\nf:',
      {a: 1, b: 'x', c: true, d: null, e: 1.5, f: null},
    ],
    ['lists and maps', 'a: [1, {b: 2}]', {a: [1, {b: 2}]}],
    ['block texts', 'a: |\n  x\n  y\n', {a: 'x\ny\n'}],
    ['aliases', 'a: &x {b: 1}\nc: *x', {a: {b: 1}, c: {b: 1}}],
    [
      'merges, where own keys win',
      'a: &x {b: 1, c: 1}\nd:\n  <<: *x\n  c: 2',
      {a: {b: 1, c: 1}, d: {b: 1, c: 2}},
    ],
    ['merges of several maps, where the first wins', 'a: {<<: [{b: 1}, {b: 2, c: 3}]}', {a: {b: 1, c: 3}}],
    ['keys as they are written', '1.10: a\ntrue: b\n007: c', {'1.10': 'a', true: 'b', '007': 'c'}],
    ['a key that objects treat specially', '__proto__: 1', Object.fromEntries([['__proto__', 1]])],
    ['nothing at all', '', null],
    ['only comments', '# hello\n', null],
    ['a quoted merge key, which is a key', '"<<": 1', {'<<': 1}],
    ['tags of YAML itself', 'a: !!str 12', {a: '12'}],
  ])('can hold %s', (_title, text, value) => {
    const parsed = parse(text);
    expect(parsed.found).toEqual([]);
    expect(parsed.value).toEqual(value);
  });

  test.each([
    ['bad indentation', 'a: 1\n b: 2\n', ['E102 1:4']],
    ['an open bracket', 'a: [1, 2\nb: 3\n', ['E102 2:1']],
    ['a second document', 'a: 1\n---\nb: 2\n', ['E102 2:1']],
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', ['E107 3:1']],
    ['a map as a key', '{a: b}: c\n', ['E102 1:1']],
    ['an empty key', ': c\n', ['E102 1:1']],
    ['an alias of nothing', 'a: *x\n', ['E102 1:4']],
    ['an alias inside of what it names', 'a: &x [*x]\n', ['E102 1:8']],
    ['a merge of what is not a map', 'a:\n  <<: 1\n', ['E102 2:7']],
    ['a tag that is not known', 'a: !vault x\n', ['E102 1:11']],
    ['a tag before a list', 'a: !secret [x]\n', ['E102 1:12']],
    ['a number without end', 'a: .inf\n', ['E102 1:4']],
    ['an empty secret', 'a: !secret\n', ['E102 1:11']],
  ])('with %s is refused in its place', (_title, text, found) => {
    expect(parse(text).found).toEqual(found);
  });

  test('whose aliases would make millions of values is refused', () => {
    const levels = Array.from({length: 9}, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(10)}]`);
    expect(parse(`l0: &l0 [x]\n${levels.join('\n')}`).found).toHaveLength(1);
  });

  test('whose aliases nest values very deeply is refused', () => {
    const levels = Array.from({length: 5_000}, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}]`);
    expect(parse(`l0: &l0 [x]\n${levels.join('\n')}`).found).toEqual([expect.stringMatching(/^E102 /)]);
  });

  test('may use one name for several anchors: the last one before an alias counts', () => {
    expect(parse('a: &x 1\nb: *x\nc: &x 2\nd: *x').value).toEqual({a: 1, b: 1, c: 2, d: 2});
  });

  test.each([
    ['flow lists', '['.repeat(100_000)],
    ['flow maps', '{a: '.repeat(100_000)],
    ['lists', '- '.repeat(20_000)],
    ['keys', '? '.repeat(20_000)],
  ])('with %s nested very deeply is refused', (_title, text) => {
    expect(parse(text).found).toEqual(['E102 1:1']);
  });

  test('may be nested as deeply as anyone could want', () => {
    expect(parse(`${'['.repeat(100)}1${']'.repeat(100)}`).found).toEqual([]);
  });

  test('with a template that lacks its quotes gets the hint to quote it', () => {
    expect(parse('a: {{ name }}').hints).toEqual([
      'A value that begins with "{{" needs quotes: "{{ name }}".',
    ]);
    expect(parse('a: {{ name }}/x').hints).toEqual([
      'A value that begins with "{{" needs quotes: "{{ name }}".',
    ]);
  });
});

describe('a value without quotes that Ansible reads differently', () => {
  test.each([
    ['yes', 'yes'],
    ['Off', 'Off'],
    ['0644', 644],
    ['1_000', '1_000'],
    ['1.30', 1.3],
    ['12345678901234567890', 1.2345678901234567e19],
  ])('is a warning: %s', (text, value) => {
    const parsed = parse(`a: ${text}`);
    expect(parsed.found).toEqual(['E106 1:4']);
    expect(parsed.value).toEqual({a: value});
  });

  test.each([
    '"yes"',
    "'0644'",
    '0',
    '10',
    '1.5',
    '0.5',
    'true',
    'y',
    '9007199254740991',
    '0x1f',
    'yes please',
  ])('is none: %s', (text) => {
    expect(parse(`a: ${text}`).found).toEqual([]);
  });

  test('is not quoted when it is a password', () => {
    expect(parse('ansible_password: 0644').found).toEqual([]);
  });
});

/** What the Secrets of a map hold. */
const revealed = (value: unknown): readonly unknown[] =>
  Object.values(Object(value)).map((each) => (each instanceof Secret ? each.reveal() : 'not a secret'));

describe('secrets', () => {
  test('are made by a tag from text', () => {
    const {value} = parse('a: !secret hunter2\nb: !secret 0123\nc: !secret |\n  x\n  y\n');
    expect(revealed(value)).toEqual(['hunter2', '0123', 'x\ny\n']);
  });

  test('are made by a tag from the environment', () => {
    const {value, found} = parse('a: !env TOKEN', {TOKEN: 'hunter2'});
    expect(revealed(value)).toEqual(['hunter2']);
    expect(found).toEqual([]);
  });

  test('of the environment that are not set are a mistake with the command that sets them', () => {
    const {found, hints} = parse('a: !env TOKEN');
    expect(found).toEqual(['E301 1:9']);
    expect(hints).toEqual(['Set it before the run: export TOKEN=…']);
  });
});

describe('a place in a YAML file', () => {
  const text = 'hosts:\n  - name: a\n  - name: b\n    port: 22\n';
  const {node} = parse(text);

  test.each([
    [['hosts', 1, 'port'], 'key', 'port'],
    [['hosts', 1, 'port'], 'value', '22'],
    [['hosts', 0, 'name'], 'value', 'a'],
    [['hosts', 1, 'missing'], 'value', 'name: b\n    port: 22\n'],
    [['hosts', 7], 'key', 'hosts'],
  ] as const)('of %j, its %s, is found', (path, part, expected) => {
    if (!node) throw new Error('it parses');
    const {from, to} = rangeAt(node, path, part);
    expect(text.slice(from, to)).toBe(expected);
  });

  test('of a value that is not there is undefined', () => {
    if (!node) throw new Error('it parses');
    expect(nodeAt(node, ['hosts', 0, 'port'])).toBeUndefined();
    expect(nodeAt(node, ['hosts', 'name'])).toBeUndefined();
  });
});
