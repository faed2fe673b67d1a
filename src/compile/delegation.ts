import {parsePattern} from '../inventory/pattern.ts';
import type {HostName} from '../model/names.ts';
import {type Draft, type DraftBracket, type DraftTask, unitsOf} from './draft.ts';

/** Where tasks may run that do not run on their own host. Patterns are looked up once. */
export class Delegation {
  readonly #draft: Draft;
  /** What `--limit` means: nobody else is changed unless a role says where it must be done. */
  readonly #selected: ReadonlySet<HostName>;
  readonly #byPattern = new Map<string, readonly HostName[]>();

  constructor(draft: Draft) {
    this.#draft = draft;
    this.#selected = new Set(draft.world.selected());
  }

  /** In order of preference; empty: on its host. What is done once may be done by any host that has the task. */
  of(task: DraftTask | DraftBracket): readonly HostName[] {
    const pattern = task.rendered?.engine.delegateTo;
    if (pattern !== undefined) return this.#select(pattern, task);
    if (!task.template.runOnce) return NOWHERE;
    const units = 'sharers' in task ? unitsOf(task) : task.around.flatMap(unitsOf);
    const hosts = [...new Set(units.map(({host}) => host))];
    const selected = hosts.filter((host) => this.#selected.has(host));
    return selected.length > 0 ? selected : hosts;
  }

  #select(pattern: string, {template}: DraftTask | DraftBracket): readonly HostName[] {
    const known = this.#byPattern.get(pattern);
    if (known) return known;
    const {input, problems} = this.#draft;
    const at = template.delegateTo?.range ?? template.at;
    const hosts = parsePattern(pattern, at, problems)?.select(input.inventory, problems) ?? [];
    this.#byPattern.set(pattern, hosts);
    if (hosts.length === 0) {
      problems.report('E203', {
        range: at,
        detail: `"${pattern}" is no host, so nobody could do this task.`,
        hint: 'Put a host into that group.',
      });
    }
    return hosts;
  }
}

const NOWHERE: readonly HostName[] = [];
