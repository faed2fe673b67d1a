import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {evaluate} from '../../src/expression/evaluate.ts';
import type {Scope} from '../../src/expression/scope.ts';
import {resolveNow} from '../../src/expression/staged.ts';
import {lateOf, scopeOf, taskId, told, yamlOf} from './support.ts';

const VARIABLES = {
  port: 6443,
  name: 'cp1',
  list: ['a', 'b'],
  deep: {er: {'odd key': 1}},
  on: true,
  nothing: null,
  password: new Secret('hunter2'),
  member: {name: 'inner', address: '10.0.0.1'},
  members: [{address: '10.0.0.1'}, {address: '10.0.0.2'}],
};
const HOSTS = {cp1: {ip: '10.0.0.11'}, w1: {ip: '10.0.0.12'}};
const SCOPE = scopeOf({...VARIABLES, group: ['cp1', 'w1']}, HOSTS);

function value(text: string, scope: Scope = SCOPE): unknown {
  const problems = new Problems();
  const result = evaluate(yamlOf(text), scope, problems);
  expect(told(problems)).toEqual([]);
  expect(result.stage).toBe('static');
  const resolved = resolveNow(result);
  return resolved.ok ? resolved.value : resolved.problem;
}

function mistakes(text: string, scope: Scope = SCOPE): readonly string[] {
  const problems = new Problems();
  evaluate(yamlOf(text), scope, problems);
  return told(problems);
}

describe('a value', () => {
  test.each([
    ['x: plain', {x: 'plain'}],
    ['x: [1, true, null, 2.5]', {x: [1, true, null, 2.5]}],
    ['x: "{{ port }}"', {x: 6443}],
    ['x: "{{ list }}"', {x: ['a', 'b']}],
    ['x: "{{ nothing }}"', {x: null}],
    ['x: "{{ on }}"', {x: true}],
    ['x: "port {{ port }} on {{ name }}"', {x: 'port 6443 on cp1'}],
    ['x: "{{ deep.er.[odd key] }}"', {x: 1}],
    [`x: "{{ deep['er']['odd key'] }}"`, {x: 1}],
    ['x: "{{ list[1] }}{{ list.[0] }}"', {x: 'ba'}],
    [`x: "{{ hosts['w1'].vars.ip }}"`, {x: '10.0.0.12'}],
    ['x: "{{ hosts[name].vars.ip }}"', {x: '10.0.0.11'}],
    [
      'x: "{{#each group}}{{ hosts[this].vars.ip }}:{{ port }}{{#unless @last}},{{/unless}}{{/each}}"',
      {x: '10.0.0.11:6443,10.0.0.12:6443'},
    ],
    ['x: "{{#each members as |m i|}}{{ i }}={{ m.address }} {{/each}}"', {x: '0=10.0.0.1 1=10.0.0.2 '}],
    ['x: "{{#each member}}{{ @key }}={{ this }};{{/each}}"', {x: 'name=inner;address=10.0.0.1;'}],
    [
      'x: "{{#with member}}{{ name }} {{ ../name }} {{ @root.name }} {{ port }}{{/with}}"',
      {x: 'inner cp1 cp1 6443'},
    ],
    ['x: "{{#if nothing}}a{{else if on}}b{{else}}c{{/if}}"', {x: 'b'}],
    ['x: "{{#unless (eq port 80)}}other{{/unless}}"', {x: 'other'}],
    [
      'x: "{{ default missing 5 }} {{ default nothing "none" }} {{ default deep.er.no (upper name) }}"'.replaceAll(
        '"none"',
        "'none'",
      ),
      {x: '5 none CP1'},
    ],
    ['"{{ name }}-key": 1', {'cp1-key': 1}],
    ['x: \\{{ name }}', {x: '{{ name }}'}],
    ['x: "a{{!-- {{ missing }} --}}b"', {x: 'ab'}],
    ['x: |\n  {{#if on}}\n  yes\n  {{/if}}\n  end\n', {x: 'yes\nend\n'}],
  ])('of %s', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  test('holds what its own objects have, and nothing of JavaScript', () => {
    expect(mistakes('x: "{{ member.constructor }}{{ list.length }}{{ name.length }}"')).toEqual([
      'E301 "member.constructor" "member" has no "constructor".',
      'E301 "list.length" "list" is a list of 2; it has no "length".',
      'E301 "name.length" "name" is a string, so it has no "length".'.replace('a string', 'a string'),
    ]);
  });
});

describe('a mistake stands at its place', () => {
  test.each([
    ['x: "{{ prot }}"', ['E301 "prot" "prot" is not defined here.']],
    ['x: "a\\tb {{ port }} {{ deep.err }}"', ['E301 "deep.err" "deep" has no "err".']],
    ['x: |\n    first\n    {{ port }} {{ missing }}\n', ['E301 "missing" "missing" is not defined here.']],
    ["x: 'it''s {{ missing }}'", ['E301 "missing" "missing" is not defined here.']],
    [`x: "{{ hosts['w9'].vars.ip }}"`, [`E301 "hosts['w9'].vars.ip" "hosts" is not defined here.`]],
    ['x: "{{#if on}}{{else}}{{ missing }}{{/if}}"', ['E301 "missing" "missing" is not defined here.']],
    ['x: "{{#each list}}{{ missing }}{{/each}}"', ['E301 "missing" "missing" is not defined here.']],
    ['"{{ missing }}": 1', ['E301 "missing" "missing" is not defined here.']],
    ['x: "{{ jsn port }}"', ['E302 "jsn" There is no helper "jsn".']],
    ['x: "{{ join }}"', ['E301 "join" "join" is not defined here.']],
    ['x: "{{ join list port name }}"', ['E302 "join" "join" is used as: join LIST [SEPARATOR]']],
    ['x: "{{ json port size=2 }}"', ['E302 "size=2" "json" has no option "size".']],
    [
      'x: "{{{ port }}}"',
      ['E302 "{{{ port }}}" Nothing is escaped here, so "{{{" and "{{&" mean nothing more.'],
    ],
    [
      'x: "{{> part }}"',
      ['E302 "{{> part }}" Partials, decorators and raw blocks are not part of the language.'],
    ],
    ['x: "{{#foo}}{{/foo}}"', ['E302 "foo" There is no block "#foo".']],
    ['x: "{{ port "', ['E302 "{{" This "{{" is never closed by "}}".']],
    [
      'x: "a {{#if on}} b"',
      ['E302 "{{#if on}} b" The template cannot be read: it ends inside a block or an expression.'],
    ],
    [
      'x: "{{#if on}}{{/each}}"',
      ['E302 "{{#if on}}{{/each}}" The template cannot be read: the block "if" is closed by "each".'],
    ],
    ['x: "a {{ list }}"', ['E307 "list" This is a list, which has no place in a text.']],
    ['x: "a {{ nothing }}"', ['E307 "nothing" This is null, which has no place in a text.']],
    [
      'x: "{{#each port}}{{/each}}"',
      ['E307 "port" "#each" goes over a list or a map, and this is a number.'],
    ],
    ['"{{ password }}": 1', ['E307 "\\"{{ password }}\\"" A key is a text or a number, and never secret.']],
  ])('of %s', (text, expected) => {
    if (expected)
      expect(mistakes(text).map((each) => each.replaceAll('"\\"', '"\\"'))).toEqual(
        expected.map((each) => each.replaceAll('\\"', '"')),
      );
  });

  test('once, however many hosts have it', () => {
    const problems = new Problems();
    const node = yamlOf('x: "{{ missing }}"');
    for (let host = 0; host < 3; host++) evaluate(node, SCOPE, problems);
    expect(told(problems)).toHaveLength(1);
  });

  test('with the name that was meant', () => {
    const problems = new Problems();
    evaluate(yamlOf('x: "{{ prot }}"'), SCOPE, problems);
    expect(problems.all[0]?.hint).toBe('Did you mean "port"?');
  });

  test('but a condition may ask for a property that is missing', () => {
    expect(value('x: "{{#if nothing}}{{ deep.no.such }}{{/if}}"')).toEqual({x: ''});
  });
});

/** The value of `x`, which must be secret. */
function secretOf(map: unknown): Secret {
  const x: unknown = Reflect.get(Object(map), 'x');
  if (x instanceof Secret) return x;
  throw new Error('It is not secret');
}

describe('a Secret', () => {
  test('stays one, with its type', () => {
    const x = secretOf(value('x: "{{ password }}"'));
    expect(x.reveal()).toBe('hunter2');
  });

  test.each([
    ['x: "token={{ password }}"', 'token=hunter2'],
    ['x: "{{ b64 password }}"', 'aHVudGVyMg=='],
    [`x: "{{ json (concat password '!') }}"`, '"hunter2!"'],
    ['x: "{{#if on}}{{ upper password }}{{/if}}"', 'HUNTER2'],
  ])('makes a Secret of %s', (text, expected) => {
    const x = secretOf(value(text));
    expect(x.reveal()).toBe(expected);
  });

  test('is in no message', () => {
    const all = mistakes('x: "{{ cidr_host password 1 }}{{ b64decode password }}{{ password.x }}"');
    expect(all).toHaveLength(3);
    expect(all.join()).not.toContain('hunter2');
  });
});

describe('a late value', () => {
  const problems = new Problems();

  test('has the stage of what it reads, and the tasks', () => {
    const result = evaluate(
      yamlOf('{a: 1, b: "{{ tasks.ca.outputs.hash }}", c: "{{ profile.arch }}"}'),
      SCOPE,
      problems,
    );
    expect(result.stage).toBe('output');
    expect(result.reads).toEqual([taskId('ca')]);
    const late = lateOf({arch: 'amd64'}, {ca: {hash: 'abc'}});
    expect(result.resolve(late)).toEqual({ok: true, value: {a: 1, b: 'abc', c: 'amd64'}});
  });

  test('is not waited for where a condition leaves it out', () => {
    const result = evaluate(
      yamlOf('x: "{{#if on}}a{{else}}{{ tasks.ca.outputs.hash }}{{/if}}"'),
      SCOPE,
      problems,
    );
    expect([result.stage, result.reads]).toEqual(['static', []]);
  });

  test('is looked through in both branches of a late condition', () => {
    const own = new Problems();
    evaluate(yamlOf('x: "{{#if profile.swap}}{{ missing }}{{else}}{{ nobody }}{{/if}}"'), SCOPE, own);
    expect(told(own)).toHaveLength(2);
  });

  test('tells what is wrong with it once it is known', () => {
    const result = evaluate(yamlOf('x: "a {{ profile.os.name }}"'), SCOPE, problems);
    const resolved = result.resolve(lateOf({os: {id: 'debian'}}));
    expect(resolved).toMatchObject({ok: false, problem: '"profile.os" has no "name".'});
  });

  test('has items that are looked into later', () => {
    const text = 'x: "{{#each profile.addresses as |address|}}{{ address }}:{{ port }} {{/each}}"';
    const result = evaluate(yamlOf(text), SCOPE, problems);
    expect(result.stage).toBe('profile');
    expect(result.resolve(lateOf({addresses: ['a', 'b']}))).toEqual({ok: true, value: {x: 'a:6443 b:6443 '}});
  });

  test('may stand in brackets behind a variable, whose known part is looked at now', () => {
    const own = new Problems();
    const result = evaluate(yamlOf('x: "{{ deep[name][profile.arch] }}"'), SCOPE, own);
    expect(told(own)).toEqual(['E301 "deep[name][profile.arch]" "deep" has no "cp1".']);
    expect(result.stage).toBe('static');
    const table = evaluate(yamlOf('x: "{{ deep[\'er\'][profile.key] }}"'), SCOPE, problems);
    expect(table.resolve(lateOf({key: 'odd key'}))).toEqual({ok: true, value: {x: 1}});
    expect(table.resolve(lateOf({key: 'other'}))).toMatchObject({
      ok: false,
      problem: '"deep.er" has no "other".',
    });
  });

  test('cannot say whose variables are read', () => {
    const own = new Problems();
    evaluate(yamlOf('x: "{{ hosts[profile.hostname].vars.ip }}"'), SCOPE, own);
    expect(told(own)).toEqual([
      'E302 "hosts[profile.hostname].vars.ip" What stands between these brackets must be known before any host is asked.',
    ]);
  });
});
