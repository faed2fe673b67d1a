import {type PlainExpression, plainExpression} from '../expression/condition.ts';
import {probe} from '../facts/probe.ts';
import {FACT_KINDS} from '../facts/registry.ts';
import {stat} from '../facts/stat.ts';
import {type Unknown, unknown} from '../model/answer.ts';
import {type Finding, NOTHING} from '../model/change.ts';
import {type FactQuery, type Facts, fact} from '../model/fact.ts';
import {type DiffContext, defineResource} from './define.ts';
import {firstUnknown} from './seen.ts';

interface CheckSpec {
  readonly facts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly assert: string;
  readonly message: string;
  readonly hint?: string;
  readonly severity: Finding['severity'];
  readonly scope: 'host' | 'play';
}

const SYNC = 'timedatectl show -P NTPSynchronized | grep -qx yes';
const MACHINE_ID = {facts: {id: {content: '/etc/machine-id'}}, scope: 'play' as const};

export default defineResource<CheckSpec>({
  kind: 'check',
  summary: 'A condition that must hold. It changes nothing; what it finds is shown by `plan` already.',

  schema: {
    type: 'object',
    required: ['assert', 'message'],
    additionalProperties: false,
    properties: {
      facts: {
        description: 'What is asked of the host: `NAME: {KIND: KEY}`.',
        type: 'object',
        propertyNames: {pattern: '^[A-Za-z_][A-Za-z0-9_]*$'},
        additionalProperties: {
          type: 'object',
          minProperties: 1,
          maxProperties: 1,
          propertyNames: {enum: [...FACT_KINDS.keys()]},
          additionalProperties: {type: 'string', minLength: 1},
        },
        default: {},
      },
      assert: {
        description:
          'A CEL expression over these names, `profile`, and with `scope: play` the list `peers`: the same names and ' +
          '`host` for each host of the play. What is absent is null.',
        type: 'string',
        minLength: 1,
      },
      message: {description: 'What is wrong where it does not hold.', type: 'string', minLength: 1},
      hint: {description: 'What to do about it.', type: 'string'},
      severity: {
        description: 'An error stops the run before any change.',
        enum: ['error', 'warning'],
        default: 'error',
      },
      scope: {description: 'Whose facts it sees.', enum: ['host', 'play'], default: 'host'},
    },
  },

  key: ({facts, assert}) => `check:${assert} ${JSON.stringify(facts)}`,
  validate: problemOf,
  facts: (spec) => [...queriesOf(spec).values()],

  diff(spec, facts, context) {
    const closed = firstUnknown(facts, [...queriesOf(spec).values()]);
    if (closed) return closed;
    const holds = evaluate(spec, valuesOf(spec, facts, context));
    if (typeof holds !== 'boolean') return holds;
    const {severity, message, hint} = spec;
    return holds
      ? NOTHING
      : {action: 'none', findings: [{severity, message, ...(hint === undefined ? {} : {hint})}]};
  },

  mayTouch: () => [],
  scope: ({scope}) => scope,

  examples: [
    {
      title: 'finds nothing where its condition holds',
      spec: {
        facts: {synced: {probe: SYNC}},
        assert: 'synced == 0',
        message: 'The clock is not synchronised.',
      },
      facts: [fact(probe(SYNC), 0)],
      action: 'none',
      commands: [],
    },
    {
      title: 'reads the properties of a fact, and what the profile says',
      spec: {
        facts: {key: {stat: '/etc/kubernetes/pki/ca.key'}},
        assert: 'key == null || key.mode == "0600" || profile.memory_mb < 512',
        message: 'The key of the authority can be read by others.',
        severity: 'warning',
      },
      facts: [fact(stat('/etc/kubernetes/pki/ca.key'), {type: 'file', mode: '0644', owner: 0, group: 0})],
      action: 'none',
      commands: [],
    },
    {
      title: 'compares the hosts of a play',
      spec: {
        ...MACHINE_ID,
        assert: 'peers.filter(p, p.id == id).size() <= 1',
        message: 'Another host has the same machine id.',
        hint: 'Remove /etc/machine-id on one of them and run systemd-machine-id-setup.',
      },
      facts: [],
      action: 'none',
      commands: [],
    },
  ],
});

function queriesOf({facts}: CheckSpec): ReadonlyMap<string, FactQuery> {
  const queries = Object.entries(facts).flatMap(([name, question]) =>
    Object.entries(question).map(([kind, key]): [string, FactQuery] => [name, queryOf(kind, key)]),
  );
  return new Map(queries);
}

function queryOf(kind: string, key: string): FactQuery {
  const make = FACT_KINDS.get(kind);
  if (!make) throw new Error(`Internal error: no kind of facts is named ${kind}`);
  return make(key);
}

/** One text is read once, however many hosts it is for. */
const expressions = new Map<string, PlainExpression | string>();

function expressionOf(text: string): PlainExpression | string {
  const known = expressions.get(text) ?? plainExpression(text);
  expressions.set(text, known);
  return known;
}

function problemOf({assert, facts, scope}: CheckSpec): string | undefined {
  const expression = expressionOf(assert);
  if (typeof expression === 'string') return expression;
  const names = new Set([...Object.keys(facts), 'profile', ...(scope === 'play' ? ['peers'] : [])]);
  const missing = expression.names.find((name) => !names.has(name));
  if (missing === undefined) return undefined;
  const known = [...names].map((name) => `"${name}"`).join(', ');
  return `\`assert\` reads "${missing}", and it has ${known}.`;
}

function valuesOf(
  spec: CheckSpec,
  facts: Facts,
  {profile, peers}: DiffContext,
): Readonly<Record<string, unknown>> {
  const own = {...namedValues(spec, facts), profile};
  if (spec.scope === 'host') return own;
  const others = [...peers].map(([host, theirs]) => ({...namedValues(spec, theirs), host}));
  return {...own, peers: others};
}

/** Null for what is absent; a peer that could not look has null too. */
const namedValues = (spec: CheckSpec, facts: Facts): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...queriesOf(spec)].map(([name, query]) => {
      const answer = facts.get(query);
      return [name, answer.state === 'known' ? answer.value : null];
    }),
  );

function evaluate({assert}: CheckSpec, values: Readonly<Record<string, unknown>>): boolean | Unknown {
  const expression = expressionOf(assert);
  if (typeof expression === 'string') return unknown(expression);
  const result = expression.run(values);
  if (!result.ok) return unknown(result.problem);
  return typeof result.value === 'boolean' ? result.value : unknown('`assert` is neither true nor false');
}
