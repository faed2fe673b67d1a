import {parseDuration} from '../base/duration.ts';
import type {JsonObject} from '../base/json.ts';
import {ADMIN} from '../facts/kubectl.ts';
import {stat} from '../facts/stat.ts';
import {fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {type Brought, type Gate, gateScript} from './cluster-gate/script.ts';
import {controlPlaneFacts, isControlPlane} from './control-plane.ts';
import {defineBracket} from './define.ts';

interface ClusterGateSpec {
  readonly nodes: readonly string[];
  readonly version: string;
  readonly api_servers: readonly string[];
  readonly etcd_members: number | readonly string[];
  readonly namespaces: readonly string[];
  readonly workloads: readonly string[];
  readonly from_others: readonly (Brought | '')[];
  readonly probe_image: string;
  readonly dns_domain: string;
  readonly timeout: string | number;
  readonly kubeconfig: string;
}

const texts = (description: string, pattern: string): JsonObject => ({
  description,
  type: 'array',
  uniqueItems: true,
  items: {type: 'string', pattern},
});
const FILE = {type: 'file', mode: '0600', owner: 0, group: 0} as const;
const SPEC = {
  nodes: ['cp1', 'w1'],
  version: '1.36.3',
  api_servers: ['10.0.0.11:6443'],
  etcd_members: 1,
  probe_image: 'registry.k8s.io/e2e-test-images/agnhost:2.63.0',
};
const NAME = '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$';

export default defineBracket<ClusterGateSpec>({
  kind: 'cluster_gate',
  summary:
    'Behind the last change the cluster has to work: nodes, API servers, etcd, system pods, DNS and the network of pods.',

  schema: {
    type: 'object',
    required: ['nodes'],
    additionalProperties: false,
    properties: {
      nodes: {...texts('The names of all nodes that have to be Ready.', NAME), minItems: 1},
      version: {
        description: 'The version of Kubernetes that all run, without a "v". Empty: any.',
        type: 'string',
        pattern: '^([0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.+-]*)?$',
        default: '',
      },
      api_servers: {
        ...texts('`address:port` of each API server, which all have to answer.', '^[^\\s]+:[0-9]+$'),
        default: [],
      },
      etcd_members: {
        description:
          'How many members etcd has, or the list of their hosts: beside the API servers or elsewhere (then the host has etcdctl). 0: it is not asked.',
        type: ['integer', 'array'],
        minimum: 0,
        items: {type: 'string'},
        default: 0,
      },
      namespaces: {
        ...texts('Namespaces of which all pods have to be Ready.', NAME),
        default: ['kube-system'],
      },
      workloads: {
        description:
          'What has to be there, since what is not has no pod that could be wrong: `DaemonSet/kube-proxy`. Empty texts say nothing.',
        type: 'array',
        items: {type: 'string', pattern: '^((DaemonSet|Deployment)/[a-z0-9.-]+)?$'},
        default: [],
      },
      from_others: {
        description:
          'What is in the cluster once somebody else has brought it: `network` of pods, `services`. Until then nothing that needs it is looked at. Empty texts say nothing.',
        type: 'array',
        items: {enum: ['network', 'services', '']},
        default: [],
      },
      probe_image: {
        description:
          'The image of pods that try DNS, services, the network between nodes, logs and exec, in a namespace that is removed afterwards: agnhost. Empty: none are made.',
        type: 'string',
        pattern: '^[A-Za-z0-9./:@_-]*$',
        default: '',
      },
      dns_domain: {
        description: 'The domain of services. Empty: names are not tried.',
        type: 'string',
        pattern: `^$|${NAME}`,
        default: 'cluster.local',
      },
      timeout: {
        description: 'How long all that may take. As `90s`, `5m`, or a number of seconds.',
        type: ['string', 'number'],
        pattern: '^(\\d+(\\.\\d+)?|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$',
        minimum: 0,
        default: '5m',
      },
      kubeconfig: {
        description: 'How the host reaches the cluster.',
        type: 'string',
        pattern: '^/[^\\u0000]+$',
        default: ADMIN,
      },
    },
  },

  key: ({kubeconfig}) => `gate:${kubeconfig}`,
  facts: ({kubeconfig}) => controlPlaneFacts(kubeconfig),
  open: () => [],
  // Behind a run that did not get to its end nothing is worth waiting for: one look says how things are.
  close: (spec, facts, _outputs, ending) => [
    isControlPlane(facts, spec.kubeconfig)
      ? gateScript(ending === 'complete' ? gateOf(spec) : {...gateOf(spec), probeImage: '', timeoutMs: 0})
      : sh`echo 'No control plane can be asked: none has got to its end' >&2; exit 1`,
  ],
  suits: ({kubeconfig}, facts) => isControlPlane(facts, kubeconfig),

  examples: [
    {
      title: 'waits until a cluster works again',
      spec: SPEC,
      facts: [fact(stat(ADMIN), FILE)],
      open: [],
      close: [
        'wait until 2 nodes are Ready, with all that belongs to them, and pods reach each other (registry.k8s.io/e2e-test-images/agnhost:2.63.0)',
      ],
    },
    {
      title: 'looks once behind a run that did not get to its end',
      spec: SPEC,
      facts: [fact(stat(ADMIN), FILE)],
      ending: 'broken',
      open: [],
      close: ['look whether 2 nodes are Ready, with all that belongs to them'],
    },
    {
      title: 'waits for nothing where no cluster has come to be',
      spec: SPEC,
      ending: 'broken',
      open: [],
      close: ["echo 'No control plane can be asked: none has got to its end' >&2; exit 1"],
    },
  ],
});

/** What a spec asks for that the schema accepted. */
export const gateOf = (spec: unknown): Gate => gateOfSpec(spec as ClusterGateSpec);

const gateOfSpec = (spec: ClusterGateSpec): Gate => ({
  kubeconfig: spec.kubeconfig,
  nodes: spec.nodes,
  version: spec.version,
  apiServers: spec.api_servers,
  etcdMembers: typeof spec.etcd_members === 'number' ? spec.etcd_members : spec.etcd_members.length,
  namespaces: spec.namespaces,
  workloads: spec.workloads.filter((name) => name !== ''),
  fromOthers: spec.from_others.flatMap((name) => (name === '' ? [] : [name])),
  probeImage: spec.probe_image,
  dnsDomain: spec.dns_domain,
  timeoutMs: parseDuration(spec.timeout) ?? 0,
});
