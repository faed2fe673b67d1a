import {readdirSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {parse, type ScalarTag} from 'yaml';
import {Secret} from '../../src/base/secret.ts';
import {FACT_KINDS} from '../../src/facts/registry.ts';
import {ABSENT, type Answer, known, unknown} from '../../src/model/answer.ts';
import {isAtLeast, isPending, isUnknown, type Verdict} from '../../src/model/change.ts';
import type {Fact} from '../../src/model/fact.ts';
import type {HostProfile} from '../../src/model/profile.ts';
import {display} from '../../src/model/step.ts';
import {bound, contextOf, givenFacts} from '../support/resources.ts';

/**
 * One odd case: a spec and what a host answers, and what follows. `unknown`: the reason why it cannot be decided.
 * `refused`: what is wrong with the spec. What is not said is not compared.
 */
interface Case {
  readonly title: string;
  readonly spec: object;
  /** What is left out is absent. */
  readonly facts?: readonly GivenFact[];
  readonly profile?: Partial<HostProfile>;
  readonly action?: string;
  readonly commands?: readonly string[];
  readonly impact?: string;
  readonly touches?: readonly string[] | 'everything';
  readonly details?: readonly object[];
  readonly findings?: readonly object[];
  readonly unknown?: string;
  readonly refused?: string;
}

interface GivenFact {
  readonly kind: string;
  readonly key: string;
  readonly value?: unknown;
  readonly absent?: true;
  /** The reason. */
  readonly unknown?: string;
}

const SECRET: ScalarTag = {tag: '!secret', resolve: (text) => new Secret(text)};
const KINDS = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.cases.yaml'))
  .map((name) => name.replace('.cases.yaml', ''));

describe.each(KINDS)('%s', (kind) => {
  const text = readFileSync(`${import.meta.dirname}/${kind}.cases.yaml`, 'utf8');
  const cases: readonly Case[] = parse(text, {customTags: [SECRET]});

  test.each(cases.map((each): [string, Case] => [each.title, each]))('%s', (_, each) => {
    expect(expectationsOf(each)).not.toEqual([]);
    if (each.refused !== undefined) {
      expect(() => bound(kind, each.spec, each.profile)).toThrow(each.refused);
      return;
    }
    expect(shown(verdictOf(kind, each))).toMatchObject(wanted(each));
  });
});

const expectationsOf = ({action, unknown: reason, refused}: Case): readonly string[] =>
  [action, reason, refused].filter((each) => each !== undefined);

function verdictOf(kind: string, {spec, profile, facts = []}: Case): Verdict {
  const resource = bound(kind, spec, profile);
  const verdict = resource.diff(givenFacts(resource.facts, facts.map(factOf)), contextOf(profile));
  if (isPending(verdict)) expect(isAtLeast(resource.worst, verdict.impact)).toBe(true);
  return verdict;
}

function factOf({kind, key, ...given}: GivenFact): Fact {
  const query = FACT_KINDS.get(kind)?.(key);
  if (!query) throw new Error(`no facts are named ${kind}`);
  return {query, answer: answerOf(given)};
}

function answerOf({value, absent, unknown: reason}: Omit<GivenFact, 'kind' | 'key'>): Answer<unknown> {
  if (reason !== undefined) return unknown(reason);
  return absent ? ABSENT : known(value);
}

function shown(verdict: Verdict): object {
  if (isUnknown(verdict)) return {unknown: verdict.reason};
  return isPending(verdict) ? {...verdict, commands: verdict.steps.map(display)} : {...verdict, commands: []};
}

/** Nothing to do means no commands, whether the case says so or not. */
function wanted({title: _title, spec: _spec, facts: _facts, profile: _profile, ...rest}: Case): object {
  return rest.action === 'none' ? {commands: [], ...rest} : rest;
}
