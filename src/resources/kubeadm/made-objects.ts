import type {JsonObject} from '../../base/json.ts';
import {ADMIN} from '../../facts/kubectl.ts';
import {type KubernetesObject, kubernetesObject} from '../../facts/kubernetes-object.ts';
import {bare, nameOf, type ObjectReference, referenceOf, subjectOf} from '../../facts/object-reference.ts';
import type {ChangeDetail} from '../../model/change.ts';
import type {FactQuery, Facts, Subject} from '../../model/fact.ts';
import type {JsonSchema} from '../../model/resource.ts';
import {MANAGER} from '../kubernetes-object/steps.ts';
import {seen} from '../seen.ts';

export const OBJECTS: JsonSchema = {
  description:
    'Objects of the cluster that it makes, by `apiVersion`, `kind` and `metadata`. Where one is missing, it is done again.',
  type: 'array',
  items: {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata'],
    additionalProperties: false,
    properties: {
      apiVersion: {description: 'Its group and version.', type: 'string'},
      kind: {description: 'Its kind.', type: 'string'},
      metadata: {
        description: 'Its name, and its namespace where it is in one.',
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: {description: 'Its name.', type: 'string'},
          namespace: {description: 'Its namespace.', type: 'string'},
        },
      },
    },
  },
  default: [],
};

/** Asked with all other objects of the cluster: it costs no question more. */
export const objectFacts = (objects: readonly JsonObject[]): readonly FactQuery<KubernetesObject>[] =>
  objects.map((object) => queryOf(referenceOf(object)));

export const objectSubjects = (objects: readonly JsonObject[]): readonly Subject[] =>
  objects.map((object) => subjectOf(referenceOf(object)));

const queryOf = (reference: ObjectReference): FactQuery<KubernetesObject> =>
  kubernetesObject({kubeconfig: ADMIN, manager: MANAGER}, bare(reference));

/** Those that somebody has deleted. */
export const missingObjects = (objects: readonly JsonObject[], facts: Facts): readonly ObjectReference[] =>
  objects.map(referenceOf).filter((reference) => seen(facts, queryOf(reference)) === undefined);

export const missingDetails = (missing: readonly ObjectReference[]): readonly ChangeDetail[] =>
  missing.map((reference) => ({attribute: nameOf(reference), before: 'missing', after: 'present'}));

/** Without the workloads that are made anew: these have no pods yet that could be restarted. */
export const runningOf = (
  workloads: readonly string[],
  missing: readonly ObjectReference[],
): readonly string[] => {
  const made = new Set(missing.map(({kind, name}) => `${kind.toLowerCase()}/${name}`));
  return workloads.filter((workload) => !made.has(workload));
};
