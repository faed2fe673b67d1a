import {certificate} from '../facts/certificate.ts';
import {content} from '../facts/content.ts';
import {kubectl} from '../facts/kubectl.ts';
import {stat} from '../facts/stat.ts';
import {unknown, valueOf} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {AUTHORITY, FILE} from './kubeadm/examples.ts';
import {FOREIGN, memberDetail, membershipFacts, membershipOf} from './kubeadm/membership.ts';
import {PLACES} from './kubeadm/places.ts';
import {becomeMember} from './kubeadm/programs.ts';
import type {Recorded} from './kubeadm/record.ts';
import {CRI_SOCKET, ETCD, INCLUDES} from './kubeadm/schemas.ts';
import {firstUnknown} from './seen.ts';

interface KubeadmInitSpec {
  readonly config: string;
  readonly cri_socket: string;
  readonly etcd: 'local' | 'external';
  readonly includes: readonly Recorded[];
}

const MEMBER = [
  ...[PLACES.kubelet, PLACES.admin, PLACES.apiServer].map((path) => fact(stat(path), FILE)),
  fact(certificate(PLACES.authority), AUTHORITY),
];

/** kubeadm gives a token to whoever may join, asked or not. Here hosts that join get one of their own. */
const WITHOUT_TOKEN = sh`${kubectl(PLACES.admin, 30)} --namespace kube-system \\
  delete secret --field-selector type=bootstrap.kubernetes.io/token >/dev/null || exit`;

export default defineResource<KubeadmInitSpec>({
  kind: 'kubeadm_init',
  summary: 'The first control plane of a cluster, made by kubeadm. Once: later changes are phases.',

  schema: {
    type: 'object',
    required: ['config'],
    additionalProperties: false,
    properties: {
      config: {
        description:
          'InitConfiguration and its like for kubeadm, as YAML. It decides only about a new cluster.',
        type: 'string',
      },
      cri_socket: CRI_SOCKET,
      etcd: ETCD,
      includes: INCLUDES,
    },
  },

  key: () => 'kubeadm:init',
  facts: () => [...membershipFacts('control-plane'), content(PLACES.apiServer)],

  worst: () => 'loss',
  diff({config, cri_socket, etcd, includes}, facts) {
    const hidden = firstUnknown(facts, membershipFacts('control-plane'));
    if (hidden) return hidden;
    const membership = membershipOf('control-plane', facts);
    if (membership === 'member') return NOTHING;
    if (membership === 'foreign') return unknown(FOREIGN);
    const command = ['kubeadm', 'init'];
    return {
      action: 'create',
      details: [memberDetail(membership, 'first control plane of a new cluster')],
      impact: membership === 'unfinished' ? 'loss' : 'none',
      steps: [
        becomeMember({
          command,
          config,
          criSocket: cri_socket,
          etcd,
          includes,
          behind: WITHOUT_TOKEN,
          resumes: 'nothing',
        }),
      ],
      touches: 'everything',
      predicts: [],
      proof: 'facts',
    };
  },

  /** A host that has the cluster already knows what its authority is. */
  suits: (_spec, facts) =>
    firstUnknown(facts, membershipFacts('control-plane')) === undefined &&
    membershipOf('control-plane', facts) === 'member',

  isUnique: true,

  outputs: {
    schema: {
      type: 'object',
      properties: {
        ca_cert: {description: 'The certificate of the authority of the cluster, as PEM.', type: 'string'},
        ca_hash: {
          description: 'What `kubeadm join` pins: `sha256:` and the digest of its public key.',
          type: 'string',
        },
        address: {description: 'Where the API server of this control plane answers.', type: 'string'},
      },
    },
    read: (_spec, facts) => {
      const found = facts.get(certificate(PLACES.authority));
      if (found.state === 'unknown') return found;
      const authority = valueOf(found);
      if (!authority) return unknown('the cluster has no authority yet');
      const manifest = facts.get(content(PLACES.apiServer));
      if (manifest.state === 'unknown') return manifest;
      const address = advertisedIn(valueOf(manifest) ?? '');
      return {ca_cert: authority.pem, ca_hash: `sha256:${authority.public_key_sha256}`, address};
    },
  },

  examples: [
    {
      title: 'makes a cluster',
      spec: {config: 'kind: InitConfiguration\n'},
      facts: [],
      action: 'create',
      commands: ['detached kubeadm: kubeadm init --config /dev/stdin'],
    },
    {
      title: 'leaves a control plane alone',
      spec: {config: 'kind: InitConfiguration\n'},
      facts: MEMBER,
      action: 'none',
      commands: [],
    },
    {
      title: 'begins again where an earlier run did not get to the end',
      spec: {config: 'kind: InitConfiguration\n'},
      facts: [...MEMBER, fact(stat(PLACES.unfinished), FILE)],
      action: 'create',
      commands: ['detached kubeadm: kubeadm init --config /dev/stdin'],
    },
  ],
});

/** Of an API server, by the note of kubeadm in its manifest. Empty where there is none. */
export function advertisedIn(manifest: string): string {
  const [, endpoint = ''] = /advertise-address\.endpoint: "?([^"\s]+)/.exec(manifest) ?? [];
  return endpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
