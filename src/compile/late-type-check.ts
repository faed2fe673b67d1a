import type {Problems} from '../diagnostics/diagnostic.ts';
import {rangeAt} from '../yaml/access.ts';
import type {Schema} from '../yaml/inline.ts';
import {couldFit, namedTypes, schemaAt} from '../yaml/schema-paths.ts';
import type {LateLeaf, PlacedLeaf, Spec} from './spec.ts';

/** Whether the types of late values fit where they stand; what does not is reported. */
export function reportLateTypes({node, leaves}: Spec, schema: Schema, problems: Problems): boolean {
  const wrong = leaves.flatMap(({leaf, path}: PlacedLeaf) => {
    const detail = mistakeIn(leaf, schemaAt(schema, path));
    return detail === undefined ? [] : [{detail, range: rangeAt(node, path, 'value')}];
  });
  for (const {detail, range} of wrong) problems.report('E307', {range, detail});
  return wrong.length === 0;
}

function mistakeIn({text, type: {schema}}: LateLeaf, wanted: Schema): string | undefined {
  if (schema['x-secret'] === true && wanted['x-secret'] !== true)
    return `"${text}" is a secret, and what stands here is shown in plans and logs.`;
  if (couldFit(schema, wanted)) return undefined;
  return `"${text}" will be ${namedTypes(schema)}, and this must be ${namedTypes(wanted)}.`;
}
