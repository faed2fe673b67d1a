import type {JsonObject} from '../../base/json.ts';
import {readTaint, type Taint} from './taints.ts';

type Declared = Pick<KubernetesNodeSpec, 'name' | 'labels' | 'annotations'>;

/** What a user may say about a node. */
export interface KubernetesNodeSpec {
  readonly name: string;
  readonly labels: {readonly [name: string]: string};
  readonly annotations: {readonly [name: string]: string};
  readonly taints: readonly ((Omit<Taint, 'value'> & {readonly value?: string}) | string)[];
  readonly kubeconfig: string;
  readonly timeout: string | number;
  readonly state: 'present' | 'absent';
}

/** Taints are one list that controllers share: which of them are ours stands here. */
export const RECORD = 'provision/taints';

export const declaredTaints = ({taints}: Pick<KubernetesNodeSpec, 'taints'>): readonly Taint[] =>
  taints.map((each) => (typeof each === 'string' ? readTaint(each) : {...each, value: each.value ?? ''}));

/** A Node with all the fields that are ours: what is not among them goes, if it was ours before. */
export function ownFields({name, labels, annotations}: Declared, record: readonly string[]): JsonObject {
  const recorded = record.length === 0 ? {} : {[RECORD]: record.toSorted().join(',')};
  const all = {...annotations, ...recorded};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      ...(Object.keys(labels).length > 0 && {labels}),
      ...(Object.keys(all).length > 0 && {annotations: all}),
    },
  };
}
