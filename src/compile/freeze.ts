import type {Play} from '../catalog/nouns.ts';
import {isMap} from '../expression/values.ts';
import type {Bracket} from '../model/bracket.ts';
import type {Impact} from '../model/change.ts';
import type {BracketNode, Edge, PlayNode, Staged, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import type {JsonSchema, Resource} from '../model/resource.ts';
import {ifKnown, notYet} from '../model/unseen-profile.ts';
import type {ResourceDefinition} from '../resources/define.ts';
import {bindBracket, bindResource} from './bind.ts';
import {Delegation} from './delegation.ts';
import type {Draft, DraftBracket, DraftTask, Rendered} from './draft.ts';
import type {DraftNode} from './edge-list.ts';
import {tagsOf} from './select-tasks.ts';
import {checkedTree, type Spec} from './spec.ts';

/** The graph as the engine sees it. */
export function freeze(draft: Draft): TaskGraph {
  const maker = new NodeMaker(draft);
  const tasks = draft.tasks.toSorted((a, b) => a.place - b.place).map((task) => maker.task(task));
  return {
    hosts: [...draft.hosts.values()],
    plays: draft.plays.map(playNode),
    tasks,
    brackets: draft.brackets.map((bracket) => maker.bracket(bracket)),
    barriers: draft.barriers.map(({id, play: {play}}) => ({id, play: play.id, at: play.at})),
    edges: draft.order.flatMap(edgesTo),
  };
}

function edgesTo({id: to, into}: DraftNode): readonly Edge[] {
  const sorted = into.length < 2 ? into : into.toSorted((a, b) => a.from.place - b.from.place);
  return sorted.map(({from, requires, because}) => ({from: from.id, to, requires, because}));
}

const playNode = ({play: {id, name, rollout, at}, hosts}: Draft['plays'][number]): PlayNode => ({
  id,
  name,
  hosts,
  rollout,
  at,
});

const NO_HOSTS: readonly HostName[] = [];

function renderedOf({id, rendered}: DraftTask | DraftBracket): Rendered {
  if (!rendered) throw new Error(`Internal error: ${id} was not rendered`);
  return rendered;
}

/** The schema of a play allows nothing but these. */
function becomeOf({become}: Play): boolean | string | undefined {
  const value = become?.type === 'scalar' ? become.value : undefined;
  return typeof value === 'boolean' || typeof value === 'string' ? value : undefined;
}

const hasScope = (definition: ResourceDefinition | undefined): boolean => {
  const properties = definition?.schema['properties'];
  return isMap(properties) && 'scope' in properties;
};

/** With the defaults of its properties; whoever reads one that holds a late value finds out. */
function knownOf(spec: Spec, schema: JsonSchema): unknown {
  const {tree, leaves} = spec;
  if (leaves.length === 0) return checkedTree(spec, schema).value;
  const properties = Object.entries(isMap(schema['properties']) ? schema['properties'] : {});
  const defaults = properties.flatMap(([name, each]) => (isMap(each) ? [[name, each['default']]] : []));
  const value = {...Object.fromEntries(defaults), ...(isMap(tree) ? tree : {})};
  for (const [property = ''] of leaves.map(({path}) => path))
    Object.defineProperty(value, property, {get: notYet});
  return value;
}

class NodeMaker {
  readonly #draft: Draft;
  readonly #delegation: Delegation;
  readonly #resources = new Map<Rendered, Staged<Resource>>();
  readonly #brackets = new Map<Rendered, Staged<Bracket>>();
  readonly #seesPlay = new Map<Rendered, boolean>();
  readonly #worst = new Map<Rendered, Impact>();

  constructor(draft: Draft) {
    this.#draft = draft;
    this.#delegation = new Delegation(draft);
  }

  task(task: DraftTask): TaskNode {
    const {id, template, unit, host, when} = task;
    const rendered = renderedOf(task);
    return {
      id,
      name: nameOf(task, rendered),
      kind: template.kind,
      worst: this.#worstOf(task, rendered),
      play: unit.play.play.id,
      host,
      isShared: template.runOnce,
      delegates: this.#delegation.of(task),
      user: this.#userOf(task, unit.play.play, rendered),
      when,
      resource: this.#resourceOf(task, rendered),
      peers: this.#seesPlayOf(task, rendered) ? unit.play.hosts : NO_HOSTS,
      retries: rendered.engine.retries,
      timeoutMs: rendered.engine.timeoutMs,
      tags: tagsOf(task),
      locks: rendered.engine.locks,
      selected: task.isSelected,
      spec: rendered.shown,
      at: template.at,
    };
  }

  bracket(bracket: DraftBracket): BracketNode {
    const {id, template, play, host, around} = bracket;
    const rendered = renderedOf(bracket);
    return {
      id,
      name: rendered.name,
      kind: template.kind,
      play: play.play.id,
      host,
      delegates: this.#delegation.of(bracket),
      user: this.#userOf(bracket, play.play, rendered),
      bracket: this.#bracketOf(bracket, rendered),
      around: around.map((task) => task.id),
      impact: template.impact,
      timeoutMs: rendered.engine.timeoutMs,
      spec: rendered.shown,
      at: template.at,
    };
  }

  /** The task's word, then the play's, then the inventory's. */
  #userOf({host, unit}: DraftTask | DraftBracket, play: Play, {engine}: Rendered): string | undefined {
    const become = this.#draft.hosts.get(host)?.connection.become;
    const wanted = engine.become ?? becomeOf(unit?.play.play ?? play) ?? become?.enabled;
    if (typeof wanted === 'string') return wanted;
    return wanted === true ? become?.user : undefined;
  }

  /** Whether its type looks at the answers of all hosts of the play. */
  #seesPlayOf({template}: DraftTask, rendered: Rendered): boolean {
    const known = this.#seesPlay.get(rendered);
    if (known !== undefined) return known;
    const {tree} = rendered.spec;
    const sees =
      isMap(tree) && tree['scope'] === 'play' && hasScope(this.#draft.resources.get(template.kind));
    this.#seesPlay.set(rendered, sees);
    return sees;
  }

  /** What depends on a late value may be anything. */
  #worstOf({template: {kind}}: DraftTask, rendered: Rendered): Impact {
    const known = this.#worst.get(rendered);
    if (known) return known;
    const definition = this.#draft.resources.get(kind);
    if (!definition) throw new Error(`Internal error: no resource type "${kind}"`);
    const worst = ifKnown(() => definition.worstOf(knownOf(rendered.spec, definition.schema))) ?? 'loss';
    this.#worst.set(rendered, worst);
    return worst;
  }

  #resourceOf({template}: DraftTask, rendered: Rendered): Staged<Resource> {
    const known = this.#resources.get(rendered);
    if (known) return known;
    const definition = this.#draft.resources.get(template.kind);
    if (!definition) throw new Error(`Internal error: no resource type "${template.kind}"`);
    const resource = bindResource(rendered.spec, definition, template.at);
    this.#resources.set(rendered, resource);
    return resource;
  }

  #bracketOf({template}: DraftBracket, rendered: Rendered): Staged<Bracket> {
    const known = this.#brackets.get(rendered);
    if (known) return known;
    const definition = this.#draft.input.brackets.get(template.kind);
    if (!definition) throw new Error(`Internal error: no bracket type "${template.kind}"`);
    const bracket = bindBracket(rendered.spec, definition, template.at);
    this.#brackets.set(rendered, bracket);
    return bracket;
  }
}

/** With the key of a loop's item, where the name does not tell the tasks of the loop apart. */
function nameOf({item}: DraftTask, {name}: Rendered): string {
  return item === undefined || name.includes(item.key) ? name : `${name} [${item.key}]`;
}
