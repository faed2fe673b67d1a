import {content} from '../facts/content.ts';
import {stat} from '../facts/stat.ts';
import {type Unknown, unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {type FactQuery, type Facts, fact} from '../model/fact.ts';
import {evaluate, namedValues, problemIn, QUESTIONS, type Questions, queriesOf} from './check/condition.ts';
import {defineResource} from './define.ts';
import {firstUnknown} from './seen.ts';

interface LookSpec {
  readonly facts: Questions;
  readonly assert: string;
  readonly ask: boolean;
  readonly unseen?: boolean;
}

const FILE = {type: 'file', mode: '0644', owner: 0, group: 0} as const;

export default defineResource<LookSpec>({
  kind: 'look',
  summary:
    'Whether something holds on a host, as an output that conditions of other tasks read, also on other hosts. It changes nothing.',

  schema: {
    type: 'object',
    required: ['facts', 'assert'],
    additionalProperties: false,
    properties: {
      facts: QUESTIONS,
      assert: {
        description: 'A CEL expression over these names. What is absent is null.',
        type: 'string',
        minLength: 1,
      },
      ask: {
        description: 'Whether it is looked at. Where it is not, `unseen` is told.',
        type: 'boolean',
        default: true,
      },
      unseen: {
        description:
          'What is told where it was not looked at, or could not be. Unless said, the task fails then.',
        type: 'boolean',
      },
    },
  },

  key: ({facts, assert}) => `look:${assert} ${JSON.stringify(facts)}`,
  validate: ({facts, assert}) => problemIn('assert', assert, new Set(Object.keys(facts))),
  facts: queriesFor,

  diff(spec, facts) {
    const holds = outcomeOf(spec, facts);
    return typeof holds === 'boolean' ? NOTHING : holds;
  },

  mayTouch: () => [],
  suits: (spec, facts) => firstUnknown(facts, queriesFor(spec)) === undefined,

  outputs: {
    schema: {
      type: 'object',
      properties: {holds: {description: 'Whether it does.', type: 'boolean'}},
    },
    read: (spec, facts) => {
      const holds = outcomeOf(spec, facts);
      return typeof holds === 'boolean' ? {holds} : holds;
    },
  },

  examples: [
    {
      title: 'tells whether a file is there',
      spec: {facts: {file: {stat: '/etc/motd'}}, assert: 'file != null'},
      facts: [fact(stat('/etc/motd'), FILE)],
      action: 'none',
      commands: [],
    },
    {
      title: 'tells also that something does not hold',
      spec: {facts: {text: {content: '/etc/hostname'}}, assert: 'text != null && text.trim() == "cp1"'},
      facts: [fact(content('/etc/hostname'), 'w1\n')],
      action: 'none',
      commands: [],
    },
  ],
});

function queriesFor({facts, ask}: LookSpec): readonly FactQuery[] {
  return ask ? [...queriesOf(facts).values()] : [];
}

function outcomeOf(spec: LookSpec, facts: Facts): boolean | Unknown {
  const {facts: questions, assert, ask, unseen} = spec;
  const closed = ask ? firstUnknown(facts, queriesFor(spec)) : unknown('nobody is to look at it');
  if (closed) return unseen ?? closed;
  const holds = evaluate(assert, namedValues([...queriesOf(questions)], facts));
  if (!holds.ok) return unknown(holds.problem);
  return typeof holds.value === 'boolean' ? holds.value : unknown('`assert` is neither true nor false');
}
