import {type PlainExpression, type PlainResult, plainExpression} from '../../expression/condition.ts';
import {FACT_KINDS} from '../../facts/registry.ts';
import type {FactQuery, Facts} from '../../model/fact.ts';
import type {DiffContext, JsonSchema} from '../../model/resource.ts';

/** What is asked of a host, by the names that an expression reads: `NAME: {KIND: KEY}`. */
export type Questions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** How they are written. */
export const QUESTIONS: JsonSchema = {
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
};

/** The questions themselves, by name. */
export function queriesOf(facts: Questions): ReadonlyMap<string, FactQuery> {
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

/** What is wrong with an expression that may read these names. */
export function problemIn(property: string, text: string, names: ReadonlySet<string>): string | undefined {
  const expression = expressionOf(text);
  if (typeof expression === 'string') return expression;
  const missing = expression.names.find((name) => !names.has(name));
  if (missing === undefined) return undefined;
  const known = [...names].map((name) => `"${name}"`).join(', ');
  return `\`${property}\` reads "${missing}", and it has ${known}.`;
}

/** What an expression reads, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** With `play`, those of all hosts of the play as well. */
export function valuesOf(
  questions: Questions,
  scope: 'host' | 'play',
  facts: Facts,
  {profile, peers}: DiffContext,
): Values {
  const queries = [...queriesOf(questions)];
  const own = {...namedValues(queries, facts), profile};
  if (scope === 'host') return own;
  const others = [...peers].map(([host, theirs]) => ({...namedValues(queries, theirs), host}));
  return {...own, peers: others};
}

/** Null for what is absent; a peer that could not look has null too. */
export const namedValues = (queries: readonly (readonly [string, FactQuery])[], facts: Facts): Values =>
  Object.fromEntries(
    queries.map(([name, query]) => {
      const answer = facts.get(query);
      return [name, answer.state === 'known' ? answer.value : null];
    }),
  );

/** What an expression says. */
export function evaluate(text: string, values: Values): PlainResult {
  const expression = expressionOf(text);
  return typeof expression === 'string' ? {ok: false, problem: expression} : expression.run(values);
}
