import type {TaskTemplate} from '../catalog/nouns.ts';
import {ALWAYS} from './conditions.ts';
import type {Draft, DraftBracket, DraftPlay, DraftTask, Unit} from './draft.ts';
import {type Item, itemsOf} from './loop-items.ts';
import {Memo} from './memo.ts';
import {groupOf, idOf, taskId} from './task-ids.ts';

/** A task for each host and each item of its loop; with `run_once` one for all hosts of the play. */
export function expandTasks(draft: Draft): void {
  const expansion = new Expansion(draft);
  for (const play of draft.plays) {
    play.brackets = expansion.bracketsOfPlay(play);
    for (const unit of play.units) expansion.fill(unit);
  }
  draft.tasks = draft.plays.flatMap(({units}) => units.flatMap(ownTasks));
  const brackets = draft.plays.flatMap((play) => [
    ...play.brackets,
    ...play.units.flatMap((unit) => unit.brackets),
  ]);
  draft.brackets = [...new Set(brackets)];
}

class Expansion {
  readonly #draft: Draft;
  readonly #items = new Map<TaskTemplate, Memo<readonly (Item | undefined)[]>>();
  /** What is run once, by its id: the units of all other hosts share it. */
  readonly #shared = new Map<string, {readonly task: DraftTask; readonly sharers: Unit[]}>();
  readonly #brackets = new Map<string, DraftBracket>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  fill(unit: Unit): void {
    const {presence, entrypoint} = unit;
    const isBracket = ({kind}: TaskTemplate): boolean => this.#draft.input.brackets.has(kind);
    const tasks = entrypoint.tasks.filter((template) => !isBracket(template));
    const templates = presence ? [presence.template, ...tasks] : tasks;
    unit.tasks = templates.flatMap((template) =>
      this.#itemsOf(template, unit).map((item) => this.#task(template, unit, item)),
    );
    unit.expanded = unit.tasks;
    const [first] = unit.tasks;
    if (presence && first) this.#draft.producers.set(first.id, first);
    unit.brackets = entrypoint.tasks.filter(isBracket).map((template) => this.#bracketOfRole(template, unit));
  }

  bracketsOfPlay(play: DraftPlay): readonly DraftBracket[] {
    const hosts = new Map(play.units.map((unit) => [unit.host, unit]));
    return play.play.around.flatMap((template) => [
      ...new Set([...hosts.values()].map((unit) => this.#bracketOfPlay(template, unit))),
    ]);
  }

  #itemsOf(template: TaskTemplate, unit: Unit): readonly (Item | undefined)[] {
    const {loop} = template;
    if (!loop) return ONCE;
    const memo = this.#items.get(template) ?? new Memo<readonly (Item | undefined)[]>();
    this.#items.set(template, memo);
    return memo.of(unit.scope, (scope) => itemsOf(loop, scope, this.#draft.problems));
  }

  #task(template: TaskTemplate, unit: Unit, item: Item | undefined): DraftTask {
    const id = taskId(unit, template, item);
    if (!template.runOnce) return draftTask(id, template, unit, {item, sharers: NOBODY});
    const known = this.#shared.get(id);
    if (known) {
      known.sharers.push(unit);
      return known.task;
    }
    const sharers: Unit[] = [];
    const task = draftTask(id, template, unit, {item, sharers});
    this.#shared.set(id, {task, sharers});
    return task;
  }

  #bracketOfRole(template: TaskTemplate, unit: Unit): DraftBracket {
    return this.#bracket(taskId(unit, template, undefined), template, unit, unit);
  }

  #bracketOfPlay(template: TaskTemplate, unit: Unit): DraftBracket {
    const {play} = unit.play;
    const owner = template.runOnce ? groupOf(template, play.hosts.name) : unit.host;
    return this.#bracket(idOf(`${owner}/${play.id}/${template.id}`), template, unit, undefined);
  }

  #bracket(
    id: DraftBracket['id'],
    template: TaskTemplate,
    place: Unit,
    unit: Unit | undefined,
  ): DraftBracket {
    const known = this.#brackets.get(id);
    if (known) return known;
    const {play, host, scope} = place;
    const bracket: DraftBracket = {id, template, play, host, scope, unit, around: [], rendered: undefined};
    this.#brackets.set(id, bracket);
    return bracket;
  }
}

/** Without those that stand in the unit of another host already. */
const ownTasks = (unit: Unit): readonly DraftTask[] => unit.tasks.filter((task) => task.unit === unit);

const NO_EDGES: DraftTask['into'] = [];

const NOBODY: readonly Unit[] = [];

const draftTask = (
  id: DraftTask['id'],
  template: TaskTemplate,
  unit: Unit,
  {item, sharers}: Pick<DraftTask, 'item' | 'sharers'>,
): DraftTask => ({
  id,
  template,
  unit,
  host: unit.host,
  item,
  sharers,
  into: NO_EDGES,
  place: 0,
  hasBefore: false,
  hasAfter: false,
  isRuledOut: false,
  isSelected: true,
  when: ALWAYS,
  rendered: undefined,
});

const ONCE: readonly (Item | undefined)[] = [undefined];
