import type {Text} from '../base/secret.ts';
import {Secret} from '../base/secret.ts';
import {certificate} from '../facts/certificate.ts';
import {stat} from '../facts/stat.ts';
import {type Unknown, unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {type Facts, fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import type {Detour} from './kubeadm/detour.ts';
import {AUTHORITY, FILE} from './kubeadm/examples.ts';
import {FOREIGN, memberDetail, membershipFacts, membershipOf, type Part} from './kubeadm/membership.ts';
import {PLACES} from './kubeadm/places.ts';
import {becomeMember} from './kubeadm/programs.ts';
import type {Recorded} from './kubeadm/record.ts';
import {CRI_SOCKET, ETCD, INCLUDES} from './kubeadm/schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface KubeadmJoinSpec {
  readonly config: Text;
  readonly ca_hash: string;
  readonly part: Part;
  readonly cri_socket: string;
  readonly etcd: 'local' | 'external';
  readonly includes: readonly Recorded[];
  readonly through?: Detour;
}

const SPEC = {
  config: new Secret('kind: JoinConfiguration\n'),
  ca_hash: `sha256:${AUTHORITY.public_key_sha256}`,
};
const MEMBER = [fact(stat(PLACES.kubelet), FILE), fact(certificate(PLACES.authority), AUTHORITY)];

export default defineResource<KubeadmJoinSpec>({
  kind: 'kubeadm_join',
  summary: 'A member of a cluster that is there: a worker, or one more control plane.',

  schema: {
    type: 'object',
    required: ['config', 'ca_hash'],
    additionalProperties: false,
    properties: {
      config: {
        description:
          'JoinConfiguration for kubeadm, as YAML. It holds the token, and decides only about a host that joins.',
        type: 'string',
        'x-secret': true,
      },
      ca_hash: {
        description:
          'Whose cluster it is: the output of `kubeadm_init`. A host of another one is left alone.',
        type: 'string',
      },
      part: {description: 'What the host becomes.', enum: ['worker', 'control-plane'], default: 'worker'},
      cri_socket: CRI_SOCKET,
      etcd: ETCD,
      includes: INCLUDES,
      through: {
        description:
          'Where kubeadm itself finds the endpoint while it works. What the name leads to for all others may come only with the kubelet: a proxy on this very host.',
        type: 'object',
        required: ['name', 'addresses'],
        additionalProperties: false,
        properties: {
          name: {
            description: 'The name in the endpoint.',
            type: 'string',
            pattern: '^[A-Za-z0-9][A-Za-z0-9.-]*$',
          },
          addresses: {
            description: 'Of control planes, tried in this order. Empty: where the host itself finds it.',
            type: 'array',
            items: {type: 'string', pattern: '^[^\\s]*$'},
          },
        },
      },
    },
  },

  key: () => 'kubeadm:join',
  facts: ({part}) => membershipFacts(part),

  worst: () => 'loss',
  diff({config, part, cri_socket, etcd, includes, ca_hash, through}, facts) {
    const hidden = firstUnknown(facts, membershipFacts(part));
    if (hidden) return hidden;
    const membership = membershipOf(part, facts);
    if (membership === 'member') return strangerTo(ca_hash, facts) ?? NOTHING;
    if (membership === 'foreign') return unknown(FOREIGN);
    const resumes = part === 'worker' && !strangerTo(ca_hash, facts) ? 'kubelet' : 'nothing';
    return {
      action: 'create',
      details: [memberDetail(membership, part)],
      impact: membership === 'unfinished' ? 'loss' : 'none',
      steps: [
        becomeMember({
          command: ['kubeadm', 'join'],
          config,
          criSocket: cri_socket,
          etcd,
          includes,
          resumes,
          through,
        }),
      ],
      touches: 'everything',
      predicts: [],
      proof: 'facts',
    };
  },

  examples: [
    {
      title: 'makes a host a worker',
      spec: SPEC,
      facts: [],
      action: 'create',
      commands: ['detached kubeadm: kubeadm join --config /dev/stdin'],
    },
    {title: 'leaves a member alone', spec: SPEC, facts: MEMBER, action: 'none', commands: []},
    {
      title: 'begins again where an earlier run did not get to the end',
      spec: SPEC,
      facts: [...MEMBER, fact(stat(PLACES.unfinished), FILE)],
      action: 'create',
      commands: ['detached kubeadm: kubeadm join --config /dev/stdin'],
    },
  ],
});

function strangerTo(hash: string, facts: Facts): Unknown | undefined {
  const authority = seen(facts, certificate(PLACES.authority));
  if (`sha256:${authority?.public_key_sha256}` === hash) return undefined;
  return unknown('it is a member of another cluster: take it out of the inventory, or reset it first');
}
