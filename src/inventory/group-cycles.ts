import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {GroupName} from '../model/names.ts';
import type {Draft} from './draft.ts';
import {groupName} from './names.ts';

const ALL = groupName('all');

interface Step {
  readonly parent: GroupName;
  readonly child: GroupName;
  readonly at: SourceRange;
}

/** Reports groups that contain themselves, and takes out the step that closes each circle. */
export function breakCycles({groups}: Draft, problems: Problems): void {
  const done = new Set<GroupName>();
  const visit = (name: GroupName, path: readonly Step[]): void => {
    const children = groups.get(name)?.children;
    for (const [child, at] of children ?? []) {
      const steps = [...path, {parent: name, child, at}];
      const start = steps.findIndex(({parent}) => parent === child);
      if (start >= 0 || child === ALL) {
        reportCycle(child === ALL ? steps.slice(-1) : steps.slice(start), problems);
        children?.delete(child);
      } else if (!done.has(child)) visit(child, steps);
    }
    done.add(name);
  };
  for (const name of groups.keys()) visit(name, []);
}

function reportCycle(steps: readonly Step[], problems: Problems): void {
  const last = steps.at(-1);
  if (!last) return;
  const detail =
    last.child === ALL
      ? `"all" contains every group, so "${last.parent}" cannot contain it.`
      : `The group "${last.child}" contains itself.`;
  problems.report('E204', {
    range: last.at,
    detail,
    notes: steps.map(({parent, child, at}) => ({range: at, message: `"${parent}" contains "${child}"`})),
  });
}
