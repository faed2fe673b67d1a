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

/** Asked for many times, and manifests are long. */
const known = new WeakMap<KubernetesObjectSpec, readonly Wanted[] | string>();

/** The objects that it declares, or a sentence about what is wrong with them. */
export function wantedOf(spec: KubernetesObjectSpec): readonly Wanted[] | string {
  const wanted = known.get(spec) ?? readWanted(spec);
  known.set(spec, wanted);
  return wanted;
}

function readWanted({definition, content, src, state}: KubernetesObjectSpec): readonly Wanted[] | string {
  const given = definition ?? content;
  if (given !== undefined) return wantedIn(given);
  if (src !== undefined) return `The content of "${src}" is not known.`;
  return state === 'absent' ? [] : 'It needs `definition` or `src`.';
}

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
