import {readFileSync} from 'node:fs';

import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  double,
  integer,
  jsonValue,
  oneof,
  property,
} from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {HelperMistake} from '../../src/expression/helper.ts';
import {HELPERS} from '../../src/expression/helpers.ts';
import {toJson, toYaml} from '../../src/expression/notations.ts';
import {resolveNow} from '../../src/expression/staged.ts';
import {compileTemplateFile} from '../../src/expression/template-file.ts';
import {schemaOf} from '../../src/expression/type-only.ts';
import {couldFit} from '../../src/yaml/schema-paths.ts';
import {scopeOf, told} from './support.ts';

const SCOPE = scopeOf({
  text: 'a\nb\n\nc',
  list: [1, 'two', true],
  other: ['x'],
  map: {name: 'a b', list: [1, {x: 'no'}], empty: {}, none: []},
  yaml: 'name: 1\nx:\n  - list\nlist:\n  - name: 3\nz: {name: 2}\n',
  args: '  - {name: v, value: "2"}\n  - {name: w, value: "1"}\n',
  none: [],
  pair: {name: 'b', more: 1},
  named: [{name: 'v', value: '3'}],
  number: 3,
  nothing: null,
  net: '10.244.0.0/16',
  net6: 'fd00:10::/64',
});

function rendered(text: string): string {
  const problems = new Problems();
  const staged = compileTemplateFile({file: 'x.hbs', text}, problems)?.render(SCOPE, problems);
  const resolved = staged && resolveNow(staged);
  return resolved?.ok ? String(resolved.value) : told(problems).join('\n');
}

const CASES: readonly (readonly [string, string])[] = [
  ['{{ default nothing "x" }}{{ default missing.deep "y" }}{{ default number 9 }}', 'xy3'],
  ['{{ json map.list }}', '[1,{"x":"no"}]'],
  ['{{ json other indent=2 }}', '[\n  "x"\n]'],
  ['{{ yaml map }}', 'name: a b\nlist:\n  - 1\n  - x: "no"\nempty: {}\nnone: []'],
  ['{{ toml map.list }}', '[1, {x = "no"}]'],
  ['{{ toml number }} {{ toml true }} {{ toml "a\\"b" }}'.replace('"a\\"b"', `'a"b'`), '3 true "a\\"b"'],
  ['  {{ indent text 2 }}', '  a\n  b\n\n  c'],
  ['{{ join list }} {{ join list "-" }}', '1, two, true 1-two-true'],
  ['{{ concat "a" number "b" }}', 'a3b'],
  ['{{ join (concat list other) }}', '1, two, true, x'],
  ['{{ join (split "a,b,,c" ",") "|" }} {{ replace "a.b.c" "." "$&" }}', 'a|b||c a$&b$&c'],
  ['{{ json (merge map pair) }}', '{"name":"b","list":[1,{"x":"no"}],"empty":{},"none":[],"more":1}'],
  ['{{ after "two" list }} {{ after true list }} {{ after "x" other }}', 'true 1 x'],
  ['{{ without yaml map }}', 'x:\n  - list\nz: {name: 2}\n'],
  ['{{ without args named }}', '  - {name: w, value: "1"}\n'],
  ['{{ without args none }}', '  - {name: v, value: "2"}\n  - {name: w, value: "1"}\n'],
  ['{{ dirname "/var/log/audit.log" }} {{ dirname "/x" }}', '/var/log /'],
  ['{{ upper "ab" }}{{ lower "AB" }}', 'ABab'],
  ['{{ b64 "häh" }} {{ b64decode "aMOkaA==" }}', 'aMOkaA== häh'],
  ['{{ sha256 "abc" }}', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['{{ eq number 3 }} {{ ne number 3 }} {{ eq list (concat list) }}', 'true false true'],
  [
    '{{ and number text }} {{ or nothing false }} {{ not nothing }} {{ in "two" list }}',
    'true false true true',
  ],
  [
    '{{ cidr_host net 1 }} {{ cidr_host net -2 }} {{ cidr_host net6 10 }}',
    '10.244.0.1 10.244.255.254 fd00:10::a',
  ],
  ['{{ cidr_subnet net 8 3 }} {{ cidr_subnet net6 16 1 }}', '10.244.3.0/24 fd00:10:0:0:1::/80'],
  [
    '{{ cidr_contains net "10.244.9.9" }} {{ cidr_contains net "10.0.0.0/8" }} {{ cidr_contains net "fd00::1" }}',
    'true false false',
  ],
  ['{{ minor_version "1.36.4" }} {{ minor_version "v2.0" }}', '1.36 2.0'],
  ['{{ minor_version "4.18.0-553.el8_10.x86_64" }} {{ minor_version "5.10.110-v8+" }}', '4.18 5.10'],
  ['{{ version_at_least "1.36.4" "1.36" }} {{ version_at_least "v1.9" "1.10" }}', 'true false'],
  [
    '{{ version_at_least "2.3.0-rc.1" "2.3" }} {{ version_at_least "2.3.0-rc.2" "2.3.0-rc.1" }}',
    'false true',
  ],
  ['{{ cidr_overlaps "10.0.0.0/8" net }} {{ cidr_overlaps net "172.16.0.0/12" }}', 'true false'],
  ['{{ cidr_prefix net }} {{ ip_family net6 }} {{ ip_family "10.0.0.1" }}', '16 6 4'],
];

describe('a helper', () => {
  test.each(CASES)('%s', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });

  test.each([
    ['{{ b64decode "%%%" }}', 'E302 "b64decode" This is not base64.'],
    ['{{ join number }}', 'E302 "join" A list is expected here.'],
    ['{{ upper number }}', 'E302 "upper" A text is expected here, and this is a number.'],
    ['{{ indent text -1 }}', 'E302 "indent" A whole number, 0 or more, is expected here.'],
    ['{{ cidr_host net 65536 }}', 'E302 "cidr_host" The network has only 65536 addresses.'],
    ['{{ cidr_host "10.1" 1 }}', 'E302 "cidr_host" This is not an address or a network.'],
    ['{{ cidr_host "10.0.0.0/33" 1 }}', 'E302 "cidr_host" The length of a prefix is a number from 0 to 32.'],
    ['{{ cidr_subnet net 20 0 }}', 'E302 "cidr_subnet" A prefix has at most 32 bits.'],
    ['{{ cidr_subnet net 1 2 }}', 'E302 "cidr_subnet" There are only 2 such subnets.'],
    [
      '{{ version_at_least "new" "1" }}',
      'E302 "version_at_least" This is not a version: numbers with dots between them are.',
    ],
    ['{{ toml nothing }}', 'E302 "toml" TOML has no word for null.'],
  ])('says what is wrong with %s', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });

  test.each([...HELPERS.keys()])('%s has a test and stands in the manual', (name) => {
    expect(CASES.some(([text]) => new RegExp(`[{(]\\s*${name} `).test(text))).toBe(true);
    expect(readFileSync('docs/templates.md', 'utf8')).toContain(`\`${HELPERS.get(name)?.usage}\``);
  });
});

const anyJson = jsonValue({maxDepth: 4}).filter((value) => !JSON.stringify(value).includes('-0'));

test('yaml can be read back, in both versions of YAML', () => {
  expect(toYaml({e0: ['e1', 'on', 'one']})).toBe('"e0":\n  - "e1"\n  - "on"\n  - one');
  assert(
    property(anyJson, (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(parse(toYaml(plain), {version: '1.2'})).toEqual(plain);
      expect(parse(toYaml(plain), {version: '1.1'})).toEqual(plain);
    }),
  );
});

test('json can be read back', () => {
  assert(
    property(anyJson, (value) => {
      expect(JSON.parse(toJson(value, 2))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

describe('a template file', () => {
  test('has no lines where its blocks stand alone', () => {
    expect(rendered('a\n{{#each other}}\n- {{ this }}\n{{/each}}\n{{! remark }}\nz\n')).toBe('a\n- x\nz\n');
  });

  test('is told to have a mistake at its line', () => {
    const problems = new Problems();
    const file = compileTemplateFile({file: 'x.hbs', text: 'a\nb {{ missing }}\n'}, problems);
    file?.render(SCOPE, problems);
    expect(told(problems)).toEqual(['E301 "missing" "missing" is not defined here.']);
  });

  test('that cannot be read is reported, and not rendered', () => {
    const problems = new Problems();
    expect(compileTemplateFile({file: 'x.hbs', text: 'a\n{{#if x}}\n'}, problems)).toBeUndefined();
    expect(told(problems)).toHaveLength(1);
  });
});

describe('what a helper says of its types is so:', () => {
  const scalar = oneof(
    constantFrom('10.0.0.0/8', '10.0.0.1', 'fd00::/64', '1.36.4', 'a b', 'aGk=', '/a/b', ''),
    integer({min: -2, max: 300}),
    double({min: 0.25, max: 0.75}),
    boolean(),
    constant(null),
  );
  const value = oneof(scalar, array(scalar, {maxLength: 3}), dictionary(constantFrom('a', 'b'), scalar));

  test.each([...HELPERS])('%s', (name, helper) => {
    const [least, most] = helper.args;
    const args = array(value, {minLength: least, maxLength: Math.min(most, least + 2)});
    assert(
      property(args, (given) => {
        const isRefused = given.some(
          (each, index) => !couldFit(schemaOf(each), helper.takes[index] ?? helper.takes.at(-1) ?? {}),
        );
        const result = resultOf(() => helper.run(given, {}));
        if (isRefused) expect(result, name).toBeInstanceOf(HelperMistake);
        else if (!(result instanceof HelperMistake))
          expect(couldFit(schemaOf(result), helper.gives(given.map(schemaOf)))).toBe(true);
      }),
      {numRuns: 500},
    );
  });
});

function resultOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof HelperMistake) return error;
    throw error;
  }
}
