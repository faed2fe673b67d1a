import {sha256Hex} from '../../base/sha256-hex.ts';
import {type KubernetesObject} from '../../facts/kubernetes-object.ts';
import {nameOf, type ObjectReference, subjectOf} from '../../facts/object-reference.ts';
import {type Unknown, unknown} from '../../model/answer.ts';
import {type ChangeDetail, NOTHING, type PendingChange, type Verdict} from '../../model/change.ts';
import type {Facts} from '../../model/fact.ts';
import type {Step} from '../../model/step.ts';
import {seen} from '../seen.ts';
import {declaredDifferences, differences} from './fields.ts';
import type {Wanted} from './manifest.ts';
import {allFields, atFields} from './owned.ts';
import {recordedIn, recordOf, recordReference} from './record.ts';
import {restartedBy} from './restarts.ts';
import {type KubernetesObjectSpec, objectsOf, queryFor, recordQuery} from './spec.ts';
import {apply, established, MANAGER, remove} from './steps.ts';

/** What must be done so that nothing of the set is there. */
export function removal(spec: KubernetesObjectSpec, facts: Facts): Verdict {
  const there = objectsOf(spec).filter((each) => seen(facts, queryFor(each, spec)) !== undefined);
  const record = seen(facts, recordQuery(spec));
  const members = union(
    recordedIn(record),
    there.map(({reference}) => reference),
  );
  const all = record ? [recordReference(spec.set), ...members] : members;
  if (all.length === 0) return NOTHING;
  return {
    action: 'delete',
    details: members.map(deletion),
    impact: 'none',
    steps: [remove(spec.kubeconfig, all)],
    touches: all.map(subjectOf),
    predicts: [],
    proof: 'facts',
  };
}

/** What must be done so that the objects are as declared, and those of before are gone. */
export function convergence(spec: KubernetesObjectSpec, facts: Facts): Verdict {
  const diverging: Divergence[] = [];
  for (const wanted of objectsOf(spec)) {
    const found = seen(facts, queryFor(wanted, spec));
    const details = divergence(wanted, found);
    if ('state' in details) return details;
    if (details.length > 0) diverging.push({wanted, details, restarts: restartedBy(wanted, details, found)});
  }
  const members = objectsOf(spec).map(({reference}) => reference);
  const before = recordedIn(seen(facts, recordQuery(spec)));
  const work: Work = {diverging, members, before, pruned: minus(before, members)};
  return isIdle(work) ? NOTHING : changeOf(spec, work);
}

/** An object with what is not as it should be. */
interface Divergence {
  readonly wanted: Wanted;
  readonly details: readonly ChangeDetail[];
  /** The workloads whose pods are replaced: itself, or none. */
  readonly restarts: readonly string[];
}

interface Work {
  readonly diverging: readonly Divergence[];
  /** The objects of the set, as declared and as recorded; and those that go. */
  readonly members: readonly ObjectReference[];
  readonly before: readonly ObjectReference[];
  readonly pruned: readonly ObjectReference[];
}

const isRecorded = ({members, before}: Work): boolean => minus(members, before).length === 0;
const isIdle = (work: Work): boolean =>
  work.diverging.length === 0 && work.pruned.length === 0 && isRecorded(work);

function divergence(wanted: Wanted, found: KubernetesObject | undefined): readonly ChangeDetail[] | Unknown {
  const {name, shown} = wanted;
  if (!found) return [{attribute: name, before: undefined, after: digestOf(wanted)}];
  const {live, owned, tried} = found;
  if (!tried) return inside(name, declaredDifferences(shown, live, owned));
  if ('refused' in tried) return unknown(`the API server refuses ${name}: ${tried.refused}`);
  const fields = allFields(owned, tried.owned);
  const details = inside(name, differences(atFields(live, fields), atFields(tried.live, fields)));
  const isOurs = JSON.stringify(owned) === JSON.stringify(tried.owned);
  if (details.length > 0 || isOurs) return details;
  return [{attribute: `${name} fields`, before: 'of others', after: 'ours'}];
}

const inside = (name: string, details: readonly ChangeDetail[]): readonly ChangeDetail[] =>
  details.map(({attribute, before, after}) => ({
    attribute: `${name} ${attribute}`,
    before: masked(before),
    after: before === undefined ? masked(after) : masked(after)?.replace('(secret)', '(another secret)'),
  }));

/** The mark of a secret differs in each run: plans that are compared must not hold it. */
const masked = (text: string | undefined): string | undefined =>
  text?.startsWith('secret:') === true ? '(secret)' : text;

const digestOf = ({reference, shown}: Wanted): string =>
  reference.kind === 'Secret' ? '(secret)' : `sha256:${sha256Hex(JSON.stringify(shown)).slice(0, 12)}`;

const deletion = (reference: ObjectReference): ChangeDetail => ({
  attribute: nameOf(reference),
  before: 'present',
  after: undefined,
});

function changeOf(spec: KubernetesObjectSpec, work: Work): PendingChange {
  const {diverging, members, before, pruned} = work;
  const restarts = diverging.flatMap((each) => each.restarts);
  const details = [
    ...diverging.flatMap((each) => each.details),
    ...pruned.map(deletion),
    ...(restarts.length > 0 ? [{attribute: 'restarts', before: undefined, after: restarts.join(', ')}] : []),
  ];
  const changed = [...diverging.map(({wanted}) => wanted.reference), ...pruned];
  return {
    action: before.length === 0 ? 'create' : 'update',
    details:
      details.length > 0
        ? details
        : [{attribute: 'record', before: undefined, after: `${members.length} objects`}],
    impact: restarts.length > 0 ? 'restart' : 'none',
    steps: stepsOf(spec, work),
    touches: [recordReference(spec.set), ...changed].map(subjectOf),
    predicts: [],
    proof: 'facts',
  };
}

/** What will be there is recorded before it is made, and what goes until it is gone: no death of a run loses any. */
function stepsOf(spec: KubernetesObjectSpec, work: Work): readonly Step[] {
  const {set, kubeconfig} = spec;
  const access = {kubeconfig, manager: MANAGER};
  const {diverging, members, before, pruned} = work;
  const wanted = diverging.map((each) => each.wanted);
  const record = isRecorded(work) ? [] : [recordOf(set, union(before, members))];
  const definitions = wanted.filter(({reference}) => reference.kind === 'CustomResourceDefinition');
  const rest = wanted.filter((each) => !definitions.includes(each));
  const first = definitions.length === 0 ? [...record, ...rest] : [...record, ...definitions];
  return [
    ...(first.length > 0 ? [apply(access, first)] : []),
    ...(definitions.length > 0
      ? [
          established(
            kubeconfig,
            definitions.map(({reference}) => reference),
          ),
        ]
      : []),
    ...(definitions.length > 0 && rest.length > 0 ? [apply(access, rest)] : []),
    ...(pruned.length > 0 ? [remove(kubeconfig, pruned), apply(access, [recordOf(set, members)])] : []),
  ];
}

function minus(
  all: readonly ObjectReference[],
  without: readonly ObjectReference[],
): readonly ObjectReference[] {
  const names = new Set(without.map(nameOf));
  return all.filter((each) => !names.has(nameOf(each)));
}

const union = (
  one: readonly ObjectReference[],
  other: readonly ObjectReference[],
): readonly ObjectReference[] => [...one, ...minus(other, one)];
