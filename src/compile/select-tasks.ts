import {parsePattern} from '../inventory/pattern.ts';
import type {HostName, TaskId} from '../model/names.ts';
import {type Draft, type DraftTask, unitsOf} from './draft.ts';

/** Which tasks may change something. The others stay in the graph: their outputs may be needed. */
export function selectTasks(draft: Draft): void {
  const before = draft.problems.all.length;
  const isChosen = chooser(draft);
  let isAnyLeft = false;
  for (const task of draft.tasks) {
    task.isSelected = isChosen(task);
    isAnyLeft ||= task.isSelected;
  }
  const {limit, tags = [], skipTags = [], targets = []} = draft.input.selection;
  const isNarrowed = limit !== undefined || tags.length + skipTags.length + targets.length > 0;
  const isTold = draft.problems.all.length > before;
  if (isAnyLeft || !isNarrowed || draft.tasks.length === 0 || isTold) return;
  draft.problems.report('E603', {
    detail: 'No task is left: nothing is meant by --limit, --tags and --target together.',
    hint: 'Leave one of them out, or look at the ids with "provision graph".',
  });
}

type Chooser = (task: DraftTask) => boolean;

function chooser(draft: Draft): Chooser {
  const {limit, tags = [], skipTags = [], targets = []} = draft.input.selection;
  const choosers: Chooser[] = [];
  if (limit !== undefined) choosers.push(limitedTo(limit, draft));
  if (tags.length > 0) choosers.push(taggedWith(tags));
  else choosers.push((task) => !tagsOf(task).includes('never'));
  if (skipTags.length > 0) choosers.push((task) => !tagsOf(task).some((tag) => skipTags.includes(tag)));
  if (targets.length > 0) choosers.push(targeted(targets, draft));
  return (task) => choosers.every((choose) => choose(task));
}

/** What is done once for several hosts is chosen with any of them. */
function limitedTo(limit: string, {input, problems}: Draft): Chooser {
  const hosts = new Set<HostName>(
    parsePattern(limit, undefined, problems)?.select(input.inventory, problems),
  );
  return (task) => unitsOf(task).some(({host}) => hosts.has(host));
}

/** `always` and `never` mean what they mean in Ansible. */
function taggedWith(tags: readonly string[]): Chooser {
  const wanted = new Set([...tags, 'always']);
  return (task) => {
    const own = tagsOf(task);
    if (own.includes('never') && !own.some((tag) => tags.includes(tag))) return false;
    return tags.includes('all') || own.some((tag) => wanted.has(tag));
  };
}

/** What is tagged `always` is chosen with any target: what guards all others is no matter of choice. */
function targeted(targets: readonly string[], {tasks, problems}: Draft): Chooser {
  const chosen = new Set<TaskId>();
  for (const target of targets) {
    const matches = matcherOf(target);
    const found = tasks.filter(({id}) => matches(id));
    for (const {id} of found) chosen.add(id);
    if (found.length === 0)
      problems.report('E603', {
        detail: `No task has the id "${target}".`,
        hint: hintFor(target, tasks),
      });
  }
  return (task) => chosen.has(task.id) || tagsOf(task).includes('always');
}

/** The end of an id is what people remember of it. */
function hintFor(target: string, tasks: readonly DraftTask[]): string {
  const like = tasks.find(({id}) => id.endsWith(`/${target}`));
  if (like) return `Did you mean "${like.id}", or "*/${target}" on all hosts?`;
  return 'Ids are host/play/role/task; "*" stands for any part of one. "provision graph" lists them.';
}

/** A task's id, one with `*` in it, or the beginning of one up to a slash. */
function matcherOf(target: string): (id: string) => boolean {
  const parts = target.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}(?:$|[/[])`, 's');
  return (id) => pattern.test(id);
}

/** Of the task, of its role in the play, and of the play. */
export function tagsOf({template, unit}: DraftTask): readonly string[] {
  const own = known.get(template) ?? new Map<object, readonly string[]>();
  known.set(template, own);
  const tags = own.get(unit.use) ?? [
    ...new Set([...template.tags, ...unit.use.tags, ...unit.play.play.tags]),
  ];
  own.set(unit.use, tags);
  return tags;
}

const known = new WeakMap<object, Map<object, readonly string[]>>();
