import {type Json, jsonAt} from '../../base/json.ts';
import type {Script} from '../../base/script.ts';
import {sh} from '../../shell/sh.ts';
import {kubectl} from '../kubernetes-object/steps.ts';

/** What keeps pods away from a node. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** One taint that is not as it should be: set where there is an `after`, else removed. */
export interface TaintChange {
  /** `key:effect`: a node has one of each. */
  readonly id: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export const idOfTaint = ({key, effect}: Taint): string => `${key}:${effect}`;

/** As kubectl writes it: `key=value:effect`. */
const textOf = ({key, value, effect}: Taint): string => `${key}${value === '' ? '' : `=${value}`}:${effect}`;

/** A taint as kubectl writes it. */
export function readTaint(text: string): Taint {
  const colon = text.lastIndexOf(':');
  const [key = '', value = ''] = text.slice(0, colon).split('=', 2);
  return {key, value, effect: text.slice(colon + 1)};
}

/** The taints that a Node has. */
export function taintsOf(node: Json | undefined): readonly Taint[] {
  const taints = jsonAt(node, 'spec', 'taints');
  const text = (taint: Json, name: string): string => {
    const value = jsonAt(taint, name);
    return typeof value === 'string' ? value : '';
  };
  return (Array.isArray(taints) ? taints : []).map((taint: Json) => ({
    key: text(taint, 'key'),
    value: text(taint, 'value'),
    effect: text(taint, 'effect'),
  }));
}

/** What is declared and not there, and what we once set (`record`) and is no longer declared. */
export function taintChanges(
  declared: readonly Taint[],
  live: readonly Taint[],
  record: readonly string[],
): readonly TaintChange[] {
  const there = new Map(live.map((taint) => [idOfTaint(taint), textOf(taint)]));
  const wanted = new Map(declared.map((taint) => [idOfTaint(taint), textOf(taint)]));
  const set = [...wanted].filter(([id, text]) => there.get(id) !== text);
  const dropped = record.filter((id) => !wanted.has(id) && there.has(id));
  return [
    ...set.map(([id, after]) => ({id, before: there.get(id), after})),
    ...dropped.map((id) => ({id, before: there.get(id), after: undefined})),
  ];
}

/** All of them in one call; kubectl reads the list just before it writes it. */
export function taint(kubeconfig: string, node: string, changes: readonly TaintChange[]): Script {
  const words = changes.map(({id, after}) => after ?? `${id}-`);
  const {wire} = sh`${kubectl(kubeconfig)} taint --overwrite node ${node} ${words} >/dev/null`;
  return {wire, display: sh`kubectl taint node ${node} ${words}`.display};
}

/** Applying to a Node that is not there would make one: a kubelet makes its own when it starts. */
export function waitForNode(kubeconfig: string, node: string, timeoutMs: number): Script {
  const words = sh`wait --for create --timeout ${`${Math.ceil(timeoutMs / 1000)}s`} ${`node/${node}`}`;
  const wayOut = `The cluster has no Node ${node}. Its kubelet registers it when it starts, and says why it could not: journalctl -u kubelet, on that host`;
  const wire = sh`${kubectl(kubeconfig)} ${words} >/dev/null || { echo ${wayOut} >&2; exit 1; }`;
  return {wire: `(${wire.wire})`, display: sh`kubectl ${words}`.display};
}
