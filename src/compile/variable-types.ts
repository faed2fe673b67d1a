import {Secret} from '../base/secret.ts';
import type {Role} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {declareType, lateTypeOf} from '../expression/late-types.ts';
import {mapStaged, resolveNow} from '../expression/staged.ts';
import type {Staged} from '../model/graph.ts';
import type {Variable} from '../variables/variable.ts';
import type {Schema} from '../yaml/inline.ts';
import {checkValue, reportSchemaProblem} from '../yaml/schema.ts';
import {couldFit, namedTypes} from '../yaml/schema-paths.ts';

/** What a role's schema.json says about the values that it reads. Each value is looked at once. */
export class VariableTypes {
  readonly #role: Role;
  readonly #checked = new Map<string, Map<Staged<unknown>, Staged<unknown> | undefined>>();

  constructor(role: Role) {
    this.#role = role;
  }

  /** The variable that has an entry of this name, where the schema says that one has to be there. */
  tableOf({name}: Variable): string | undefined {
    const table = this.#role.variables?.properties.get(name)?.['x-key-of'];
    return typeof table === 'string' ? table : undefined;
  }

  /**
   * The value as the role sees it: a Secret where the schema says so. Mistakes are shown where it was set, and
   * nobody sees a value that has one.
   */
  check(variable: Variable, value: Staged<unknown>, problems: Problems): Staged<unknown> | undefined {
    const schema = this.#role.variables?.properties.get(variable.name);
    if (!schema) return value;
    const known = this.#checked.get(variable.name) ?? new Map<Staged<unknown>, Staged<unknown> | undefined>();
    this.#checked.set(variable.name, known);
    if (known.has(value)) return known.get(value);
    const typed = schema['x-secret'] === true ? secretOf(value) : value;
    const seen = isRight(variable, typed, schema, problems) ? typed : undefined;
    known.set(value, seen);
    return seen;
  }
}

function secretOf(value: Staged<unknown>): Staged<unknown> {
  const secret = mapStaged(value, asSecret);
  const {schema, ...type} = lateTypeOf(value);
  return value.stage === 'static'
    ? secret
    : declareType(secret, {...type, schema: {...schema, 'x-secret': true}});
}

const asSecret = (value: unknown): unknown => (typeof value === 'string' ? new Secret(value) : value);

function isRight(variable: Variable, value: Staged<unknown>, schema: Schema, problems: Problems): boolean {
  if (value.stage !== 'static') return couldBeRight(variable, lateTypeOf(value).schema, schema, problems);
  const now = resolveNow(value);
  if (!now.ok) return true;
  const wrong = checkValue(now.value, schema).problems.filter(({kind}) => kind !== 'misplaced-secret');
  for (const problem of wrong) reportSchemaProblem(problem, variable.node, problems);
  return wrong.length === 0;
}

function couldBeRight({name, node}: Variable, given: Schema, wanted: Schema, problems: Problems): boolean {
  if (couldFit(given, wanted)) return true;
  const detail = `"${name}" will be ${namedTypes(given)}, and it must be ${namedTypes(wanted)}.`;
  problems.report('E307', {range: node.range, detail});
  return false;
}
