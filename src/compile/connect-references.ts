import {groupedBy} from '../base/grouped.ts';
import type {HostName} from '../model/names.ts';
import type {Draft, DraftBracket, Unit} from './draft.ts';
import {OutputValues} from './references.ts';
import {resolveBracket, TaskIndex} from './task-index.ts';

/** From here on `tasks` and `brackets` can be read: all tasks are there to be found. */
export function connectReferences(draft: Draft): void {
  const {input, resources, plays} = draft;
  const outputs = new OutputValues((kind) => (resources.get(kind) ?? input.brackets.get(kind))?.outputs);
  const index = new TaskIndex(draft, outputs);
  for (const play of plays) {
    const brackets = groupedBy(play.brackets, ({host}) => host);
    for (const unit of play.units) {
      const around = bracketsAround(unit, brackets);
      unit.scope.references = (path, at) =>
        path[0] === 'tasks' ? index.resolveTask(path, unit, at) : resolveBracket(path, around, outputs, at);
    }
  }
}

/** Those of the role first, then those of the play. */
function bracketsAround(
  unit: Unit,
  ofPlay: ReadonlyMap<HostName, readonly DraftBracket[]>,
): readonly DraftBracket[] {
  const shared = unit.play.brackets.filter(({template}) => template.runOnce);
  return [...unit.brackets, ...(ofPlay.get(unit.host) ?? []), ...shared];
}
