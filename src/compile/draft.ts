import type {Json} from '../base/json.ts';
import {findPlay} from '../catalog/load-playbook.ts';
import type {Entrypoint, Play, Role, RoleUse, TaskTemplate} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Staged} from '../model/graph.ts';
import type {Host} from '../model/host.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {ResourceDefinition} from '../resources/define.ts';
import type {DraftNode, EdgeList} from './edge-list.ts';
import type {EngineWords} from './engine-words.ts';
import type {CompileInput} from './input.ts';
import type {Item} from './loop-items.ts';
import type {Presence} from './presence.ts';
import type {Spec} from './spec.ts';
import type {UnitScope} from './unit-scope.ts';
import type {World} from './world.ts';

/** What the passes hand on: each adds its part. */
export interface Draft {
  readonly input: CompileInput;
  readonly problems: Problems;
  readonly world: World;
  /** Resource types, with those that no user writes. */
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  readonly plays: DraftPlay[];
  /** All that are left: what a condition rules out is not among them. */
  tasks: readonly DraftTask[];
  brackets: readonly DraftBracket[];
  /** The tasks whose outputs are read. */
  readonly producers: Map<TaskId, DraftTask>;
  readonly barriers: DraftBarrier[];
  readonly edges: EdgeList;
  /** Those that tasks are for or may run on. */
  hosts: ReadonlyMap<HostName, Host>;
  /** All tasks and barriers, in an order in which they could run one after the other. */
  order: readonly DraftNode[];
}

/** A play with the hosts that its pattern chose. */
export interface DraftPlay {
  readonly play: Play;
  readonly hosts: readonly HostName[];
  /** In the order of hosts, then of roles. */
  units: readonly Unit[];
  /** Around the changes of its hosts, whichever role makes them. */
  brackets: readonly DraftBracket[];
}

/** A role on a host in a play: what shares a scope. */
export interface Unit {
  readonly play: DraftPlay;
  readonly host: HostName;
  readonly role: Role;
  readonly entrypoint: Entrypoint;
  readonly use: RoleUse;
  /** Of the role as a whole; `undefined`: it always holds. */
  readonly condition: Staged<boolean> | undefined;
  /** Of a role that was switched off. */
  readonly presence: Presence | undefined;
  readonly scope: UnitScope;
  /** In the order written; a `run_once` task stands in the units of all its hosts. */
  tasks: readonly DraftTask[];
  /** The same with those that a condition has ruled out, so that a reference to one can say why it is wrong. */
  expanded: readonly DraftTask[];
  brackets: readonly DraftBracket[];
}

/** Waits until a play has ended on all of its hosts. */
export interface DraftBarrier extends DraftNode {
  readonly play: DraftPlay;
}

/** A task on its way to a node of the graph. */
export interface DraftTask extends DraftNode {
  readonly template: TaskTemplate;
  readonly unit: Unit;
  readonly host: HostName;
  readonly item: Item | undefined;
  /** The other units that share it, where it is run once. */
  readonly sharers: readonly Unit[];
  /** Whether something that is written in its play goes before it, or behind it. */
  hasBefore: boolean;
  hasAfter: boolean;
  /** Whether a condition that is known has ruled it out. */
  isRuledOut: boolean;
  /** Whether it may change something. */
  isSelected: boolean;
  /** Set by the pass that decides conditions. */
  when: Staged<boolean>;
  /** Set by the pass that renders; shared by all tasks that read the same. */
  rendered: Rendered | undefined;
}

/** A task with its templates filled in. */
export interface Rendered {
  readonly name: string;
  readonly spec: Spec;
  /** For plans: secrets masked, late values as they are written, files by their names. */
  readonly shown: () => Json;
  readonly engine: EngineWords;
}

/** A bracket, of a role or of a play, for one host or for all of them. */
export interface DraftBracket {
  readonly id: TaskId;
  readonly template: TaskTemplate;
  readonly play: DraftPlay;
  readonly host: HostName;
  readonly scope: UnitScope;
  /** In the scope of which role; `undefined`: of the play. */
  readonly unit: Unit | undefined;
  around: readonly DraftTask[];
  rendered: Rendered | undefined;
}

/** By id, or by name. */
export function draftPlayNamed(plays: readonly DraftPlay[], name: string): DraftPlay | undefined {
  const found = findPlay(
    plays.map(({play}) => play),
    name,
  );
  return plays.find(({play}) => play === found);
}

/** The units whose task it is: one, unless it is run once. */
export const unitsOf = ({unit, sharers}: DraftTask): readonly Unit[] =>
  sharers.length === 0 ? [unit] : [unit, ...sharers];
