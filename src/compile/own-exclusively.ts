import {groupedBy} from '../base/grouped.ts';
import {mapStaged} from '../expression/staged.ts';
import {isMap} from '../expression/values.ts';
import type {Draft, DraftTask, Rendered} from './draft.ts';
import {LateLeaf, shownSpec, withProperty} from './spec.ts';

/**
 * A directory that is owned whole keeps what other tasks on its host declare below it. Its spec is told their
 * names, so that the host's answer and the spec are all that decides.
 */
export function ownExclusively(draft: Draft): void {
  const owners = draft.tasks.filter(isExclusive);
  if (owners.length === 0) return;
  const byHost = groupedBy(draft.tasks, ({host}) => host);
  const made = new Map<Rendered, Map<string, Rendered>>();
  for (const owner of owners) {
    const names = declaredBelow(owner, byHost.get(owner.host) ?? []);
    if (owner.rendered && names.length > 0) owner.rendered = keeping(owner.rendered, names, made);
  }
}

function isExclusive({rendered}: DraftTask): boolean {
  const tree = rendered?.spec.tree;
  return isMap(tree) && tree['exclusive'] === true && typeof tree['path'] === 'string';
}

/** The names directly below the directory that lead to what others declare; some are known with the profile only. */
function declaredBelow(owner: DraftTask, tasks: readonly DraftTask[]): readonly Name[] {
  const [root] = pathsOf(owner);
  if (typeof root !== 'string') return [];
  const prefix = `${root.replace(/\/+$/, '')}/`;
  const names = tasks.flatMap((task) =>
    task === owner ? [] : pathsOf(task).flatMap((path) => nameBelow(path, prefix) ?? []),
  );
  const byText = new Map(names.map((name) => [typeof name === 'string' ? name : name.text, name]));
  return [...byText.keys()].toSorted().flatMap((text) => byText.get(text) ?? []);
}

type Name = string | LateLeaf;

function nameBelow(path: Name, prefix: string): Name | undefined {
  const text = typeof path === 'string' ? path : path.text;
  if (!text.startsWith(prefix)) return undefined;
  const name = text.slice(prefix.length).split('/')[0] ?? '';
  if (typeof path === 'string' || !name.includes('{{')) return name === '' ? undefined : name;
  const value = mapStaged(path.value, (known) => String(known).slice(prefix.length).split('/')[0]);
  return path.derived(value, name);
}

/** What stays there when the task is done: where it puts its file, link or directory. */
function pathsOf({rendered}: DraftTask): readonly Name[] {
  const tree = rendered?.spec.tree;
  if (!isMap(tree) || tree['state'] === 'absent') return [];
  return [tree['path'], tree['dest']].flatMap((path) =>
    typeof path === 'string' || path instanceof LateLeaf ? [path] : [],
  );
}

/** Hosts that keep the same names share one spec. */
function keeping(
  rendered: Rendered,
  names: readonly Name[],
  made: Map<Rendered, Map<string, Rendered>>,
): Rendered {
  const variants = made.get(rendered) ?? new Map<string, Rendered>();
  made.set(rendered, variants);
  const key = names.map((name) => (typeof name === 'string' ? name : name.text)).join('\0');
  const known = variants.get(key);
  if (known) return known;
  const {tree} = rendered.spec;
  const own = isMap(tree) && Array.isArray(tree['keep']) ? tree['keep'] : [];
  const spec = withProperty(rendered.spec, 'keep', [
    ...own.filter((name) => !names.includes(name)),
    ...names,
  ]);
  const variant = {...rendered, spec, shown: () => shownSpec(spec.tree)};
  variants.set(key, variant);
  return variant;
}
