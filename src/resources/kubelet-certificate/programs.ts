import {parseDuration} from '../../base/duration.ts';
import type {Script} from '../../base/script.ts';
import type {PendingRequest} from '../../facts/kubelet-requests.ts';
import {sh} from '../../shell/sh.ts';
import {kubectl} from '../kubernetes-object/steps.ts';

/** What a user says of it, defaults filled in. */
export interface KubeletCertificateSpec {
  readonly node: string;
  readonly names: readonly string[];
  readonly state: 'requested' | 'signed' | 'served';
  readonly address?: string;
  readonly kubeconfig: string;
  readonly timeout: string | number;
}

/** Signs them. */
export function approve({kubeconfig}: KubeletCertificateSpec, requests: readonly PendingRequest[]): Script {
  const words = sh`certificate approve ${requests.map(({name}) => name)}`;
  return {wire: sh`${kubectl(kubeconfig)} ${words} >/dev/null`.wire, display: sh`kubectl ${words}`.display};
}

/** Whether the kubelet has asked, and nobody has decided. */
export function asking({kubeconfig, node}: KubeletCertificateSpec): Script {
  const pending = `jsonpath={range .items[?(@.spec.username=="system:node:${node}")]}{.metadata.name} {.status.conditions[*].type}{"\\n"}{end}`;
  return sh`${kubectl(kubeconfig)} get certificatesigningrequests --output ${pending} \\
  --field-selector spec.signerName=kubernetes.io/kubelet-serving 2>/dev/null | grep -q ' $'`;
}

/** Whether the kubelet proves with a certificate of the cluster who it is. */
export const serving = ({kubeconfig, address = ''}: KubeletCertificateSpec): Script =>
  sh`${kubectl(kubeconfig)} --server ${`https://${address}`} --certificate-authority /etc/kubernetes/pki/ca.crt \\
  --request-timeout 5s get --raw /healthz >/dev/null 2>&1`;

/** Whether there is nothing to wait for any more. */
export const servingOrAsking = (spec: KubeletCertificateSpec): Script =>
  sh`${serving(spec)} || ${asking(spec)}`;

/** A kubelet that started anew has forgotten what its last process asked for, and asks again: that is signed in another turn. */
export function waitUntil(spec: KubeletCertificateSpec, condition: Script, verb: 'asks' | 'serves'): Script {
  const seconds = Math.ceil((parseDuration(spec.timeout) ?? 0) / 1_000);
  const [words, failure] = WORDS[verb];
  const {wire} = sh`left=${seconds}
until ${condition}
do
  left=$((left - 1))
  [ "$left" -gt 0 ] || { echo ${failure} >&2; exit 1; }
  sleep 1
done`;
  return {wire, display: `wait up to ${seconds}s until the kubelet of ${spec.node} ${words}`};
}

const WORDS = {
  asks: ['asks for a certificate', 'The kubelet has not asked for a certificate'],
  serves: [
    'serves with a certificate of the cluster, or asks for one',
    'The kubelet neither serves with a certificate of the cluster nor asks for one',
  ],
} as const;
