import {describe, expect, test} from 'vitest';
import {groupedBy} from '../../src/base/grouped.ts';
import {Secret} from '../../src/base/secret.ts';
import {BRACKETS} from '../../src/brackets/registry.ts';
import {PLAYBOOK_SCHEMA, ROLE_SCHEMA, TASK_WORDS} from '../../src/catalog/schemas.ts';
import {unknown} from '../../src/model/answer.ts';
import {isAtLeast, isPending, type PendingChange, type Verdict} from '../../src/model/change.ts';
import {ALL_OF_CLUSTER, covers, type Fact, type FactQuery, idOf} from '../../src/model/fact.ts';
import type {JsonSchema, Resource} from '../../src/model/resource.ts';
import {display, isScript} from '../../src/model/step.ts';
import type {ResourceDefinition, ResourceExample} from '../../src/resources/define.ts';
import {RESOURCES} from '../../src/resources/registry.ts';
import {schemaProblem} from '../../src/yaml/validate.ts';
import {hostName} from '../support/graphs.ts';
import {bound, checked, contextOf, givenFacts} from '../support/resources.ts';
import {hasShellcheck, shellcheck} from '../support/shellcheck.ts';

const TYPES = [...RESOURCES].map(([kind, definition]) => ({kind, definition}));
/** Types that change nothing. */
const LOOKING: ReadonlySet<string> = new Set(['check', 'look']);
const PEER = hostName('node2');

describe.each(TYPES)('$kind', ({kind, definition}) => {
  test('is listed by its name, and says what it is and what each property means', () => {
    expect(definition.kind).toBe(kind);
    expect(definition.summary).toMatch(/^[A-Z].*\.$/s);
    expect(undescribed(definition.schema)).toEqual([]);
    if (definition.outputs) expect(undescribed(definition.outputs)).toEqual([]);
    expect(definition.schema['additionalProperties']).toBe(false);
    expect(schemaProblem(definition.schema)).toBeUndefined();
  });

  test('has examples for something to do and for nothing, six at most', () => {
    const actions = definition.examples.map(({action}) => action);
    expect(actions).toContain('none');
    if (!LOOKING.has(kind)) expect(actions.some((action) => action !== 'none')).toBe(true);
    expect(actions.length).toBeLessThanOrEqual(6);
  });

  test('refuses what it does not know', () => {
    expect(checked(definition, {no_such_property: 1}).problems).not.toEqual([]);
  });

  describe.each(definition.examples.map((example) => ({title: example.title, example})))(
    '$title',
    ({example}) => {
      conforms(kind, definition, example);
    },
  );
});

function conforms(kind: string, definition: ResourceDefinition, example: ResourceExample<object>): void {
  const open = (): Resource => bound(kind, example.spec, example.profile);

  test('is decided as it says, twice the same', () => {
    expect(checked(definition, example.spec).problems).toEqual([]);
    const verdict = verdictOf(open(), example.facts, example);
    expect(verdict).toMatchObject({action: example.action});
    const steps = isPending(verdict) ? verdict.steps : [];
    expect(steps.map(display)).toEqual(example.commands);
    expect(shown(verdictOf(open(), example.facts, example))).toEqual(shown(verdict));
  });

  test('asks what its example answers, under a key that says what it is about', () => {
    const asked = new Set(open().facts.map(idOf));
    expect(example.facts.map(({query}) => idOf(query)).filter((id) => !asked.has(id))).toEqual([]);
    expect(open().key).toMatch(/^[a-z_]+:./s);
    expect(definition.keyOf(checked(definition, example.spec).spec)).toBe(open().key);
  });

  test('touches no more than it may, and predicts only what it touches', () => {
    const resource = open();
    const verdict = verdictOf(resource, example.facts, example);
    if (!isPending(verdict)) return;
    expect(beyond(verdict, resource)).toEqual([]);
    const stray = verdict.predicts.filter(({query}) => !isTouched(verdict, query));
    expect(stray.map(({query}) => idOf(query))).toEqual([]);
  });

  test('has nothing left to do where all that it predicts is true', () => {
    const resource = open();
    const verdict = verdictOf(resource, example.facts, example);
    if (!isPending(verdict)) return;
    const predicted = new Set(verdict.predicts.map(({query}) => idOf(query)));
    if (resource.facts.some((query) => isTouched(verdict, query) && !predicted.has(idOf(query)))) return;
    if (verdict.touches !== 'everything' && !resource.facts.some((query) => predicted.has(idOf(query))))
      return;
    expect(verdictOf(resource, [...example.facts, ...verdict.predicts], example)).toMatchObject({
      action: 'none',
    });
  });

  test('hands on what could not be looked at, and reads nothing else', () => {
    const resource = open();
    const given = shown(verdictOf(resource, example.facts, example));
    for (const query of resource.facts) {
      const verdict = verdictOf(
        resource,
        [...example.facts, {query, answer: unknown('it is hidden')}],
        example,
      );
      // A check tells it as a finding. Whoever says nothing of it decides as if it had been seen.
      const isTold = JSON.stringify(shown(verdict)).includes('it is hidden');
      if (!isTold) expect(shown(verdict), idOf(query)).toEqual(given);
    }
  });

  test('does nothing worse than its type says', () => {
    const resource = open();
    const verdict = verdictOf(resource, example.facts, example);
    if (isPending(verdict)) expect(isAtLeast(resource.worst, verdict.impact)).toBe(true);
  });

  test('shows no secret', () => {
    const verdict = verdictOf(open(), example.facts, example);
    const {steps = [], ...shown} = isPending(verdict) ? verdict : {};
    const texts = [JSON.stringify(shown), open().key, ...steps.map(display), ...open().facts.map(idOf)].join(
      '\n',
    );
    for (const secret of secretsIn(example.spec)) expect(texts).not.toContain(secret.reveal());
  });

  test.runIf(hasShellcheck)('has programs that shellcheck finds clean', () => {
    const verdict = verdictOf(open(), example.facts, example);
    const scripts = (isPending(verdict) ? verdict.steps : []).filter(isScript);
    const byKind = groupedBy(open().facts, (query) => query.kind);
    const programs = [...byKind].map(([each, queries]) => each.program(queries.map(({key}) => key)));
    expect([...scripts, ...programs].map(shellcheck).join('')).toBe('');
  });
}

const verdictOf = (resource: Resource, facts: readonly Fact[], {profile}: ResourceExample<object>) => {
  const own = givenFacts(resource.facts, facts);
  const peers = resource.scope === 'play' ? new Map([[PEER, own]]) : new Map();
  return resource.diff(own, contextOf(profile, peers));
};

test.each([
  ['a role', ROLE_SCHEMA],
  ['a playbook', PLAYBOOK_SCHEMA],
  ['a task', {type: 'object', properties: TASK_WORDS}],
])('what %s may say is a schema', (_, schema) => {
  expect(schemaProblem(schema)).toBeUndefined();
});

const BRACKET_TYPES = [...BRACKETS].map(([kind, definition]) => ({kind, definition}));
const noBytes = (count: number): Uint8Array => new Uint8Array(count);

describe.each(BRACKET_TYPES)('bracket $kind', ({kind, definition}) => {
  test('is listed by its name, and says what it is and what each property means', () => {
    expect(definition.kind).toBe(kind);
    expect(definition.summary).toMatch(/^[A-Z].*\.$/s);
    expect(undescribed(definition.schema)).toEqual([]);
    expect(definition.schema['additionalProperties']).toBe(false);
    expect(schemaProblem(definition.schema)).toBeUndefined();
    expect(definition.examples.length).toBeGreaterThan(0);
  });

  test.each(definition.examples)('opens and closes: $title', (example) => {
    const {spec, facts: given = [], ending = 'complete', open, close} = example;
    const {spec: filled, problems} = checked(definition, spec);
    expect(problems).toEqual([]);
    const bracket = definition.bind(filled, noBytes);
    const facts = givenFacts(bracket.facts, given);
    const sides = [bracket.open(facts), bracket.close(facts, ending)];
    expect(sides.map((steps) => steps.map(display))).toEqual([open, close]);
    expect(bracket.key).toMatch(/^[a-z_]+:./s);
    const shownTexts = sides.flat().map(display).join('\n');
    for (const secret of secretsIn([spec, bracket.outputs]))
      expect(shownTexts).not.toContain(secret.reveal());
    if (hasShellcheck) expect(sides.flat().filter(isScript).map(shellcheck).join('')).toBe('');
  });
});

/** Steps may hold functions, which are never equal. */
const shown = (verdict: Verdict): unknown =>
  isPending(verdict) ? {...verdict, steps: verdict.steps.map(display)} : verdict;

function beyond({touches}: PendingChange, {mayTouch}: Resource): readonly string[] {
  if (mayTouch === 'everything') return [];
  if (touches === 'everything') return ['everything'];
  return touches.filter((touched) => !mayTouch.some((may) => may === touched || coversAll(may, touched)));
}

const coversAll = (may: string, touched: string): boolean =>
  (may === ALL_OF_CLUSTER && touched.startsWith('cluster:')) ||
  (may.startsWith('tree:') && covers(`tree:${may.slice(5)}`, `path:${touched.slice(5)}`));

const isTouched = ({touches}: PendingChange, {subject}: FactQuery): boolean =>
  touches === 'everything' || touches.some((touched) => covers(touched, subject));

function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

/** Where a schema says nothing about one of its properties. */
function undescribed(schema: JsonSchema, at = ''): readonly string[] {
  return Object.entries(Object(schema['properties'])).flatMap(([name, property]) => {
    const text: unknown = Object(property)['description'];
    const here = typeof text === 'string' && /^.+[.:`]$/s.test(text) ? [] : [`${at}/${name}`];
    return [...here, ...undescribed(Object(property), `${at}/${name}`)];
  });
}
