import {Secret} from '../base/secret.ts';
import {placeOf} from '../diagnostics/source.ts';
import type {Bracket} from '../model/bracket.ts';
import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Outputs} from '../model/resource.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Given, Ledger, Question} from '../plan/decision.ts';

/** The brackets of a run, each bound once: their outputs are made then, and stay the same until the end. */
export class BoundBrackets {
  readonly #nodes: ReadonlyMap<TaskId, BracketNode>;
  readonly #world: ReadonlyMap<HostName, KnownHost>;
  readonly #bound = new Map<TaskId, Bracket>();

  constructor(graph: TaskGraph, world: ReadonlyMap<HostName, KnownHost>) {
    this.#nodes = new Map(graph.brackets.map((node) => [node.id, node]));
    this.#world = world;
  }

  /** Where a bracket is opened: the first host of its choice that was reached. */
  hostOf({host, delegates}: BracketNode): KnownHost | undefined {
    const candidates = delegates.length > 0 ? delegates : [host];
    return candidates.flatMap((name) => this.#world.get(name) ?? [])[0];
  }

  /** What tasks inside may use. Until it is bound these are secrets without content, which nobody is sent. */
  outputsOf(id: TaskId): Outputs {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`Internal error: there is no bracket ${id}`);
    return this.#early(node)?.outputs ?? UNKNOWN_OUTPUTS;
  }

  /** The bracket with what the tasks gave so far, or why it cannot be made. */
  bind(node: BracketNode, ledger: Ledger): Bracket | string {
    const found = this.#bound.get(node.id);
    if (found) return found;
    const profile = this.hostOf(node)?.profile;
    if (!profile) return 'none of the hosts that it could be opened on was reached';
    const given = new Map(node.bracket.reads.map((id): [TaskId, Given] => [id, ledger.given(id)]));
    for (const [id, {state}] of given) if (state !== 'ready') return `the output of ${id} is not there`;
    const outputsOf = (id: TaskId): Outputs => {
      const each = given.get(id);
      if (each?.state !== 'ready')
        throw new Error(`Internal error: ${node.id} reads ${id} and did not say so`);
      return each.outputs;
    };
    const bracketOutputsOf = (id: TaskId): Outputs => this.outputsOf(id);
    const resolved = node.bracket.resolve({profile, outputsOf, bracketOutputsOf});
    if (!resolved.ok) return `${placeOf(resolved.at)}: ${resolved.problem}`;
    this.#bound.set(node.id, resolved.value);
    return resolved.value;
  }

  /** What has to be asked to tell whether a dead run left something open. */
  missing(): readonly Question[] {
    return [...this.#nodes.values()].flatMap((node) => {
      const known = this.hostOf(node);
      const facts = known ? (this.#early(node)?.facts ?? []) : [];
      const asked = facts.filter((query) => !known?.facts(node.user).has(query));
      return asked.map((query) => ({host: known?.host.name ?? node.host, user: node.user, query}));
    });
  }

  leftOpen(): readonly BracketNode[] {
    return [...this.#nodes.values()].filter((node) => {
      const known = this.hostOf(node);
      return known !== undefined && this.#early(node)?.leftOpen(known.facts(node.user)) === true;
    });
  }

  /** Bound without any output of a task, where that is possible. */
  #early(node: BracketNode): Bracket | undefined {
    const found = this.#bound.get(node.id);
    if (found || node.bracket.reads.length > 0) return found;
    const profile = this.hostOf(node)?.profile;
    if (!profile) return undefined;
    const none = (id: TaskId): never => {
      throw new Error(`Internal error: ${node.id} reads ${id} and did not say so`);
    };
    const resolved = node.bracket.resolve({
      profile,
      outputsOf: none,
      bracketOutputsOf: (id) => this.outputsOf(id),
    });
    if (!resolved.ok) return undefined;
    this.#bound.set(node.id, resolved.value);
    return resolved.value;
  }
}

const UNKNOWN_OUTPUTS = new Proxy<Outputs>({}, {get: () => new Secret('')});
