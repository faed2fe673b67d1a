import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {compileCondition, compileExpression, plainExpression} from '../../src/expression/condition.ts';
import {resolveNow} from '../../src/expression/staged.ts';
import type {Staged} from '../../src/model/graph.ts';
import {lateOf, scopeOf, told} from './support.ts';

const SCOPE = scopeOf(
  {
    port: 6443,
    name: 'cp1',
    on: true,
    list: ['a', 'b'],
    deep: {er: {'odd key': 1}},
    nothing: null,
    v: {labels: {a: 'x'}},
    password: new Secret('hunter2'),
    members: [
      {name: 'm1', weight: 2},
      {name: 'm2', weight: 3},
    ],
  },
  {cp1: {ip: '10.0.0.11'}},
);

const rangeOf = (text: string) => ({source: {file: 'tasks.yaml', text}, from: 0, to: text.length});

function condition(text: string): {
  readonly told: readonly string[];
  readonly staged: Staged<boolean> | undefined;
} {
  const problems = new Problems();
  const staged = compileCondition(text, rangeOf(text), problems)?.evaluate(SCOPE, problems);
  return {told: told(problems), staged};
}

function decided(text: string): boolean | undefined {
  const {told, staged} = condition(text);
  expect(told).toEqual([]);
  expect(staged?.stage).toBe('static');
  const resolved = staged && resolveNow(staged);
  return resolved?.ok ? resolved.value : undefined;
}

describe('a condition', () => {
  test.each([
    ['on', true],
    ['!on', false],
    ['port == 6443 && port > 80 && port + 1 == 6444', true],
    ['(port == 1 || name == "cp1") && !(name == "w1")', true],
    ['(port + 1) * 2 == 12888', true],
    ['"a" in list && size(list) == 2', true],
    ['list[1] == "b" && deep.er["odd key"] == 1', true],
    ['nothing == null', true],
    ['on ? name == "cp1" : port == 1', true],
    ['members.all(m, m.weight > 1) && members.exists(m, m.name == "m2" && m.weight < port)', true],
    ['members.filter(m, m.weight > 2).map(m, m.name) == ["m2"]', true],
    ['has(deep.er) && !has(deep.no) && !has(deep.no.more)', true],
    ['hosts["cp1"].vars.ip == "10.0.0.11"', true],
    ['hosts[name].vars.ip.startsWith("10.")', true],
    ['type(port) == int', true],
    ['password == "hunter2"', true],
    ['version_at_least("2.2.1", "2.2") && !version_at_least(name == "cp1" ? "1.9" : "3", "1.10")', true],
    ['cel.bind(x, port + 1, x == 6444)', true],
  ])('%s', (text, expected) => {
    expect(decided(text)).toBe(expected);
  });

  test.each([
    ['prot == 1', ['E301 "prot" "prot" is not defined here.']],
    ['on || prot == 1', ['E301 "prot" "prot" is not defined here.']],
    ['deep.err == 1', ['E301 "deep.err" "deep" has no "err".']],
    ['has(prot.x)', ['E301 "prot.x" "prot" is not defined here.']],
    ['port ==', ['E303 "" Unexpected token: EOF.']],
    [
      'name.matches("(a+)+")',
      ['E303 "name.matches("(a+)+")" "matches" is not part of the language: a pattern can run for ever.'],
    ],
    ['port + 1', ['E303 "port + 1" A condition is true or false, and this one gives int.']],
    ['"yes"', ['E303 ""yes"" A condition is true or false, and this one gives string.']],
    ['port && on', ['E303 "port && on" True or false is expected here, and this is a number.']],
    ['name + 1 == 2', ['E303 "name + 1 == 2" no such overload: string + int.']],
    [
      'password + 1 == 2',
      ['E303 "password + 1 == 2" It cannot be evaluated with these values, of which one is secret.'],
    ],
    [
      'version_at_least(name, "1")',
      ['E303 "version_at_least(name, "1")" This is not a version: numbers with dots between them are.'],
    ],
    ['nofunc(port)', ['E303 "nofunc(port)" found no matching overload for \'nofunc(dyn)\'.']],
    ['{{ on }}', ['E303 "{{ on }}" An expression is no template: leave out the braces.']],
  ])('%s is a mistake at its place', (text, expected) => {
    expect(condition(text).told).toEqual(expected);
  });

  test.each([
    ['!on && profile.arch == "arm64"', false],
    ['profile.arch == "arm64" && !on', false],
    ['on || tasks.x.outputs.y', true],
    ['on ? true : profile.selinux == "enforcing"', true],
    ['!on && deep.no.such == 1', false],
  ])('%s is decided without a host', (text, expected) => {
    expect(decided(text)).toBe(expected);
  });

  test('that needs the host waits for it, and for the tasks that it reads', () => {
    const {staged} = condition('profile.cpus >= 2 && on && tasks.x.outputs.done');
    expect([staged?.stage, staged?.reads]).toEqual(['output', ['x']]);
    expect(staged?.resolve(lateOf({cpus: 2}, {x: {done: true}}))).toEqual({ok: true, value: true});
    expect(staged?.resolve(lateOf({cpus: 1}, {x: {done: true}}))).toEqual({ok: true, value: false});
  });

  test('that turns out to be none says so', () => {
    const {staged} = condition('profile.arch');
    expect(staged?.resolve(lateOf({arch: 'amd64'}))).toMatchObject({
      ok: false,
      problem: 'A condition is true or false, and this one gives a text.',
    });
  });

  test('names what it reads, without the names of its own', () => {
    const problems = new Problems();
    const text = 'list.exists(x, x == name) && hosts[name].vars.ip == "" || has(v.labels)';
    expect(compileCondition(text, rangeOf(text), problems)?.names).toEqual(['list', 'name', 'hosts', 'v']);
  });
});

describe('an expression', () => {
  test.each([
    ['members.map(m, m.name)', ['m1', 'm2']],
    ['port + 1', 6444],
    ['{"a": port, "b": [1, 2.5, "x", true, null]}', {a: 6443, b: [1, 2.5, 'x', true, null]}],
    ['deep', {er: {'odd key': 1}}],
  ])('%s gives plain data', (text, expected) => {
    const problems = new Problems();
    const staged = compileExpression(text, rangeOf(text), problems)?.evaluate(SCOPE, problems);
    expect(staged && resolveNow(staged)).toEqual({ok: true, value: expected});
  });

  test('over a Secret gives a Secret', () => {
    const problems = new Problems();
    const staged = compileExpression('password + "!"', rangeOf('password + "!"'), problems)?.evaluate(
      SCOPE,
      problems,
    );
    const resolved = staged && resolveNow(staged);
    expect(resolved?.ok && resolved.value).toBeInstanceOf(Secret);
  });

  test('without a file runs over plain values', () => {
    const expression = plainExpression('time.offset_ms < 500 && peers.all(p, p.ok)');
    if (typeof expression === 'string') throw new Error(expression);
    expect(expression.names).toEqual(['time', 'peers']);
    expect(expression.run({time: {offset_ms: 20}, peers: [{ok: true}]})).toEqual({ok: true, value: true});
    expect(expression.run({time: {}, peers: []})).toEqual({ok: false, problem: '"time" has no "offset_ms".'});
  });

  test('without a file says what is wrong with it', () => {
    expect(plainExpression('1 +')).toBe('Unexpected token: EOF.');
    expect(plainExpression('a.matches("x")')).toContain('not part of the language');
  });
});
