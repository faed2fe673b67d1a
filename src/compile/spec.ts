import type {Json} from '../base/json.ts';
import {Secret} from '../base/secret.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {evaluate} from '../expression/evaluate.ts';
import {type LateType, lateTypeOf} from '../expression/late-types.ts';
import type {Scope} from '../expression/scope.ts';
import {laterOf, resolveNow} from '../expression/staged.ts';
import {TEXT} from '../expression/type-only.ts';
import {isMap} from '../expression/values.ts';
import type {Late, Resolved, Stage, Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import type {JsonSchema} from '../model/resource.ts';
import type {NodePath} from '../yaml/access.ts';
import type {YamlNode} from '../yaml/node.ts';
import {type CheckedValue, checkValue} from '../yaml/schema.ts';

/** What a task wants, as far as it is known: where a value is late, a `LateLeaf` stands. */
export interface Spec {
  readonly node: YamlNode;
  readonly tree: unknown;
  readonly leaves: readonly PlacedLeaf[];
  /** What `checkedTree` found. A map of all of them would be most of what the garbage collector looks at. */
  checked: CheckedValue | undefined;
}

export interface PlacedLeaf {
  readonly path: NodePath;
  readonly leaf: LateLeaf;
}

/** A value in a spec that is not known yet. */
export class LateLeaf {
  readonly value: Staged<unknown>;
  /** As it is written, for plans. */
  readonly text: string;
  readonly at: SourceRange;
  readonly type: LateType;

  constructor({value, text, at, type}: Pick<LateLeaf, 'value' | 'text' | 'at'> & {readonly type?: LateType}) {
    this.value = value;
    this.text = text;
    this.at = at;
    this.type = type ?? lateTypeOf(value);
  }

  /** A text that is made from it. */
  derived(value: Staged<unknown>, text: string): LateLeaf {
    return new LateLeaf({value, text, at: this.at, type: {...this.type, schema: TEXT}});
  }
}

const textOf = (node: YamlNode): string =>
  node.type === 'scalar' ? String(node.value) : node.range.source.text.slice(node.range.from, node.range.to);

/** Renders what can be rendered now. */
export function renderSpec(node: YamlNode, scope: Scope, problems: Problems): Spec {
  const leaves: PlacedLeaf[] = [];
  const tree = render(node, []);
  return {node, tree, leaves, checked: undefined};

  function render(part: YamlNode, path: NodePath): unknown {
    if (part.type === 'list') return part.items.map((item, index) => render(item, [...path, index]));
    if (part.type === 'map' && ![...part.entries.keys()].some((key) => key.includes('{{')))
      return Object.fromEntries(
        [...part.entries].map(([key, {value}]) => [key, render(value, [...path, key])]),
      );
    const value = evaluate(part, scope, problems);
    if (value.stage === 'static') return known(resolveNow(value));
    const leaf = new LateLeaf({value, text: textOf(part), at: part.range});
    leaves.push({path, leaf});
    return leaf;
  }
}

/** A broken value was reported; the passes behind this one do not run. */
const known = (resolved: Resolved<unknown>): unknown => (resolved.ok ? resolved.value : undefined);

/** The same spec with another value for a property; late values may stand in it. */
export function withProperty(spec: Spec, name: string, value: unknown): Spec {
  const {[name]: _, ...rest} = isMap(spec.tree) ? spec.tree : {};
  const others = spec.leaves.filter(({path}) => path[0] !== name);
  const leaves = [...others, ...leavesIn(value, [name])];
  return {...spec, tree: {...rest, [name]: value}, leaves, checked: undefined};
}

function leavesIn(tree: unknown, path: NodePath): readonly PlacedLeaf[] {
  if (tree instanceof LateLeaf) return [{path, leaf: tree}];
  if (Array.isArray(tree)) return tree.flatMap((item, index) => leavesIn(item, [...path, index]));
  if (!isMap(tree)) return [];
  return Object.entries(tree).flatMap(([key, item]) => leavesIn(item, [...path, key]));
}

export const stageOfSpec = ({leaves}: Spec): Stage => laterOf(leaves.map(({leaf}) => leaf.value.stage));

export const readsOfSpec = ({leaves}: Spec): readonly TaskId[] => [
  ...new Set(leaves.flatMap(({leaf}) => leaf.value.reads)),
];

/** The whole value, once all of it can be known. */
export function resolveSpec({tree, leaves}: Spec, late: Late): Resolved<unknown> {
  if (leaves.length === 0) return {ok: true, value: tree};
  const values = new Map<LateLeaf, unknown>();
  for (const {leaf} of leaves) {
    const resolved = leaf.value.resolve(late);
    if (!resolved.ok) return resolved;
    values.set(leaf, resolved.value);
  }
  return {ok: true, value: replaceLeaves(tree, (leaf) => values.get(leaf))};
}

/** A copy with something else in the place of every late value. */
export function replaceLeaves(tree: unknown, replace: (leaf: LateLeaf) => unknown): unknown {
  if (tree instanceof LateLeaf) return replace(tree);
  if (Array.isArray(tree)) return tree.map((item) => replaceLeaves(item, replace));
  if (!isMap(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, replaceLeaves(item, replace)]));
}

/** A spec without late values after its schema, which is that of its kind: several passes ask for it. */
export function checkedTree(spec: Spec, schema: JsonSchema): CheckedValue {
  return (spec.checked ??= checkValue(spec.tree, schema));
}

/** For plans and files: late values as they are written, secrets masked. */
export function shownSpec(tree: unknown): Json {
  if (tree instanceof LateLeaf) return tree.text;
  if (tree instanceof Secret) return '***';
  if (Array.isArray(tree)) return tree.map(shownSpec);
  if (isMap(tree))
    return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, shownSpec(item)]));
  return typeof tree === 'string' || typeof tree === 'number' || typeof tree === 'boolean' ? tree : null;
}
