import {onceForEach} from '../../base/once-for-each.ts';
import {type KubernetesObject, kubernetesObject} from '../../facts/kubernetes-object.ts';
import {bare} from '../../facts/object-reference.ts';
import type {FactQuery} from '../../model/fact.ts';
import {type Definition, type Wanted, wantedIn} from './manifest.ts';
import {recordReference} from './record.ts';
import {MANAGER} from './steps.ts';

export interface KubernetesObjectSpec {
  readonly set: string;
  readonly definition?: Definition;
  readonly src?: string;
  readonly content?: string;
  readonly state: 'present' | 'absent';
  readonly kubeconfig: string;
}

/** The objects that it declares, or a sentence about what is wrong with them. Asked for many times, and manifests are long. */
export const wantedOf = onceForEach(
  ({definition, content, src, state}: KubernetesObjectSpec): readonly Wanted[] | string => {
    const given = definition ?? content;
    if (given !== undefined) return wantedIn(given);
    if (src !== undefined) return `The content of "${src}" is not known.`;
    return state === 'absent' ? [] : 'It needs `definition` or `src`.';
  },
);

/** Of a spec that was validated. */
export function objectsOf(spec: KubernetesObjectSpec): readonly Wanted[] {
  const wanted = wantedOf(spec);
  if (typeof wanted === 'string') throw new Error(`Internal error: ${wanted}`);
  return wanted;
}

/** Of what is to go, and of a Secret, only what is there is asked. */
export function queryFor(
  {reference, shown}: Wanted,
  {kubeconfig, state}: KubernetesObjectSpec,
): FactQuery<KubernetesObject> {
  const isAskedWhole = state === 'present' && reference.kind !== 'Secret';
  return kubernetesObject({kubeconfig, manager: MANAGER}, isAskedWhole ? shown : bare(reference));
}

export const recordQuery = ({kubeconfig, set}: KubernetesObjectSpec): FactQuery<KubernetesObject> =>
  kubernetesObject({kubeconfig, manager: MANAGER}, bare(recordReference(set)));
