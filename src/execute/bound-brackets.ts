import {Secret} from '../base/secret.ts';
import {placeOf} from '../diagnostics/source.ts';
import type {Bracket} from '../model/bracket.ts';
import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {PlannedBracket} from '../model/plan.ts';
import type {Outputs} from '../model/resource.ts';
import type {KnownHost} from '../observe/known-host.ts';
import type {Given, Ledger, Question} from '../plan/decision.ts';

/** The brackets of a run, each bound once: their outputs are made then, and stay the same until the end. */
export class BoundBrackets {
  readonly #nodes: ReadonlyMap<TaskId, BracketNode>;
  readonly #world: ReadonlyMap<HostName, KnownHost>;
  readonly #bound = new Map<TaskId, Bracket>();
  readonly #places = new Map<TaskId, KnownHost>();

  constructor(graph: TaskGraph, world: ReadonlyMap<HostName, KnownHost>) {
    this.#nodes = new Map(graph.brackets.map((node) => [node.id, node]));
    this.#world = world;
  }

  /** Where a bracket is opened: of the hosts of its choice that were reached, the first that suits, or the first. */
  hostOf(node: BracketNode): KnownHost | undefined {
    return this.#places.get(node.id) ?? this.#reached(node)[0];
  }

  /** As a plan says where it is opened. */
  readonly placed = (each: PlannedBracket): PlannedBracket => {
    const node = this.#nodes.get(each.id);
    const at = node && this.hostOf(node)?.host.name;
    return at === undefined || at === each.host ? each : {...each, at};
  };

  #reached({host, delegates}: BracketNode): readonly KnownHost[] {
    const candidates = delegates.length > 0 ? delegates : [host];
    return candidates.flatMap((name) => this.#world.get(name) ?? []);
  }

  /** Once all was asked. It stays the place: what is opened there is closed there. */
  #place(node: BracketNode): void {
    const reached = this.#reached(node);
    const suiting = reached.find((known) => this.#resolved(node, known)?.suits(known.facts(node.user)));
    const place = suiting ?? reached[0];
    if (place && node.delegates.length > 1) this.#places.set(node.id, place);
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

  /** What has to be asked to tell where each is opened, and whether a dead run left something open. */
  missing(): readonly Question[] {
    return [...this.#nodes.values()].flatMap((node) =>
      this.#reached(node).flatMap((known) => {
        const facts = this.#resolved(node, known)?.facts ?? [];
        const asked = facts.filter((query) => !known.facts(node.user).has(query));
        return asked.map((query) => ({host: known.host.name, user: node.user, query}));
      }),
    );
  }

  leftOpen(): readonly BracketNode[] {
    for (const node of this.#nodes.values()) this.#place(node);
    return [...this.#nodes.values()].filter((node) => {
      const known = this.hostOf(node);
      return known !== undefined && this.#early(node)?.leftOpen(known.facts(node.user)) === true;
    });
  }

  /** Bound without any output of a task, where that is possible. */
  #early(node: BracketNode): Bracket | undefined {
    const known = this.hostOf(node);
    const found = this.#bound.get(node.id) ?? (known && this.#resolved(node, known));
    if (found) this.#bound.set(node.id, found);
    return found;
  }

  /** As it would be on a host. Its outputs are its own each time. */
  #resolved(node: BracketNode, {profile}: KnownHost): Bracket | undefined {
    if (node.bracket.reads.length > 0) return undefined;
    const none = (id: TaskId): never => {
      throw new Error(`Internal error: ${node.id} reads ${id} and did not say so`);
    };
    const resolved = node.bracket.resolve({
      profile,
      outputsOf: none,
      bracketOutputsOf: (id) => this.outputsOf(id),
    });
    return resolved.ok ? resolved.value : undefined;
  }
}

const UNKNOWN_OUTPUTS = new Proxy<Outputs>({}, {get: () => new Secret('')});
