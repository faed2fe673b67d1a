import type {ErrorObject} from 'ajv';
import {nearest} from '../base/nearest.ts';
import type {NodePath} from './access.ts';
import {isObject, type Schema} from './inline.ts';
import type {Checked, SchemaProblem} from './problem.ts';
import {isInside, isUnion, unionProblems} from './union.ts';
import {pathOf} from './validate.ts';
import {expectation, foundAt, isTold, list, nameOf, namesOf, quoted} from './wording.ts';

/** The errors of one value in words: each mistake once, the best word for it wins. */
export function explain(errors: readonly ErrorObject[], checked: Checked): readonly SchemaProblem[] {
  const unions = errors.filter(isUnion);
  const outermost = unions.filter((union) => !unions.some((other) => isInside(union, other)));
  const plain = errors.filter(
    (error) => !isUnion(error) && !outermost.some((union) => isInside(error, union)),
  );
  return withoutEchoes([
    ...plain.flatMap((error) => plainProblem(error, checked) ?? []),
    ...outermost.flatMap((union) => {
      const inside = errors.filter((error) => isInside(error, union));
      return unionProblems(union, inside, checked, explain);
    }),
  ]);
}

/** A misspelt key silences the missing one; of one value's faults only the first is told. */
function withoutEchoes(problems: readonly SchemaProblem[]): readonly SchemaProblem[] {
  const key = ({path, kind, property}: SchemaProblem): string =>
    JSON.stringify([path, kind === 'missing-property' ? property : kind]);
  const meant = new Set(
    problems
      .filter(({kind}) => kind === 'unknown-property')
      .map(({path, property}) => JSON.stringify([path.slice(0, -1), property])),
  );
  const seen = new Set<string>();
  return problems.filter((problem) => {
    if (problem.kind === 'missing-property' && meant.has(key(problem))) return false;
    if (seen.has(key(problem))) return false;
    seen.add(key(problem));
    return true;
  });
}

function plainProblem(error: ErrorObject, checked: Checked): SchemaProblem | undefined {
  const path = pathOf(error.instancePath, checked.root);
  const schema = isObject(error.parentSchema) ? error.parentSchema : {};
  switch (error.keyword) {
    case 'if':
      return undefined; // Its branch has said what is wrong.
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownProperty(error, path, schema);
    case 'required':
    case 'dependencies':
      return missingProperty(error, path, schema);
    case 'propertyNames':
      return wrongName(error, path, schema);
    default:
      return error.propertyName === undefined ? wrongValue(error, path, checked) : undefined;
  }
}

function unknownProperty({params, data}: ErrorObject, path: NodePath, schema: Schema): SchemaProblem {
  const {additionalProperty, unevaluatedProperty} = params as Readonly<Record<string, unknown>>;
  const name = String(additionalProperty ?? unevaluatedProperty);
  const known = Object.keys(isObject(schema['properties']) ? schema['properties'] : {});
  const free = known.filter((each) => !(isObject(data) && each in data));
  const meant = nearest(name, free);
  const hint = meant === undefined ? knownHint(known) : `Did you mean "${meant}"?`;
  return {
    kind: 'unknown-property',
    path: [...path, name],
    message: `"${name}" is not a property here.`,
    ...(hint && {hint}),
    ...(meant && {property: meant}),
  };
}

/** More names than these are not read; the manual has them. */
const MAX_LISTED = 12;

const knownHint = (names: readonly string[]): string | undefined =>
  names.length > 0 && names.length <= MAX_LISTED ? `Known here: ${list(names)}.` : undefined;

function missingProperty({params, keyword}: ErrorObject, path: NodePath, schema: Schema): SchemaProblem {
  const {missingProperty: missing, property: cause} = params as Readonly<Record<string, unknown>>;
  const name = String(missing);
  const where = path.length === 0 ? '' : ` in ${nameOf(path)}`;
  const hint = descriptionOf(schema, name);
  return {
    kind: 'missing-property',
    path,
    property: name,
    message:
      keyword === 'dependencies'
        ? `"${String(cause)}" needs "${name}" beside it.`
        : `"${name}" is needed${where} and missing.`,
    ...(hint && {hint}),
  };
}

function descriptionOf(schema: Schema, name: string): string | undefined {
  const property = isObject(schema['properties']) ? schema['properties'][name] : undefined;
  const text = isObject(property) ? property['description'] : undefined;
  return typeof text === 'string' ? `"${name}": ${text}` : undefined;
}

function wrongName({params}: ErrorObject, path: NodePath, schema: Schema): SchemaProblem {
  const {propertyName} = params as Readonly<Record<string, unknown>>;
  const name = String(propertyName);
  const names = isObject(schema['propertyNames']) ? schema['propertyNames'] : {};
  return {
    kind: 'wrong-name',
    path: [...path, name],
    message: `The name "${name}" cannot stand here; it must be ${expectation({type: 'string', ...names})}.`,
  };
}

function wrongValue(error: ErrorObject, path: NodePath, {secrets}: Checked): SchemaProblem {
  const schema = isObject(error.parentSchema) ? error.parentSchema : {};
  const instead = foundAt(error, secrets);
  const hint = valueHint(error, schema);
  return {
    kind: 'wrong-value',
    path,
    message: sentence(error, {name: nameOf(path), schema, instead}),
    ...(hint && {hint}),
  };
}

interface Words {
  readonly name: string;
  readonly schema: Schema;
  readonly instead: string;
}

function sentence({keyword, params, message = ''}: ErrorObject, {name, schema, instead}: Words): string {
  const {limit} = params as {readonly limit?: unknown};
  switch (keyword) {
    case 'minItems':
    case 'minProperties':
      return `${name} must have at least ${String(limit)} of them.`;
    case 'maxItems':
    case 'maxProperties':
      return `${name} must have at most ${String(limit)} of them.`;
    case 'uniqueItems':
      return `${name} has one item twice.`;
    case 'not':
      return exclusion(name, schema['not']);
    case 'contains':
      return `${name} lacks an item that must be among them.`;
    case 'false schema':
      return `${name} cannot stand here.`;
    case 'pattern':
      return isTold(schema)
        ? `${name} must be ${expectation(schema)}, not ${instead}.`
        : `${name} cannot be ${instead}.`;
    default:
      return isWorded(keyword)
        ? `${name} must be ${expectation(schema)}, not ${instead}.`
        : `${name} ${message}.`;
  }
}

/** Keywords whose fault is that the value is not what the schema as a whole wants. */
const WORDED: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'multipleOf',
]);

const isWorded = (keyword: string): boolean => WORDED.has(keyword);

function exclusion(name: string, not: unknown): string {
  const names = isObject(not) && Array.isArray(not['required']) ? not['required'].map(quoted) : [];
  if (names.length > 1) return `${names.join(' and ')} exclude each other.`;
  return names.length === 1 ? `${names[0]} cannot stand here.` : `${name} has a value that is not allowed.`;
}

/** A way out where it is plain; else what the property is for. */
function valueHint({keyword, data}: ErrorObject, schema: Schema): string | undefined {
  const types = namesOf(schema['type']);
  if (keyword === 'type' && types.includes('string') && isBareText(data, schema)) return 'Put it in quotes.';
  if (keyword === 'type' && typeof data === 'string' && isQuoted(data, types))
    return 'Write it without quotes.';
  return typeof schema['description'] === 'string' ? schema['description'] : undefined;
}

/** A number, true or false that would be right as a text. */
function isBareText(data: unknown, {enum: choices}: Schema): boolean {
  if (typeof data !== 'number' && typeof data !== 'boolean') return false;
  return !Array.isArray(choices) || choices.includes(String(data));
}

const isQuoted = (text: string, types: readonly string[]): boolean =>
  (types.includes('boolean') && /^(true|false)$/.test(text)) ||
  ((types.includes('integer') || types.includes('number')) && /^-?\d+$/.test(text));
