import {type Json, type JsonObject, jsonAt} from '../base/json.ts';
import type {Subject} from '../model/fact.ts';

/** Which object of a cluster is meant. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty where it belongs to no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** What an object is called, from its own words. */
export function referenceOf(object: JsonObject): ObjectReference {
  const word = (...path: readonly string[]): string => {
    const value = jsonAt(object, ...path);
    return typeof value === 'string' ? value : '';
  };
  const namespace = word('metadata', 'namespace');
  return {
    apiVersion: word('apiVersion'),
    kind: word('kind'),
    // One way to write it: who names no namespace means this one, or an object that belongs to none.
    namespace: namespace === 'default' ? '' : namespace,
    name: word('metadata', 'name'),
  };
}

/** For people, and to find it again: `DaemonSet.apps kube-system/kube-proxy`. Versions of a group share it. */
export function nameOf({apiVersion, kind: named, namespace, name}: ObjectReference): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/', 1)[0] ?? ''}` : '';
  return `${named}${group} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

const isNode = ({apiVersion, kind: named}: ObjectReference): boolean =>
  named === 'Node' && apiVersion === 'v1';

/** The subject of an object: what may alter it names this. */
export const subjectOf = (reference: ObjectReference): Subject =>
  isNode(reference) ? `cluster:node/${reference.name}` : `cluster:object/${nameOf(reference)}`;

/** Of the fields of Nodes alone: no set of objects must drop these. */
export const NODE_MANAGER = 'provision-node';

/** Whose fields of it are ours. */
export const managerOf = (reference: ObjectReference): string =>
  isNode(reference) ? NODE_MANAGER : 'provision';

/** An object with nothing but what names it. */
export const bare = ({apiVersion, kind: named, namespace, name}: ObjectReference): JsonObject => ({
  apiVersion,
  kind: named,
  metadata: namespace === '' ? {name} : {name, namespace},
});

/** Many objects as one. */
export const listOf = (objects: readonly Json[]): string =>
  JSON.stringify({apiVersion: 'v1', kind: 'List', items: objects});
