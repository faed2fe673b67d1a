import type {ErrorObject} from 'ajv';
import {groupedBy} from '../base/grouped.ts';
import {isObject} from './inline.ts';
import type {Checked, SchemaProblem} from './problem.ts';
import {pathOf} from './validate.ts';
import {alternatives, expectation, foundAt, nameOf} from './wording.ts';

/** `anyOf` and `oneOf`: what they say is said better by one of their branches. */
export const isUnion = ({keyword}: ErrorObject): boolean => keyword === 'anyOf' || keyword === 'oneOf';

interface Branch {
  /** How far the value is from being meant for this branch: another type, another discriminator, or neither. */
  readonly distance: 0 | 1 | 2;
  readonly problems: readonly SchemaProblem[];
}

/** Puts the errors of a branch into words. */
type Explain = (errors: readonly ErrorObject[], checked: Checked) => readonly SchemaProblem[];

/** The problems of the branch that the value was most likely meant for; a sentence about all where none is. */
export function unionProblems(
  union: ErrorObject,
  inside: readonly ErrorObject[],
  checked: Checked,
  explain: Explain,
): readonly SchemaProblem[] {
  const branches = [...groupedBy(inside, (error) => indexOf(union, error)).values()].map((errors) => ({
    distance: distanceOf(union, errors),
    problems: explain(errors, checked),
  }));
  const least = Math.min(...branches.map(({distance}) => distance));
  const best = branches.filter(({distance}) => distance === least);
  if (best.length === 0 || (least === 2 && best.length > 1)) return [noBranch(union, checked)];
  const missing = oneOfThese(best);
  if (missing) return [missing];
  return best.reduce((a, b) => (b.problems.length < a.problems.length ? b : a)).problems;
}

/** Whether an error arose in one of the branches of a union. */
export const isInside = (error: ErrorObject, union: ErrorObject): boolean =>
  error !== union && indexOf(union, error) !== undefined;

/** Which branch: told by the error's path in the schema. Behind a reference to itself that path begins anew. */
function indexOf(union: ErrorObject, {schemaPath, instancePath}: ErrorObject): string | undefined {
  if (!`${instancePath}/`.startsWith(`${union.instancePath}/`)) return undefined;
  if (schemaPath.startsWith(`${union.schemaPath}/`))
    return schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0];
  const isSibling = schemaPath.startsWith(union.schemaPath.slice(0, -union.keyword.length));
  const branches: readonly unknown[] = Array.isArray(union.schema) ? union.schema : [];
  const index = isSibling ? -1 : branches.findIndex((branch) => isObject(branch) && '$ref' in branch);
  return index < 0 ? undefined : String(index);
}

function distanceOf(union: ErrorObject, errors: readonly ErrorObject[]): Branch['distance'] {
  const choices = errors.filter(({keyword}) => ['type', 'enum', 'const'].includes(keyword));
  if (choices.some(({instancePath}) => instancePath === union.instancePath)) return 2;
  return choices.some(({instancePath, keyword}) => keyword !== 'type' && isChild(union, instancePath))
    ? 1
    : 0;
}

const isChild = ({instancePath}: ErrorObject, pointer: string): boolean =>
  pointer.startsWith(`${instancePath}/`) && !pointer.slice(instancePath.length + 1).includes('/');

/** Branches that each want one more property: any of these would do. */
function oneOfThese(branches: readonly Branch[]): SchemaProblem | undefined {
  const [first, ...others] = branches.flatMap(({problems}) => problems);
  const each = branches.every(
    ({problems}) => problems.length === 1 && problems[0]?.kind === 'missing-property',
  );
  if (!first || others.length === 0 || !each) return undefined;
  const names = [first, ...others].map(({property}) => `"${property}"`);
  const where = first.path.length === 0 ? '' : ` in ${nameOf(first.path)}`;
  return {...first, message: `${alternatives(names)} is needed${where}.`, hint: 'One of them is enough.'};
}

function noBranch(union: ErrorObject, {root, secrets}: Checked): SchemaProblem {
  const path = pathOf(union.instancePath, root);
  const schema = isObject(union.parentSchema) ? union.parentSchema : {};
  const instead = foundAt(union, secrets);
  const {passingSchemas} = union.params as {readonly passingSchemas?: unknown};
  const message = Array.isArray(passingSchemas)
    ? `${nameOf(path)} fits more than one of the forms that it may have.`
    : `${nameOf(path)} must be ${expectation({anyOf: schema[union.keyword]})}, not ${instead}.`;
  const hint = typeof schema['description'] === 'string' ? {hint: schema['description']} : {};
  return {kind: 'wrong-value', path, message, ...hint};
}
