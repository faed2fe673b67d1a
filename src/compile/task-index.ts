import {groupedBy} from '../base/grouped.ts';
import {didYouMean} from '../base/nearest.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Resolution} from '../expression/scope.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Draft, DraftBracket, DraftTask, Unit} from './draft.ts';
import type {OutputValues} from './references.ts';

/** Finds the tasks that a reference means: the nearest, and never one of several by position. */
export class TaskIndex {
  readonly #units: readonly Unit[];
  readonly #outputs: OutputValues;
  readonly #producers: Map<TaskId, DraftTask>;
  readonly #unitsOfHost: ReadonlyMap<HostName, readonly Unit[]>;
  readonly #byUnit = new Map<Unit, ReadonlyMap<string, readonly DraftTask[]>>();
  #byId: ReadonlyMap<string, readonly DraftTask[]> | undefined;

  constructor({plays, producers}: Draft, outputs: OutputValues) {
    const units = plays.flatMap((play) => play.units);
    this.#units = units;
    this.#outputs = outputs;
    this.#producers = producers;
    this.#unitsOfHost = groupedBy(units, ({host}) => host);
  }

  /** What `tasks.…` means, written in a role on a host. */
  resolveTask(path: readonly string[], unit: Unit, at: SourceRange): Resolution {
    const start = path.indexOf('outputs');
    const words = path.slice(1, start);
    if (start < 2) {
      return {
        found: false,
        code: 'E503',
        detail: `Of a task only its outputs can be read: tasks.${path[1] ?? 'NAME'}.outputs.`,
      };
    }
    const found = this.#candidates(words, unit);
    const [only, ...others] = found;
    if (!only) return this.#unknown(words);
    if (others.length > 0) return ambiguous(words, found);
    this.#producers.set(only.id, only);
    return this.#outputs.value({id: only.id, kind: only.template.kind}, path, start, at);
  }

  /** The tasks of a unit by the id that they have in their role. */
  tasksOf(unit: Unit): ReadonlyMap<string, readonly DraftTask[]> {
    const known = this.#byUnit.get(unit) ?? groupedBy(unit.expanded, ({template}) => template.id);
    this.#byUnit.set(unit, known);
    return known;
  }

  /** The nearest first: this role, this host, anywhere. */
  #candidates([first = '', ...selectors]: readonly string[], unit: Unit): readonly DraftTask[] {
    const own = select(this.tasksOf(unit).get(first) ?? [], selectors);
    if (own.length > 0) return own;
    const here = (this.#unitsOfHost.get(unit.host) ?? []).flatMap(
      (each) => this.tasksOf(each).get(first) ?? [],
    );
    const onHost = select([...new Set(here)], selectors);
    if (onHost.length > 0) return onHost;
    const anywhere = select(this.#all().get(first) ?? [], selectors);
    return anywhere.length > 0 ? anywhere : this.#ofRole(first, selectors, unit);
  }

  /** `tasks.ROLE.TASK…` */
  #ofRole(role: string, [id = '', ...selectors]: readonly string[], unit: Unit): readonly DraftTask[] {
    const all = (this.#all().get(id) ?? []).filter((task) => task.unit.role.name === role);
    const here = select(
      all.filter(({host}) => host === unit.host),
      selectors,
    );
    return here.length > 0 ? here : select(all, selectors);
  }

  #all(): ReadonlyMap<string, readonly DraftTask[]> {
    this.#byId ??= groupedBy(
      new Set(this.#units.flatMap(({expanded}) => expanded)),
      ({template}) => template.id,
    );
    return this.#byId;
  }

  #unknown(words: readonly string[]): Resolution {
    const [name = ''] = words;
    const hint = didYouMean(name, this.#all().keys());
    const known = this.#all().has(name);
    return {
      found: false,
      code: 'E503',
      detail: known
        ? `No task is meant by "tasks.${words.join('.')}": there is a task "${name}", but not for that host or item.`
        : `There is no task "${name}" in this run.`,
      ...(hint && !known && {hint}),
    };
  }
}

/** Each selector is a host or a loop's key. What never runs is meant only where nothing else could be. */
function select(tasks: readonly DraftTask[], selectors: readonly string[]): readonly DraftTask[] {
  const meant = selectors.reduce((left, selector) => {
    const onHost = left.filter(({host}) => host === selector);
    return onHost.length > 0 ? onHost : left.filter(({item}) => item?.key === selector);
  }, tasks);
  const left = meant.filter(({isRuledOut}) => !isRuledOut);
  return left.length > 0 ? left : meant.slice(0, 1);
}

function ambiguous(words: readonly string[], found: readonly DraftTask[]): Resolution {
  const [first] = found;
  const hosts = new Set(found.map(({host}) => host));
  const selector = hosts.size > 1 ? first?.host : first?.item?.key;
  return {
    found: false,
    code: 'E503',
    detail: `"tasks.${words.join('.')}" means ${found.length} tasks, on ${[...hosts].slice(0, 3).join(', ')}.`,
    hint: `Name one, as in tasks.${words.join('.')}['${selector}'].outputs, or make the task \`run_once\`.`,
  };
}

/** What `brackets.…` means, for a task of a unit. */
export function resolveBracket(
  path: readonly string[],
  brackets: readonly DraftBracket[],
  outputs: OutputValues,
  at: SourceRange,
): Resolution {
  const [, name = '', word] = path;
  const bracket = brackets.find(({template}) => template.id === name);
  if (!bracket) {
    const hint = didYouMean(
      name,
      brackets.map(({template}) => template.id),
    );
    return {
      found: false,
      code: 'E503',
      detail: `No bracket "${name}" is around this task.`,
      ...(hint && {hint}),
    };
  }
  if (word !== 'outputs')
    return {
      found: false,
      code: 'E503',
      detail: `Of a bracket only its outputs can be read: brackets.${name}.outputs.`,
    };
  return outputs.bracketValue({id: bracket.id, kind: bracket.template.kind}, path, 2, at);
}
