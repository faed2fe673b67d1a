import {type PlainExpression, type PlainResult, plainExpression} from '../expression/condition.ts';
import {probe} from '../facts/probe.ts';
import {FACT_KINDS} from '../facts/registry.ts';
import {stat} from '../facts/stat.ts';
import {unknown} from '../model/answer.ts';
import {type Finding, NOTHING} from '../model/change.ts';
import {type FactQuery, type Facts, fact} from '../model/fact.ts';
import {type DiffContext, defineResource} from './define.ts';
import {firstUnknown} from './seen.ts';

interface CheckSpec {
  readonly facts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly assert: string;
  readonly message: string;
  readonly found?: string;
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
      found: {
        description:
          'A CEL expression over the same names: a text that says what is there instead. It stands behind the message.',
        type: 'string',
        minLength: 1,
      },
      hint: {description: 'What to do about it.', type: 'string'},
      severity: {
        description: 'An error stops the run before any change.',
        enum: ['error', 'warning'],
        default: 'error',
      },
      scope: {description: 'Whose facts it sees.', enum: ['host', 'play'], default: 'host'},
    },
  },

  key: ({facts, assert, message}) => `check:${message} ${assert} ${JSON.stringify(facts)}`,
  validate: problemOf,
  facts: (spec) => [...queriesOf(spec).values()],

  diff(spec, facts, context) {
    const closed = firstUnknown(facts, [...queriesOf(spec).values()]);
    if (closed) return closed;
    const values = valuesOf(spec, facts, context);
    const holds = evaluate(spec.assert, values);
    if (!holds.ok) return unknown(holds.problem);
    if (typeof holds.value !== 'boolean') return unknown('`assert` is neither true nor false');
    return holds.value ? NOTHING : {action: 'none', findings: [findingOf(spec, values)]};
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

function problemOf({assert, found, facts, scope}: CheckSpec): string | undefined {
  const names = new Set([...Object.keys(facts), 'profile', ...(scope === 'play' ? ['peers'] : [])]);
  return problemIn('assert', assert, names) ?? (found && problemIn('found', found, names));
}

function problemIn(property: string, text: string, names: ReadonlySet<string>): string | undefined {
  const expression = expressionOf(text);
  if (typeof expression === 'string') return expression;
  const missing = expression.names.find((name) => !names.has(name));
  if (missing === undefined) return undefined;
  const known = [...names].map((name) => `"${name}"`).join(', ');
  return `\`${property}\` reads "${missing}", and it has ${known}.`;
}

type Values = Readonly<Record<string, unknown>>;

function valuesOf(spec: CheckSpec, facts: Facts, {profile, peers}: DiffContext): Values {
  const queries = [...queriesOf(spec)];
  const own = {...namedValues(queries, facts), profile};
  if (spec.scope === 'host') return own;
  const others = [...peers].map(([host, theirs]) => ({...namedValues(queries, theirs), host}));
  return {...own, peers: others};
}

/** Null for what is absent; a peer that could not look has null too. */
const namedValues = (queries: readonly (readonly [string, FactQuery])[], facts: Facts): Values =>
  Object.fromEntries(
    queries.map(([name, query]) => {
      const answer = facts.get(query);
      return [name, answer.state === 'known' ? answer.value : null];
    }),
  );

function findingOf({severity, message, found, hint}: CheckSpec, values: Values): Finding {
  const more = found === undefined ? '' : detailOf(evaluate(found, values));
  return {severity, message: `${message}${more}`, ...(hint === undefined ? {} : {hint})};
}

/** What cannot be told takes nothing from the finding itself. */
const detailOf = (told: PlainResult): string =>
  told.ok && typeof told.value === 'string' ? ` ${told.value}` : '';

function evaluate(text: string, values: Values): PlainResult {
  const expression = expressionOf(text);
  return typeof expression === 'string' ? {ok: false, problem: expression} : expression.run(values);
}
