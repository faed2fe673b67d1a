import {parseDuration} from '../base/duration.ts';
import type {Script} from '../base/script.ts';
import {oneWay} from '../facts/certificate.ts';
import {ADMIN} from '../facts/kubectl.ts';
import {kubeletRequests, type PendingRequest} from '../facts/kubelet-requests.ts';
import {type Change, type Finding, NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {kubectl} from './kubernetes-object/steps.ts';
import {duration, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface KubeletCertificateSpec {
  readonly node: string;
  readonly names: readonly string[];
  readonly state: 'requested' | 'signed';
  readonly kubeconfig: string;
  readonly timeout: string | number;
}

const GROUP = 'system:nodes';
const USAGES = new Set(['digital signature', 'key encipherment', 'server auth']);

const SPEC = {node: 'w1', names: ['w1', '10.0.0.12']};
const REQUEST: PendingRequest = {
  name: 'csr-7xk2p',
  user: 'system:node:w1',
  groups: [GROUP, 'system:authenticated'],
  usages: ['digital signature', 'server auth'],
  request: {
    subject: ['2.5.4.10=system:nodes', '2.5.4.3=system:node:w1'],
    names: ['w1', '10.0.0.12'],
    others: [],
  },
};
const asked = (...requests: readonly PendingRequest[]) => fact(kubeletRequests(ADMIN, 'w1'), requests);

export default defineResource<KubeletCertificateSpec>({
  kind: 'kubelet_certificate',
  summary:
    'The certificate that a kubelet serves with. What it asks for is signed where it is for its own names alone; everything else is left, and told.',

  schema: {
    type: 'object',
    required: ['node', 'names'],
    additionalProperties: false,
    properties: {
      node: {
        description: 'The name of the Node.',
        type: 'string',
        pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
      },
      names: {
        description: 'The names and addresses that its certificate may be for.',
        type: 'array',
        minItems: 1,
        items: {type: 'string', pattern: '^[A-Za-z0-9:.-]+$'},
      },
      state: {
        description: '`requested`: waits until the kubelet has asked. `signed`: signs what it has asked for.',
        enum: ['requested', 'signed'],
        default: 'signed',
      },
      kubeconfig: {...path('How the host reaches the cluster.'), default: ADMIN},
      timeout: duration('How long the request is waited for.', '2m'),
    },
  },

  key: ({node, state}) => `cluster:kubelet-certificate/${node} ${state}`,
  facts: ({kubeconfig, node}) => [kubeletRequests(kubeconfig, node)],

  diff(spec, facts) {
    const query = kubeletRequests(spec.kubeconfig, spec.node);
    const hidden = firstUnknown(facts, [query]);
    if (hidden) return hidden;
    const pending = seen(facts, query) ?? [];
    if (spec.state === 'requested')
      return pending.length > 0 ? NOTHING : change(spec, [waitForRequest(spec)]);
    const fit = pending.filter((request) => faultOf(spec, request) === undefined);
    if (fit.length > 0) return change(spec, [approve(spec, fit)]);
    const findings = pending.flatMap((request) => findingOf(spec, request));
    return findings.length > 0 ? {action: 'none', findings} : NOTHING;
  },

  mayTouch: ({node}) => [`cluster:kubelet-certificate/${node}`],
  suits: (spec, facts) => facts.get(kubeletRequests(spec.kubeconfig, spec.node)).state === 'known',

  examples: [
    {
      title: 'signs what a kubelet asks for itself',
      spec: SPEC,
      facts: [asked(REQUEST)],
      action: 'update',
      commands: ['kubectl certificate approve csr-7xk2p'],
    },
    {
      title: 'does not sign what is for the names of another host',
      spec: {...SPEC, names: ['w1', '10.0.0.99']},
      facts: [asked(REQUEST)],
      action: 'none',
      commands: [],
    },
    {
      title: 'waits until a kubelet that has just started asks',
      spec: {...SPEC, state: 'requested'},
      facts: [asked()],
      action: 'update',
      commands: ['wait up to 120s until the kubelet of w1 asks for a certificate'],
    },
    {
      title: 'has nothing to do where nobody asks',
      spec: SPEC,
      facts: [asked()],
      action: 'none',
      commands: [],
    },
  ],
});

const change = ({node, state}: KubeletCertificateSpec, steps: readonly Script[]): Change => ({
  action: 'update',
  details: [{attribute: 'certificate of the kubelet', before: undefined, after: state}],
  impact: 'none',
  steps,
  touches: [`cluster:kubelet-certificate/${node}`],
  predicts: [],
  proof: 'facts',
});

/** Why a request is not signed. The API server vouches for who asks, and for nothing that is asked. */
function faultOf(
  {node, names}: KubeletCertificateSpec,
  {groups, usages, request}: PendingRequest,
): string | undefined {
  if (!request) return 'it cannot be read';
  const wanted = [`2.5.4.10=${GROUP}`, `2.5.4.3=system:node:${node}`];
  const own = new Set(names.map(oneWay));
  const strange = [...request.others, ...request.names.filter((name) => !own.has(name))];
  if (!groups.includes(GROUP)) return 'no node asks';
  if (request.subject.toSorted().join() !== wanted.toSorted().join()) return 'it is for somebody else';
  if (usages.some((usage) => !USAGES.has(usage)) || !usages.includes('server auth')) {
    return `it is to be used for ${usages.join(', ')}`;
  }
  if (request.names.length === 0) return 'it is for no name';
  return strange.length > 0 ? `${strange.join(', ')} is none of its names` : undefined;
}

function findingOf(spec: KubeletCertificateSpec, request: PendingRequest): readonly Finding[] {
  const fault = faultOf(spec, request);
  if (fault === undefined) return [];
  return [
    {
      severity: 'warning',
      message: `The kubelet of ${spec.node} asks for a certificate that is not signed: ${fault}.`,
      hint: `Look at it: kubectl get csr ${request.name} -o yaml. If it is right, add the name to kubelet_certificate_names.`,
    },
  ];
}

function approve({kubeconfig}: KubeletCertificateSpec, requests: readonly PendingRequest[]): Script {
  const words = sh`certificate approve ${requests.map(({name}) => name)}`;
  return {wire: sh`${kubectl(kubeconfig)} ${words} >/dev/null`.wire, display: sh`kubectl ${words}`.display};
}

function waitForRequest({kubeconfig, node, timeout}: KubeletCertificateSpec): Script {
  const seconds = Math.ceil((parseDuration(timeout) ?? 0) / 1_000);
  const pending = `{range .items[?(@.spec.username=="system:node:${node}")]}{.metadata.name} {.status.conditions[*].type}{"\\n"}{end}`;
  const {wire} = sh`left=${seconds}
until ${kubectl(kubeconfig)} get certificatesigningrequests --output ${`jsonpath=${pending}`} \\
  --field-selector spec.signerName=kubernetes.io/kubelet-serving 2>/dev/null | grep -q ' $'
do
  left=$((left - 1))
  [ "$left" -gt 0 ] || { echo 'The kubelet has not asked for a certificate' >&2; exit 1; }
  sleep 1
done`;
  return {wire, display: `wait up to ${seconds}s until the kubelet of ${node} asks for a certificate`};
}
