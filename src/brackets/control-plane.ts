import {ADMIN} from '../facts/kubectl.ts';
import {stat} from '../facts/stat.ts';
import type {FactQuery, Facts} from '../model/fact.ts';

/** There while kubeadm makes the host a member, and behind a run that died meanwhile. */
const UNFINISHED = '/etc/kubernetes/provision/unfinished';

/** What tells whether a host can speak for its cluster. */
export const controlPlaneFacts = (kubeconfig: string = ADMIN): readonly FactQuery[] => [
  stat(kubeconfig),
  stat(UNFINISHED),
];

/** A host that is yet to join cannot, whatever its place among the control planes. */
export const isControlPlane = (facts: Facts, kubeconfig: string = ADMIN): boolean =>
  facts.get(stat(kubeconfig)).state === 'known' && facts.get(stat(UNFINISHED)).state === 'absent';
