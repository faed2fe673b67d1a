import {stat} from '../facts/stat.ts';
import {unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {ALL_OF_CLUSTER, type FactQuery, fact, type Subject} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {PLACES} from './kubeadm/places.ts';
import {leaveCluster} from './kubeadm/reset.ts';
import {CRI_SOCKET} from './kubeadm/schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface KubeadmResetSpec {
  readonly cri_socket: string;
}

const FILE = {type: 'file', mode: '0600', owner: 0, group: 0} as const;
const DIRECTORY = {type: 'directory', mode: '0755', owner: 0, group: 0} as const;

/** What tells that something of a cluster is left on a host. */
const REMAINS = [
  PLACES.kubelet,
  PLACES.bootstrap,
  PLACES.admin,
  PLACES.authority,
  PLACES.apiServer,
  PLACES.kubeletConfig,
];

const factsOf = (): readonly FactQuery[] => [PLACES.records, ...REMAINS].map(stat);

export default defineResource<KubeadmResetSpec>({
  kind: 'kubeadm_reset',
  summary: 'No member of a cluster any more: pods end, and what kubeadm has made on the host goes.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {cri_socket: CRI_SOCKET},
  },

  key: () => 'kubeadm:reset',
  facts: factsOf,

  worst: () => 'loss',
  diff({cri_socket}, facts) {
    const hidden = firstUnknown(facts, factsOf());
    if (hidden) return hidden;
    const isOurs = seen(facts, stat(PLACES.records)) !== undefined;
    const there = REMAINS.filter((path) => seen(facts, stat(path)));
    if (!isOurs) return there.length === 0 ? NOTHING : unknown(FOREIGN);
    return {
      action: 'delete',
      details: [
        {attribute: 'member', before: there.length > 0 ? there.join(', ') : PLACES.records, after: undefined},
      ],
      impact: 'loss',
      steps: [leaveCluster(cri_socket)],
      touches: TOUCHED,
      predicts: [],
      proof: 'facts',
    };
  },

  examples: [
    {
      title: 'takes a host out of its cluster',
      spec: {},
      facts: [fact(stat(PLACES.records), DIRECTORY), fact(stat(PLACES.kubelet), FILE)],
      action: 'delete',
      commands: ['detached kubeadm: kubeadm reset --force'],
    },
    {title: 'has nothing to do where there is no cluster', spec: {}, facts: [], action: 'none', commands: []},
  ],
});

/** Pods end, and their networks with them. */
const TOUCHED: readonly Subject[] = [
  ...['/etc/kubernetes', '/etc/cni', '/var/lib', '/var/log', '/run', '/sys', '/opt'].map(
    (path): Subject => `tree:${path}`,
  ),
  'unit:kubelet.service',
  'packet_filter:host',
  ALL_OF_CLUSTER,
];

const FOREIGN =
  'it has a cluster, or a part of one, that no run of ours made: `kubeadm reset` on it removes that';
