import type {Script} from '../../src/base/script.ts';
import {Secret} from '../../src/base/secret.ts';
import {parseShare} from '../../src/base/share.ts';
import type {SourceRange} from '../../src/diagnostics/source.ts';
import {ABSENT, known, unknown} from '../../src/model/answer.ts';
import type {Bracket} from '../../src/model/bracket.ts';
import {type Impact, NOTHING, type PendingChange} from '../../src/model/change.ts';
import type {FactKind, FactQuery} from '../../src/model/fact.ts';
import {fact} from '../../src/model/fact.ts';
import type {BarrierNode, BracketNode, Edge, Staged, TaskGraph, TaskNode} from '../../src/model/graph.ts';
import type {Host} from '../../src/model/host.ts';
import type {HostName, TaskId} from '../../src/model/names.ts';
import type {Outputs, Resource, Settle} from '../../src/model/resource.ts';
import type {Step} from '../../src/model/step.ts';

export const HERE: SourceRange = {source: {file: 'test.yaml', text: 'test'}, from: 0, to: 4};

export const id = (text: string): TaskId => text as TaskId;
export const hostName = (text: string): HostName => text as HostName;
export const script = (text: string): Script => ({wire: text, display: text});

export function aHost(name: string, reconnectTimeoutMs = 1_000): Host {
  const become = {enabled: false, user: 'root', password: undefined};
  const how = {
    transport: 'ssh',
    address: name,
    port: 22,
    user: undefined,
    privateKeyFile: undefined,
  } as const;
  return {
    name: hostName(name),
    at: HERE,
    connection: {...how, password: undefined, become, reconnectTimeoutMs},
  };
}

const LOOK: FactKind<true> = {
  name: 'look',
  summary: 'Whether a controlled host has a marker.',
  program: (keys) => script(['look', ...keys].join(' ')),
  parse: (output, keys) => {
    const said = new TextDecoder().decode(output).split('\n');
    return keys.map((_, index) => (said[index] === 'yes' ? known(true) : ABSENT));
  },
};

export const look = (name: string): FactQuery<true> => ({kind: LOOK, key: name, subject: `path:/${name}`});

export interface MarkerOptions {
  readonly proof?: 'exit-code' | 'facts';
  readonly impact?: Impact;
  /** What the step is, if not `make NAME`. */
  readonly step?: string | Step;
  /** Where there are several. */
  readonly steps?: readonly (string | Step)[];
  /** Touches everything and predicts nothing, as a command does. */
  readonly wild?: boolean;
  /** Another marker that it reads as well: its diff is about both. */
  readonly alsoReads?: string;
  readonly settle?: Settle;
  readonly outputs?: Outputs;
  readonly secret?: string;
  readonly isUnique?: boolean;
}

/** A resource that wants a marker on a controlled host. */
export function marker(name: string, options: MarkerOptions = {}): Resource {
  const {proof = 'exit-code', impact = 'none', step = `make ${name}`, wild = false, alsoReads} = options;
  const {steps = [step]} = options;
  const change: PendingChange = {
    action: 'create',
    details: [{attribute: 'marker', before: undefined, after: name}],
    impact,
    steps: steps.map((each) => (typeof each === 'string' ? script(each) : each)),
    touches: wild ? 'everything' : [`path:/${name}`],
    predicts: wild ? [] : [fact(look(name), true)],
    proof,
  };
  return {
    kind: 'marker',
    key: `path:/${name}`,
    facts: alsoReads === undefined ? [look(name)] : [look(name), look(alsoReads)],
    diff: (facts) => (facts.get(look(name)).state === 'known' ? NOTHING : change),
    scope: 'host',
    worst: impact,
    mayTouch: wild ? 'everything' : [`path:/${name}`],
    outputs: (facts) =>
      facts.get(look(name)).state === 'known' ? (options.outputs ?? {}) : unknown(`${name} is not there`),
    settle: options.settle,
    preview: undefined,
    fetches: [],
    suits: (facts) => facts.get(look(name)).state === 'known',
    isUnique: options.isUnique ?? false,
  };
}

export const now = <Value>(value: Value): Staged<Value> => ({
  stage: 'static',
  reads: [],
  resolve: () => ({ok: true, value}),
});

export function aTask(
  name: string,
  options: Partial<TaskNode> & {on?: string; wants?: Resource} = {},
): TaskNode {
  const {on = 'a', wants = marker(name), ...rest} = options;
  return {
    id: id(name),
    name,
    kind: 'marker',
    worst: wants.worst,
    play: 'play',
    host: hostName(on),
    isShared: false,
    delegates: [],
    user: undefined,
    when: now(true),
    resource: now(wants),
    peers: [],
    retries: {count: 0, delayMs: 1},
    timeoutMs: 60_000,
    tags: [],
    locks: [],
    selected: true,
    spec: () => ({}),
    at: HERE,
    ...rest,
  };
}

interface BracketOptions {
  readonly on?: string;
  readonly leftOpen?: string;
  readonly suitedBy?: string;
  /** When it closes in another way. */
  readonly patient?: 'complete' | 'never';
}

export function aBracket(
  name: string,
  around: readonly string[],
  options: Partial<BracketNode> & BracketOptions = {},
): BracketNode {
  const {on = 'a', leftOpen, suitedBy, patient = 'never', ...rest} = options;
  const asked = [leftOpen, suitedBy].flatMap((each) => (each === undefined ? [] : [look(each)]));
  const bracket: Bracket = {
    kind: 'flag',
    key: `path:/${name}`,
    facts: asked,
    open: () => [script(`make ${name}`)],
    close: (_facts, ending) =>
      patient === ending ? [script(`make ${name}-passed`)] : [script(`drop ${name}`)],
    leftOpen: (facts) => leftOpen !== undefined && facts.get(look(leftOpen)).state === 'known',
    outputs: {token: new Secret('t0ken')},
    suits: (facts) => suitedBy === undefined || facts.get(look(suitedBy)).state === 'known',
  };
  return {
    id: id(name),
    name,
    kind: 'flag',
    play: 'play',
    host: hostName(on),
    delegates: [],
    user: undefined,
    bracket: now(bracket),
    around: around.map(id),
    impact: 'none',
    timeoutMs: 60_000,
    spec: () => ({}),
    at: HERE,
    ...rest,
  };
}

export const edge = (from: string, to: string, requires: Edge['requires'] = 'success'): Edge => ({
  from: id(from),
  to: id(to),
  requires,
  because: {type: 'needs', at: HERE},
});

/** Tasks in written order on each host of each play. */
export function writtenOrder(tasks: readonly TaskNode[]): readonly Edge[] {
  const last = new Map<string, TaskNode>();
  return tasks.flatMap((task) => {
    const key = `${task.play} ${task.host}`;
    const before = last.get(key);
    last.set(key, task);
    return before ? [{...edge(before.id, task.id), because: {type: 'written-order', at: HERE} as const}] : [];
  });
}

export interface GraphParts {
  readonly tasks: readonly TaskNode[];
  readonly brackets?: readonly BracketNode[];
  readonly barriers?: readonly BarrierNode[];
  readonly edges?: readonly Edge[];
  /** By play. */
  readonly rollout?: Readonly<
    Record<string, {maxUnavailable?: string; maxFailures?: string; onFailure?: 'stop'}>
  >;
  readonly hosts?: readonly Host[];
}

export function aGraph(parts: GraphParts): TaskGraph {
  const {tasks, brackets = [], barriers = [], edges = writtenOrder(tasks), rollout = {}} = parts;
  const names = [...new Set(tasks.flatMap(({host, delegates}) => [host, ...delegates]))];
  const plays = [...new Set(tasks.map(({play}) => play))].map((play) => ({
    id: play,
    name: play,
    hosts: [...new Set(tasks.filter((task) => task.play === play).map(({host}) => host))],
    rollout: {
      maxUnavailable: parseShare(rollout[play]?.maxUnavailable ?? ''),
      maxFailures: parseShare(rollout[play]?.maxFailures ?? ''),
      onFailure: rollout[play]?.onFailure ?? ('continue' as const),
    },
    at: HERE,
  }));
  return {hosts: parts.hosts ?? names.map((name) => aHost(name)), plays, tasks, brackets, barriers, edges};
}
