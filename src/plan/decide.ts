import {placeOf} from '../diagnostics/source.ts';
import type {FactStore} from '../facts/fact-store.ts';
import {isUnknown, type NoChange, type Verdict} from '../model/change.ts';
import type {FactQuery, Facts} from '../model/fact.ts';
import type {Late, Staged, TaskNode} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {HostProfile} from '../model/profile.ts';
import type {Outputs, Resource} from '../model/resource.ts';
import type {Decision, Deferred, Ledger, Question} from './decision.ts';
import type {Outlook} from './outlook.ts';

/** A host that was reached, as planning sees it. */
export interface SeenHost {
  readonly profile: HostProfile;
  facts(user: string | undefined): FactStore;
}

export type World = ReadonlyMap<HostName, SeenHost>;

/** All that a decision depends on. */
export interface Surroundings {
  readonly world: World;
  readonly outlook: Outlook;
  readonly ledger: Ledger;
  /** The tasks whose outputs somebody reads. */
  readonly read: ReadonlySet<TaskId>;
  bracketOutputs(bracket: TaskId): Outputs;
}

/** What to do about a task; pure. */
export function decide(task: TaskNode, around: Surroundings): Decision {
  if (!task.selected && !around.read.has(task.id)) return {status: 'skipped', because: 'not-selected'};
  const host = around.world.get(speakerFor(task, around));
  if (!host) return {status: 'skipped', because: 'host-unreachable'};
  const condition = resolve(task.when, task, host.profile, around);
  if (!condition.ok) return condition.decision;
  if (!condition.value) return {status: 'skipped', because: 'condition'};
  const resource = resolve(task.resource, task, host.profile, around);
  if (!resource.ok) return resource.decision;
  return decideResource(task, resource.value, host.profile, around);
}

/** Whose profile it has: its host's. What is there once for all has anybody's, where that host is away. */
function speakerFor({host, isShared, delegates}: TaskNode, {world}: Surroundings): HostName {
  if (!isShared || world.has(host)) return host;
  return delegates.find((each) => world.has(each)) ?? host;
}

type Settled<Value> =
  | {readonly ok: true; readonly value: Value}
  | {readonly ok: false; readonly decision: Decision};

function resolve<Value>(
  staged: Staged<Value>,
  task: TaskNode,
  profile: HostProfile,
  around: Surroundings,
): Settled<Value> {
  const {reads} = staged;
  const later = reads.filter((id) => around.ledger.given(id).state === 'later');
  if (later.length > 0) return {ok: false, decision: deferred(task, later)};
  for (const id of reads) {
    const given = around.ledger.given(id);
    if (given.state !== 'never') continue;
    const because = `It needs an output of ${id}, and ${given.because}.`;
    return {ok: false, decision: {status: 'invalid', because, place: placeOf(task.at)}};
  }
  const resolved = staged.resolve(lateOf(reads, profile, around));
  if (resolved.ok) return resolved;
  return {ok: false, decision: {status: 'invalid', because: resolved.problem, place: placeOf(resolved.at)}};
}

function lateOf(reads: readonly TaskId[], profile: HostProfile, around: Surroundings): Late {
  return {
    profile,
    outputsOf(id) {
      const given = around.ledger.given(id);
      if (given.state !== 'ready' || !reads.includes(id))
        throw new Error(`Internal error: a value reads ${id} and did not say so`);
      return given.outputs;
    },
    bracketOutputsOf: (id) => around.bracketOutputs(id),
  };
}

const deferred = (task: TaskNode, waitsFor: readonly TaskId[], resource?: Resource): Deferred => ({
  status: 'deferred',
  waitsFor,
  worst: task.selected ? (resource?.worst ?? task.worst) : 'none',
  resource,
});

function decideResource(
  task: TaskNode,
  resource: Resource,
  profile: HostProfile,
  around: Surroundings,
): Decision {
  const where = placeFor(task, resource, around);
  if (where === undefined) return {status: 'skipped', because: 'host-unreachable'};
  if (typeof where !== 'string') return {status: 'missing', questions: where};
  const missing = missingAt(peersOf(task, where, around), task.user, resource.facts, around);
  if (missing.length > 0) return {status: 'missing', questions: missing};
  const unseen = unseenOwners(task, where, resource, around);
  if (unseen.length > 0) return {status: 'unobservable', because: mayBeDone(unseen)};
  const open = around.outlook.openBy(where, resource.facts);
  if (open.length > 0) return deferred(task, open, resource);
  if (!task.selected) return {status: 'skipped', because: 'not-selected', resource};
  const peers = resource.scope === 'play' ? viewsOf(task, where, around) : NO_PEERS;
  return decisionOf(resource, resource.diff(viewOf(where, task.user, around), {profile, peers}));
}

function decisionOf(resource: Resource, verdict: Verdict): Decision {
  if (isUnknown(verdict)) return {status: 'unobservable', because: verdict.reason};
  if (verdict.action !== 'none') return {status: 'pending', resource, change: verdict};
  return fromFindings(resource, verdict);
}

function fromFindings(resource: Resource, {findings = []}: NoChange): Decision {
  if (findings.some(({severity}) => severity === 'error')) return {status: 'findings', findings};
  return findings.length > 0 ? {status: 'unchanged', resource, findings} : {status: 'unchanged', resource};
}

/** Where a task runs, the questions that must be asked to choose, or `undefined` where nobody can be reached. */
function placeFor(
  task: TaskNode,
  resource: Resource,
  around: Surroundings,
): HostName | readonly Question[] | undefined {
  if (task.delegates.length === 0) return task.host;
  const chosen = around.ledger.placeOf(task.id);
  if (chosen !== undefined && around.world.has(chosen)) return chosen;
  const reachable = task.delegates.filter((host) => around.world.has(host));
  let where: HostName | undefined;
  // The first mostly suits: the others are asked only where it does not.
  for (const hosts of [reachable.slice(0, 1), reachable.slice(1)]) {
    const missing = missingAt(hosts, task.user, resource.facts, around);
    if (missing.length > 0) return missing;
    where = hosts.find((host) => resource.suits(viewOf(host, task.user, around)));
    if (where !== undefined) break;
  }
  where ??= reachable[0];
  if (where !== undefined) around.ledger.place(task.id, where);
  return where;
}

/** Who may have what must not be made twice. A host that has it is the place, and nobody else is asked then. */
function unseenOwners(
  {delegates, user}: TaskNode,
  where: HostName,
  resource: Resource,
  around: Surroundings,
): readonly HostName[] {
  if (!resource.isUnique || resource.suits(viewOf(where, user, around))) return [];
  return delegates.filter((host) => !around.world.has(host));
}

const mayBeDone = (unseen: readonly HostName[]): string =>
  `there is to be one of it, and ${unseen.join(', ')} may have it and could not be reached: bring ` +
  'that host back, or take it out of the inventory';

function missingAt(
  hosts: readonly HostName[],
  user: string | undefined,
  queries: readonly FactQuery[],
  {world}: Surroundings,
): readonly Question[] {
  const missing: Question[] = [];
  for (const host of hosts) {
    const store = world.get(host)?.facts(user);
    for (const query of queries) if (!store?.has(query)) missing.push({host, user, query});
  }
  return missing;
}

/** The hosts whose answers a task reads: its own, and for a check over the play all that were reached. */
const peersOf = (task: TaskNode, where: HostName, {world}: Surroundings): readonly HostName[] =>
  task.peers.length === 0 ? [where] : [...new Set([where, ...task.peers.filter((peer) => world.has(peer))])];

const NO_PEERS: ReadonlyMap<HostName, Facts> = new Map();

const viewsOf = (task: TaskNode, where: HostName, around: Surroundings): ReadonlyMap<HostName, Facts> =>
  new Map(peersOf(task, where, around).map((peer) => [peer, viewOf(peer, task.user, around)]));

export function viewOf(where: HostName, user: string | undefined, {world, outlook}: Surroundings): Facts {
  const host = world.get(where);
  if (!host) throw new Error(`Internal error: ${where} was not reached`);
  return outlook.view(where, host.facts(user));
}
