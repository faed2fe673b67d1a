import {jsonAt} from '../../base/json.ts';
import {type KubernetesObject} from '../../facts/kubernetes-object.ts';
import {bare, nameOf, type ObjectReference} from '../../facts/object-reference.ts';
import type {Named} from './steps.ts';

/**
 * Which objects a set has, kept in the cluster itself: a later run, from another controller and another state of
 * the files, knows by it what was ours.
 */
export const recordReference = (set: string): ObjectReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: `provision-${set}`,
});

/** The record of these objects, as it is applied. */
export function recordOf(set: string, members: readonly ObjectReference[]): Named {
  const reference = recordReference(set);
  const {metadata, ...rest} = bare(reference);
  const labels = {'app.kubernetes.io/managed-by': 'provision'};
  return {
    name: nameOf(reference),
    applied: {
      ...rest,
      metadata: {...Object(metadata), labels},
      data: {objects: members.map((member) => `${lineOf(member)}\n`).join('')},
    },
  };
}

const lineOf = ({apiVersion, kind, namespace, name}: ObjectReference): string =>
  `${apiVersion} ${kind} ${namespace === '' ? '-' : namespace} ${name}`;

/** The members that a record names. */
export function recordedIn(record: KubernetesObject | undefined): readonly ObjectReference[] {
  const text = jsonAt(record?.live, 'data', 'objects');
  return (typeof text === 'string' ? text.split('\n') : []).flatMap((line) => {
    const [apiVersion = '', kind = '', namespace = '', name] = line.split(' ');
    return name === undefined
      ? []
      : [{apiVersion, kind, namespace: namespace === '-' ? '' : namespace, name}];
  });
}
