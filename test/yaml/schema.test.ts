import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {placeOf} from '../../src/diagnostics/source.ts';
import type {Schema} from '../../src/yaml/inline.ts';
import {parseYaml} from '../../src/yaml/parse.ts';
import {checkValue, createSchemaChecker} from '../../src/yaml/schema.ts';
import {schemaProblem} from '../../src/yaml/validate.ts';

/** `code line:column detail | hint` for each mistake in a file. */
function check(text: string, schema: Schema): readonly string[] {
  const problems = new Problems();
  const node = parseYaml({file: 'x', text}, problems, {});
  if (node) createSchemaChecker(schema).check(node, problems);
  return problems.all
    .filter(({severity}) => severity === 'error')
    .map(({code, range, detail, hint}) => {
      const place = range ? placeOf(range).slice('x:'.length) : '';
      return `${code} ${place} ${detail}${hint === undefined ? '' : ` | ${hint}`}`;
    });
}

const map = (properties: Schema, rest: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...rest,
});

const TEXT = {type: 'string'};

describe('a property', () => {
  test.each([
    [
      'that is unknown is found at its key',
      'port: 1\nadress: x',
      ['E103 2:1 "adress" is not a property here. | Did you mean "address"?'],
    ],
    [
      'that is unlike all others names those',
      'zebra: 1',
      ['E103 1:1 "zebra" is not a property here. | Known here: address, port.'],
    ],
    [
      'that is there already is not suggested',
      'address: x\nadress: y',
      ['E103 2:1 "adress" is not a property here. | Known here: address, port.'],
    ],
  ])('%s', (_title, text, found) => {
    expect(check(text, map({address: TEXT, port: {type: 'integer'}}))).toEqual(found);
  });

  test('that is missing is told at its parent, with what it is for', () => {
    const schema = map({
      host: map({address: {...TEXT, description: 'Where it is.'}}, {required: ['address']}),
    });
    expect(check('host: {}', schema)).toEqual([
      'E104 1:1 "address" is needed in "host" and missing. | "address": Where it is.',
    ]);
  });

  test('that is misspelt silences that it is missing, and no other', () => {
    const schema = map({address: TEXT, port: TEXT}, {required: ['address', 'port']});
    expect(check('adress: x', schema).map((line) => line.slice(0, 25))).toEqual([
      'E104 1:1 "port" is needed',
      'E103 1:1 "adress" is not ',
    ]);
  });

  test('that needs another beside it says so', () => {
    const schema = map({a: TEXT, b: TEXT}, {dependencies: {a: ['b']}});
    expect(check('a: x', schema)).toEqual(['E104 1:1 "a" needs "b" beside it.']);
  });

  test('whose name does not fit is found at its key', () => {
    const schema = {type: 'object', propertyNames: {pattern: '^[a-z]+$'}};
    expect(check('ab: 1\nA: 2', schema)).toEqual([
      'E105 2:1 The name "A" cannot stand here; it must be a text that matches ^[a-z]+$.',
    ]);
  });
});

describe('a value that does not fit its schema', () => {
  test.each([
    [{type: 'integer', minimum: 1, maximum: 9}, '12', '"v" must be a whole number from 1 to 9, not 12.'],
    [{type: 'integer'}, '"12"', '"v" must be a whole number, not "12". | Write it without quotes.'],
    [{type: 'string'}, '12', '"v" must be a text, not 12. | Put it in quotes.'],
    [{type: 'string', enum: ['a', 'b']}, '3', '"v" must be one of "a", "b", not 3.'],
    [{const: 'a'}, 'b', '"v" must be "a", not "b".'],
    [{type: 'boolean'}, 'maybe', '"v" must be true or false, not "maybe".'],
    [{type: ['string', 'null']}, '[]', '"v" must be a text or empty, not a list.'],
    [{type: 'object'}, '[]', '"v" must be a map, not a list.'],
    [{type: 'array'}, '{}', '"v" must be a list, not a map.'],
    [{type: 'string', minLength: 1}, '""', '"v" must be a text that is not empty, not "".'],
    [{type: 'string', format: 'ipv4'}, 'x', '"v" must be an IPv4 address, not "x".'],
    [{type: 'number', exclusiveMinimum: 0}, '0', '"v" must be a number above 0, not 0.'],
    [{type: 'array', minItems: 2}, '[1]', '"v" must have at least 2 of them.'],
    [{type: 'array', uniqueItems: true}, '[1, 1]', '"v" has one item twice.'],
    [{type: 'object', not: {required: ['a', 'b']}}, '{a: 1, b: 2}', '"a" and "b" exclude each other.'],
    [
      {type: 'string', pattern: '^a', description: 'A name.'},
      'b',
      '"v" must be a text that matches ^a, not "b". | A name.',
    ],
    [{anyOf: [TEXT, {type: 'array'}]}, '3', '"v" must be a text or a list, not 3.'],
    [
      {oneOf: [{type: 'integer'}, {type: 'number'}]},
      '3',
      '"v" fits more than one of the forms that it may have.',
    ],
  ])('%j: %s', (schema, text, found) => {
    expect(check(`v: ${text}`, map({v: schema}))).toEqual([`E105 1:4 ${found}`]);
  });

  test('is named with its index, and found in its place, inside of a list', () => {
    const schema = map({ports: {type: 'array', items: {type: 'integer'}}});
    expect(check('ports:\n  - 1\n  - x', schema)).toEqual([
      'E105 3:5 "ports[1]" must be a whole number, not "x".',
    ]);
  });

  test('is found at its key when it is a whole block', () => {
    expect(check('v:\n  a: 1\n  b: 2', map({v: TEXT}))).toEqual(['E105 1:1 "v" must be a text, not a map.']);
  });

  test('is cut when it is long', () => {
    const [line = ''] = check(`v: ${'a'.repeat(500)}`, map({v: {type: 'integer'}}));
    expect(line.length).toBeLessThan(120);
  });
});

describe('a choice between forms', () => {
  const schema = map({
    v: {
      oneOf: [
        {type: 'string', pattern: '^[a-z]+$'},
        {
          type: 'object',
          properties: {kind: {const: 'file'}, path: TEXT},
          required: ['kind'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: {kind: {const: 'unit'}, name: TEXT},
          required: ['kind'],
          additionalProperties: false,
        },
      ],
    },
  });

  test.each([
    ['a text that is wrong in itself', 'A', 'E105 1:4 "v" must be a text that matches ^[a-z]+$, not "A".'],
    [
      'a map by its discriminator',
      '{kind: unit, nam: x}',
      'E103 1:17 "nam" is not a property here. | Did you mean "name"?',
    ],
  ])('explains %s', (_title, text, found) => {
    expect(check(`v: ${text}`, schema)).toEqual([found]);
  });

  test('of properties asks for one of them', () => {
    const either = {anyOf: [{required: ['content']}, {required: ['src']}]};
    expect(check('v: {}', map({v: {type: 'object', ...either}}))).toEqual([
      'E104 1:1 "content" or "src" is needed in "v". | One of them is enough.',
    ]);
  });

  test('behind a reference is explained as well', () => {
    const named = {
      $defs: {port: {type: 'integer'}},
      ...map({v: {anyOf: [{$ref: '#/$defs/port'}, {type: 'boolean'}]}}),
    };
    expect(check('v: x', named)).toEqual(['E105 1:4 "v" must be a whole number or true or false, not "x".']);
  });

  test('that refers to itself is checked to its depth', () => {
    const tree = {
      ...map({child: {$ref: '#/$defs/tree'}}),
      $defs: {tree: map({name: TEXT, child: {anyOf: [{type: 'null'}, {$ref: '#/$defs/tree'}]}})},
    };
    expect(check('child: {child: {child: {nmae: x}}}', tree)).toEqual([
      'E103 1:25 "nmae" is not a property here. | Did you mean "name"?',
    ]);
  });
});

describe('a rendered value', () => {
  const schema = map({
    path: {...TEXT, pattern: '^/'},
    mode: {...TEXT, default: '0644'},
    content: {...TEXT, 'x-secret': true},
    options: {type: 'object', properties: {force: {type: 'boolean', default: false}}},
  });

  test('gets its defaults, at every depth, in a copy', () => {
    const given = {path: '/a', options: {}};
    const {value, problems} = checkValue(given, schema);
    expect(problems).toEqual([]);
    expect(value).toEqual({path: '/a', mode: '0644', options: {force: false}});
    expect(given).toEqual({path: '/a', options: {}});
  });

  test('keeps its secrets where the schema allows them', () => {
    const secret = new Secret('hunter2');
    const {value, problems} = checkValue({content: secret}, schema);
    expect(problems).toEqual([]);
    expect(value).toEqual({content: secret, mode: '0644'});
    expect(Reflect.get(Object(value), 'content')).toBe(secret);
  });

  test.each([
    ['where the schema does not allow it', {path: new Secret('/hunter2')}, 'misplaced-secret'],
    ['which is wrong besides', {path: new Secret('hunter2')}, 'wrong-value'],
    ['of an unknown property', {passwort: new Secret('hunter2')}, 'unknown-property'],
  ])('never tells a secret %s', (_title, value, kind) => {
    const {problems} = checkValue(value, schema);
    expect(problems.map((problem) => problem.kind)).toContain(kind);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('that is a wrong secret is refused without telling it', () => {
    const pin = map({pin: {...TEXT, pattern: '^[0-9]+$', 'x-secret': true}});
    const {problems} = checkValue({pin: new Secret('hunter2')}, pin);
    expect(problems.map(({message}) => message)).toEqual([
      '"pin" must be a text that matches ^[0-9]+$, not this secret.',
    ]);
  });

  test('under the name of a password is not told either', () => {
    const {problems} = checkValue({password: 4711}, map({password: TEXT}));
    expect(problems.map(({message}) => message)).toEqual(['"password" must be a text, not this secret.']);
  });

  test('may hold keys with the letters of a pointer', () => {
    const files = {type: 'object', additionalProperties: {type: 'object', properties: {a: TEXT}}};
    const {problems} = checkValue({'/etc/a~b': {a: 1}}, files);
    expect(problems.map(({path}) => path)).toEqual([['/etc/a~b', 'a']]);
  });
});

test('a schema that is wrong itself is described, a right one is not', () => {
  expect(schemaProblem({type: 'strin'})).toContain('type');
  expect(schemaProblem({type: 'string', 'x-secret': true})).toBeUndefined();
  expect(schemaProblem({$schema: 'http://json-schema.org/draft-07/schema#', type: 'object'})).toBeUndefined();
});
