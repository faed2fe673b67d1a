import type {Script} from '../base/script.ts';
import {oneWay} from '../facts/certificate.ts';
import {ADMIN} from '../facts/kubectl.ts';
import {kubeletRequests, type PendingRequest} from '../facts/kubelet-requests.ts';
import {probe} from '../facts/probe.ts';
import {known, valueOf} from '../model/answer.ts';
import {type Change, type Finding, NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {
  approve,
  asking,
  type KubeletCertificateSpec,
  serving,
  servingOrAsking,
  waitUntil,
} from './kubelet-certificate/programs.ts';
import {duration, NODE_NAME_PATTERN, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

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
const served = (code: number) =>
  fact(
    probe(
      serving({...SPEC, state: 'served', kubeconfig: ADMIN, timeout: '2m', address: '10.0.0.12:10250'}).wire,
    ),
    code,
  );
const SERVED = known(0);
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
        pattern: NODE_NAME_PATTERN,
      },
      names: {
        description: 'The names and addresses that its certificate may be for.',
        type: 'array',
        minItems: 1,
        items: {type: 'string', pattern: '^[A-Za-z0-9:.-]+$'},
      },
      state: {
        description:
          '`requested`: waits until the kubelet has asked. `signed`: signs what it has asked for. `served`: signs, again where the kubelet asks again because it started anew, until it serves with what was signed; it needs `address`.',
        enum: ['requested', 'signed', 'served'],
        default: 'signed',
      },
      address: {
        description: '`host:port` at which this host finds the kubelet.',
        type: 'string',
        pattern: '^[A-Za-z0-9:.\\[\\]-]+:[0-9]+$',
      },
      kubeconfig: {...path('How the host reaches the cluster.'), default: ADMIN},
      timeout: duration('How long a request, or the kubelet, is waited for.', '2m'),
    },
  },

  validate: ({state, address}) =>
    state === 'served' && address === undefined ? 'The state "served" needs "address".' : undefined,

  key: ({node, state}) => `cluster:kubelet-certificate/${node} ${state}`,
  facts: (spec) => [
    kubeletRequests(spec.kubeconfig, spec.node),
    ...(spec.state === 'served' ? [probe(serving(spec).wire)] : []),
  ],

  diff(spec, facts) {
    const query = kubeletRequests(spec.kubeconfig, spec.node);
    const hidden = firstUnknown(facts, [query]);
    if (hidden) return hidden;
    const pending = seen(facts, query) ?? [];
    if (spec.state === 'requested')
      return pending.length > 0 ? NOTHING : change(spec, [waitUntil(spec, asking(spec), 'asks')]);
    const serves = spec.state === 'served' ? facts.get(probe(serving(spec).wire)) : SERVED;
    if (serves.state === 'unknown') return serves;
    const isServed = valueOf(serves) === 0;
    const fit = pending.filter((request) => faultOf(spec, request) === undefined);
    if (fit.length > 0 && spec.state === 'signed') return change(spec, [approve(spec, fit)]);
    if (fit.length > 0 && !isServed)
      return change(spec, [approve(spec, fit), waitUntil(spec, servingOrAsking(spec), 'serves')]);
    if (!isServed && pending.length === 0)
      return change(spec, [waitUntil(spec, servingOrAsking(spec), 'serves')]);
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
      title: 'signs, and waits until that is served',
      spec: {...SPEC, state: 'served', address: '10.0.0.12:10250'},
      facts: [asked(REQUEST), served(1)],
      action: 'update',
      commands: [
        'kubectl certificate approve csr-7xk2p',
        'wait up to 120s until the kubelet of w1 serves with a certificate of the cluster, or asks for one',
      ],
    },
    {
      title: 'leaves a kubelet alone that serves with what was signed',
      spec: {...SPEC, state: 'served', address: '10.0.0.12:10250'},
      facts: [asked(), served(0)],
      action: 'none',
      commands: [],
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
  // What is asked for behind that is another request.
  proof: state === 'signed' ? 'exit-code' : 'facts',
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
