import type {Json} from '../base/json.ts';
import {placeOf, type SourceRange} from '../diagnostics/source.ts';
import type {BarrierNode, BracketNode, Edge, PlayNode, Staged, TaskGraph, TaskNode} from '../model/graph.ts';
import type {Host} from '../model/host.ts';

/** A graph as JSON: the same input gives the same bytes. Places are file:line:column, secrets are masked. */
export function serializeGraph(graph: TaskGraph): string {
  const places = new Places();
  const json: Json = {
    format: 1,
    hosts: graph.hosts.map((host) => hostJson(host, places)),
    plays: graph.plays.map((play) => playJson(play, places)),
    tasks: graph.tasks.map((task) => taskJson(task, places)),
    brackets: graph.brackets.map((bracket) => bracketJson(bracket, places)),
    barriers: graph.barriers.map(({id, play, at}: BarrierNode) => ({id, play, at: places.of(at)})),
    edges: graph.edges.map((edge) => edgeJson(edge, places)),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/** Many nodes stand at one place. */
class Places {
  readonly #known = new Map<SourceRange, string>();

  of(range: SourceRange): string {
    const place = this.#known.get(range) ?? placeOf(range);
    this.#known.set(range, place);
    return place;
  }
}

function hostJson({name, connection, at}: Host, places: Places): Json {
  const {transport, address, port, user, become} = connection;
  return {
    name,
    transport,
    address,
    port,
    user: user ?? null,
    become: become.enabled ? become.user : null,
    at: places.of(at),
  };
}

function playJson({id, name, hosts, rollout, at}: PlayNode, places: Places): Json {
  const {maxUnavailable, maxFailures, onFailure} = rollout;
  return {
    id,
    name,
    hosts,
    rollout: {
      max_unavailable: maxUnavailable?.text ?? null,
      max_failures: maxFailures?.text ?? null,
      on_failure: onFailure,
    },
    at: places.of(at),
  };
}

function taskJson(task: TaskNode, places: Places): Json {
  const {id, name, kind, play, host, delegates, user, when, resource, peers, retries} = task;
  return {
    id,
    name,
    kind,
    play,
    host,
    delegates,
    user: user ?? null,
    when: stagedJson(when),
    resource: stagedJson(resource),
    peers,
    retries: {count: retries.count, delay_ms: retries.delayMs},
    timeout_ms: task.timeoutMs,
    tags: task.tags,
    locks: task.locks,
    selected: task.selected,
    spec: task.spec(),
    at: places.of(task.at),
  };
}

function bracketJson(bracket: BracketNode, places: Places): Json {
  const {id, name, kind, play, host, delegates, user, around, impact} = bracket;
  return {
    id,
    name,
    kind,
    play,
    host,
    delegates,
    user: user ?? null,
    bracket: stagedJson(bracket.bracket),
    around,
    impact,
    timeout_ms: bracket.timeoutMs,
    spec: bracket.spec(),
    at: places.of(bracket.at),
  };
}

const stagedJson = ({stage, reads}: Staged<unknown>): Json => ({known: stage, reads});

function edgeJson({from, to, requires, because}: Edge, places: Places): Json {
  const {at, ...reason} = because;
  return {from, to, requires, because: {...reason, at: places.of(at)}};
}
