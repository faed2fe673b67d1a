import type {Problems} from '../diagnostics/diagnostic.ts';
import type {ResourceDefinition} from '../resources/define.ts';
import {type NodePath, nodeAt} from '../yaml/access.ts';
import {checkValue, reportSchemaProblem} from '../yaml/schema.ts';
import {schemaAt} from '../yaml/schema-paths.ts';
import type {Draft, DraftBracket, DraftTask, Rendered} from './draft.ts';
import {reportLateTypes} from './late-type-check.ts';
import {SAMPLE_PROFILE, sampleOf} from './samples.ts';
import {checkedTree, replaceLeaves, type Spec} from './spec.ts';

/** Every spec against the schema of its kind, late values by their types. What is shared is checked once. */
export function validateSpecs(draft: Draft): void {
  const {input, resources, problems} = draft;
  const seen = new Set<Rendered>();
  for (const task of [...draft.tasks, ...draft.brackets]) {
    const {rendered, template} = task;
    if (!rendered || seen.has(rendered)) continue;
    seen.add(rendered);
    const resource = resources.get(template.kind);
    const schema = (resource ?? input.brackets.get(template.kind))?.schema;
    if (!schema) throw new Error(`Internal error: no kind "${template.kind}" got past the catalog`);
    const isFine = validateSpec(rendered.spec, schema, problems);
    if (isFine && resource) validateMeaning(task, rendered, resource, problems);
  }
}

function validateSpec(spec: Spec, schema: ResourceDefinition['schema'], problems: Problems): boolean {
  const late = spec.leaves.map(({path}) => path);
  const {problems: all} =
    late.length === 0 ? checkedTree(spec, schema) : checkValue(replaceLeavesBySamples(spec, schema), schema);
  const found = all.filter(({path}) => !late.some((leaf) => isBelow(path, leaf)));
  for (const problem of found) reportSchemaProblem(problem, spec.node, problems);
  return reportLateTypes(spec, schema, problems) && found.length === 0;
}

/** A late value stands in as something that its place would accept, so that only the rest can be wrong. */
function replaceLeavesBySamples({tree, leaves}: Spec, schema: ResourceDefinition['schema']): unknown {
  const samples = new Map(leaves.map(({path, leaf}) => [leaf, sampleOf(schemaAt(schema, path))]));
  return replaceLeaves(tree, (leaf) => samples.get(leaf));
}

const isBelow = (path: NodePath, leaf: NodePath): boolean =>
  leaf.every((step, index) => path[index] === step);

/** What a schema cannot say. */
function validateMeaning(
  {template}: DraftTask | DraftBracket,
  {spec}: Rendered,
  resource: ResourceDefinition,
  problems: Problems,
): void {
  if (spec.leaves.length > 0) return; // Said once the values are known.
  const problem = resource.bind(checkedTree(spec, resource.schema).value, SAMPLE_PROFILE);
  if (typeof problem !== 'string') return;
  const code = template.kind === 'command' ? 'E407' : 'E105';
  problems.report(code, {range: nodeAt(spec.node, [])?.range ?? template.at, detail: problem});
}
