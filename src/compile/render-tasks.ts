import {Secret} from '../base/secret.ts';
import type {TaskTemplate} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {evaluate} from '../expression/evaluate.ts';
import type {Scope} from '../expression/scope.ts';
import {resolveNow} from '../expression/staged.ts';
import type {Draft, DraftBracket, DraftTask, Rendered} from './draft.ts';
import {engineWords} from './engine-words.ts';
import {Memo} from './memo.ts';
import {RoleFiles} from './role-files.ts';
import {renderSpec, shownSpec} from './spec.ts';
import {ItemScope} from './unit-scope.ts';

/** Fills in the templates of all tasks: once for all those that read the same. */
export function renderTasks(draft: Draft): void {
  const memos = new Map<TaskTemplate, Memo<Rendered>>();
  const files = new RoleFiles(draft.input.files, draft.problems);
  for (const task of [...draft.tasks, ...draft.brackets]) {
    const memo = memos.get(task.template) ?? new Memo<Rendered>();
    memos.set(task.template, memo);
    const role = task.unit?.role;
    task.rendered = memo.of(scopeOfTask(task), (scope) => {
      const rendered = render(task.template, scope, draft.problems);
      return role ? {...rendered, spec: files.fill(rendered.spec, task.template, role, scope)} : rendered;
    });
  }
}

/** What names mean in a task: the scope of its unit, with its item. */
export function scopeOfTask(task: DraftTask | DraftBracket): Scope {
  if (!('item' in task)) return task.scope;
  return task.item ? new ItemScope(task.unit.scope, task.item.value) : task.unit.scope;
}

function render(template: TaskTemplate, scope: Scope, problems: Problems): Rendered {
  const spec = renderSpec(template.spec, scope, problems);
  return {
    name: renderName(template, scope, problems),
    spec,
    shown: () => shownSpec(spec.tree),
    engine: engineWords(template, scope, problems),
  };
}

/** A name that depends on a host that is not known yet is shown as it is written. */
function renderName({id, name}: TaskTemplate, scope: Scope, problems: Problems): string {
  if (name?.type !== 'scalar') return id;
  const value = evaluate(name, scope, problems);
  const now = value.stage === 'static' ? resolveNow(value) : undefined;
  if (!now?.ok) return String(name.value);
  return now.value instanceof Secret ? '***' : String(now.value);
}
