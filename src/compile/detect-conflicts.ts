import type {ResourceDefinition} from '../resources/define.ts';
import {checkValue} from '../yaml/schema.ts';
import {isAlways} from './conditions.ts';
import type {Draft, DraftTask, Rendered} from './draft.ts';
import {checkedTree, type LateLeaf, replaceLeaves} from './spec.ts';
import type {World} from './world.ts';

/** Marks a late value inside of a key: such keys are compared as they are written. */
const LATE = '\u0000';

/** Two tasks that want something of one thing on one host would undo each other's work in each run. */
export function detectConflicts(draft: Draft): void {
  const keys = new Map<Rendered, string | undefined>();
  const owners = new Map<string, Map<string, DraftTask>>();
  for (const task of draft.tasks) {
    const {rendered} = task;
    if (!rendered) continue;
    if (!keys.has(rendered)) keys.set(rendered, keyOf(task, rendered, draft));
    const key = keys.get(rendered);
    if (key !== undefined) claim(task, key, owners, draft);
  }
}

function claim(
  task: DraftTask,
  key: string,
  owners: Map<string, Map<string, DraftTask>>,
  draft: Draft,
): void {
  const place = placeOf(task, key);
  const claimed = owners.get(place) ?? new Map<string, DraftTask>();
  owners.set(place, claimed);
  const other = claimed.get(key);
  if (!other) claimed.set(key, task);
  else if (meet(task, other)) reportConflict(task, other, key, draft);
}

/** The cluster is one place, and so is the group that tasks are delegated to. */
function placeOf({host, rendered, template}: DraftTask, key: string): string {
  if (key.startsWith('cluster:')) return 'the cluster';
  return rendered?.engine.delegateTo ?? (template.runOnce ? 'all' : host);
}

/** Conditions that depend on the host may exclude each other; only where both surely run is it a mistake. */
const meet = (a: DraftTask, b: DraftTask): boolean =>
  a.when === b.when || (isAlways(a.when) && isAlways(b.when));

function keyOf(task: DraftTask, {spec}: Rendered, {resources, world}: Draft): string | undefined {
  const definition = resources.get(task.template.kind);
  if (!definition) return undefined;
  const key = symbolicKey(spec, definition);
  const output = spec.leaves.find(({leaf}) => leaf.value.stage === 'output' && key.includes(markOf(leaf)));
  if (output) reportLateKey(output.leaf, world);
  const shortLived = key.startsWith('path:') && spec.leaves.find(({leaf}) => leaf.type.bracket !== undefined);
  if (shortLived) reportShortLived(shortLived.leaf, world);
  return key;
}

function reportLateKey({at, text}: LateLeaf, world: World): void {
  world.reportOnce('E403', `key ${at.source.file} ${at.from}`, {
    range: at,
    detail: `What this task is about depends on "${text}", which only another task will tell.`,
    hint: 'Its name or path has to be known before the run, so that conflicts are seen.',
  });
}

function reportShortLived({at, text}: LateLeaf, world: World): void {
  world.reportOnce('E403', `file ${at.source.file} ${at.from}`, {
    range: at,
    detail: `"${text}" is another one in each run, so the file would never be as wanted.`,
    hint: 'What a bracket gives may be used in steps, and not in what stays on the host.',
  });
}

const markOf = (leaf: LateLeaf): string => `${LATE}${leaf.text}${LATE}`;

function symbolicKey(spec: Rendered['spec'], definition: ResourceDefinition): string {
  const {schema} = definition;
  if (spec.leaves.length === 0) return definition.keyOf(checkedTree(spec, schema).value);
  return definition.keyOf(checkValue(replaceLeaves(spec.tree, markOf), schema).value);
}

function reportConflict(task: DraftTask, other: DraftTask, key: string, {world}: Draft): void {
  world.reportOnce(
    'E502',
    `${other.template.at.from} ${task.template.at.source.file} ${task.template.at.from}`,
    {
      range: task.template.at,
      detail: `${task.id} and ${other.id} both decide about "${key.replaceAll(LATE, '')}"; one would undo the other.`,
      hint: 'Keep one of them, or give each a `when` so that never both run.',
      notes: [{range: other.template.at, message: 'the other one'}],
    },
  );
}
