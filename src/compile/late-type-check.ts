import type {Problems} from '../diagnostics/diagnostic.ts';
import {rangeAt} from '../yaml/access.ts';
import type {Schema} from '../yaml/inline.ts';
import {schemaAt, typesOf} from './schema-paths.ts';
import type {PlacedLeaf, Spec} from './spec.ts';

/** Whether the types of late values fit where they stand; what does not is reported. */
export function reportLateTypes({node, leaves}: Spec, schema: Schema, problems: Problems): boolean {
  const wrong = leaves.flatMap((placed) => {
    const detail = mistakeIn(placed, schemaAt(schema, placed.path));
    return detail === undefined ? [] : [{detail, range: rangeAt(node, placed.path, 'value')}];
  });
  for (const {detail, range} of wrong) problems.report('E307', {range, detail});
  return wrong.length === 0;
}

function mistakeIn({leaf}: PlacedLeaf, wanted: Schema): string | undefined {
  const {schema, bracket} = leaf.type;
  const isSecret = bracket !== undefined || schema['x-secret'] === true;
  if (isSecret && wanted['x-secret'] !== true) {
    return `"${leaf.text}" is a secret, and what stands here is shown in plans and logs.`;
  }
  const [given, allowed] = [typesOf(schema), typesOf(wanted)];
  if (!given || !allowed || [...given].some((type) => accepts(allowed, type))) return undefined;
  return `"${leaf.text}" will be ${named(given)}, and this must be ${named(allowed)}.`;
}

const accepts = (allowed: ReadonlySet<string>, type: string): boolean =>
  allowed.has(type) ||
  (type === 'integer' && allowed.has('number')) ||
  (type === 'number' && allowed.has('integer'));

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
};

const named = (types: ReadonlySet<string>): string =>
  [...types].map((type) => NAMES[type] ?? type).join(' or ');
