import type {KubernetesObject} from '../../facts/kubernetes-object.ts';
import type {ObjectReference} from '../../facts/object-reference.ts';
import type {ChangeDetail} from '../../model/change.ts';
import type {Wanted} from './manifest.ts';

/** The kinds of which pods that run are replaced where the template of their pods is another one. */
const ROLLED_OUT: ReadonlySet<string> = new Set(['DaemonSet', 'Deployment', 'StatefulSet']);

/** Whether it has pods that a change of it may replace. */
export const isRolledOut = ({apiVersion, kind}: ObjectReference): boolean =>
  apiVersion.startsWith('apps/') && ROLLED_OUT.has(kind);

/** The workload whose pods are replaced with these differences, as `kubectl rollout` calls it. One that is made has none yet. */
export function restartedBy(
  {name, reference}: Wanted,
  details: readonly ChangeDetail[],
  found: KubernetesObject | undefined,
): readonly string[] {
  if (!found || !isRolledOut(reference)) return [];
  const isOfPods = details.some(({attribute}) => attribute.startsWith(`${name} spec.template.`));
  return isOfPods ? [`${reference.kind.toLowerCase()}/${reference.name}`] : [];
}
