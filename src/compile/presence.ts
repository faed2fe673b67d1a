import {madeTask} from '../catalog/made-task.ts';
import type {PresentIf, TaskTemplate} from '../catalog/nouns.ts';
import {NOTHING} from '../model/change.ts';
import type {FactQuery} from '../model/fact.ts';
import type {Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import {defineResource, type ResourceDefinition} from '../resources/define.ts';
import type {Unit} from './draft.ts';
import {taskId} from './task-ids.ts';

/** A question that a role that was switched off asks first. */
export interface Presence {
  readonly id: TaskId;
  readonly template: TaskTemplate;
}

/** Of the task that asks whether a role is installed. No user writes it. */
export const PRESENCE_KIND = 'present_if';

interface PresenceSpec {
  readonly fact: string;
  readonly key: string;
}

/** The task that asks, before those of the `remove` entrypoint. */
export function presenceOf({kind, key}: PresentIf, unit: Unit): Presence {
  const template = madeTask({
    id: PRESENCE_KIND,
    name: `Look whether ${unit.role.name} is installed`,
    kind: PRESENCE_KIND,
    spec: {fact: kind.name, key},
    at: kind.at,
  });
  return {id: taskId(unit, template, undefined), template};
}

/** Holds where the question was answered with yes. */
export const whenPresent = ({id}: Presence): Staged<boolean> => ({
  stage: 'output',
  reads: [id],
  resolve: (late) => ({ok: true, value: late.outputsOf(id)['present'] === true}),
});

/** Asks one fact, changes nothing, and gives whether the fact is there. */
export function presenceType(kinds: ReadonlyMap<string, (key: string) => FactQuery>): ResourceDefinition {
  const query = ({fact, key}: PresenceSpec): FactQuery => {
    const kind = kinds.get(fact);
    if (!kind) throw new Error(`Internal error: no fact kind "${fact}" got past the schema`);
    return kind(key);
  };
  return defineResource<PresenceSpec>({
    kind: PRESENCE_KIND,
    summary: 'Whether a role is installed, by a fact that role.yaml names.',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['fact', 'key'],
      properties: {
        fact: {type: 'string', enum: [...kinds.keys()], description: 'A kind of fact.'},
        key: {type: 'string', description: 'What is asked about.'},
      },
    },
    key: ({fact, key}) => `${PRESENCE_KIND}:${fact}/${key}`,
    facts: (spec) => [query(spec)],
    diff: (spec, facts) => {
      const answer = facts.get(query(spec));
      return answer.state === 'unknown' ? answer : NOTHING;
    },
    mayTouch: () => [],
    outputs: {
      schema: {
        type: 'object',
        properties: {present: {type: 'boolean', description: 'Whether the fact is there.'}},
      },
      read: (spec, facts) => {
        const answer = facts.get(query(spec));
        return answer.state === 'unknown' ? answer : {present: answer.state === 'known'};
      },
    },
    examples: [],
  });
}
