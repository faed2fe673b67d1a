import {parseDuration} from '../base/duration.ts';
import {ADMIN} from '../facts/kubectl.ts';
import {type ClusterNode, kubernetesNodes} from '../facts/kubernetes-nodes.ts';
import {NOTHING} from '../model/change.ts';
import {type Facts, fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {duration, NODE_NAME_PATTERN, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface KubernetesNodesSpec {
  readonly names: readonly string[];
  readonly kubeconfig: string;
  readonly timeout: string | number;
}

const CP1: ClusterNode = {name: 'cp1', addresses: ['192.0.2.1'], pod_cidrs: ['10.233.64.0/24']};
const W1: ClusterNode = {name: 'w1', addresses: ['192.0.2.11'], pod_cidrs: []};

export default defineResource<KubernetesNodesSpec>({
  kind: 'kubernetes_nodes',
  summary:
    'The nodes that a cluster has, with the networks of their pods. It changes nothing, and waits until each has one.',

  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      names: {
        description: 'The nodes that are meant, which then have to be there. Empty: all that there are.',
        type: 'array',
        uniqueItems: true,
        items: {type: 'string', pattern: NODE_NAME_PATTERN},
        default: [],
      },
      kubeconfig: {...path('How the host reaches the cluster.'), default: ADMIN},
      timeout: duration('How long it waits.', '2m'),
    },
  },

  key: ({names}) => `cluster:nodes/${names.toSorted().join(',')}`,
  facts: ({kubeconfig}) => [kubernetesNodes(kubeconfig)],

  diff(spec, facts) {
    const hidden = firstUnknown(facts, [kubernetesNodes(spec.kubeconfig)]);
    if (hidden) return hidden;
    const waiting = missingIn(spec, facts);
    if (waiting.length === 0) return NOTHING;
    return {
      action: 'run',
      details: waiting.map((name) => ({attribute: `pods of ${name}`, before: 'no network', after: 'one'})),
      impact: 'none',
      steps: [],
      touches: ['cluster:nodes'],
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: () => ['cluster:nodes'],
  settle: ({timeout}) => ({steadyMs: 0, timeoutMs: parseDuration(timeout) ?? 0}),
  suits: ({kubeconfig}, facts) => facts.get(kubernetesNodes(kubeconfig)).state !== 'unknown',

  outputs: {
    schema: {
      type: 'object',
      properties: {
        nodes: {
          description: 'The nodes, in the order of their names.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name', 'ranges'],
            properties: {
              name: {description: 'What it is called.', type: 'string'},
              ranges: {
                description: 'The networks of its pods.',
                type: 'array',
                items: {
                  type: 'object',
                  required: ['cidr', 'address'],
                  properties: {
                    cidr: {description: 'The network.', type: 'string'},
                    address: {description: 'The address of the node in that family.', type: 'string'},
                  },
                },
              },
            },
          },
        },
      },
    },
    read(spec, facts) {
      const hidden = firstUnknown(facts, [kubernetesNodes(spec.kubeconfig)]);
      if (hidden) return hidden;
      return {nodes: nodesOf(spec, facts).map((node) => ({name: node.name, ranges: rangesOf(node)}))};
    },
  },

  examples: [
    {
      title: 'waits for a node that has only just joined',
      spec: {},
      facts: [fact(kubernetesNodes(ADMIN), [CP1, W1])],
      action: 'run',
      commands: [],
    },
    {
      title: 'has nothing to wait for where the nodes that are meant have theirs',
      spec: {names: ['cp1']},
      facts: [fact(kubernetesNodes(ADMIN), [CP1, W1])],
      action: 'none',
      commands: [],
    },
  ],
});

function nodesOf({names, kubeconfig}: KubernetesNodesSpec, facts: Facts): readonly ClusterNode[] {
  const all = seen(facts, kubernetesNodes(kubeconfig)) ?? [];
  return names.length === 0 ? all : all.filter(({name}) => names.includes(name));
}

/** Those that are not there, and those that are there without a network for pods. */
function missingIn(spec: KubernetesNodesSpec, facts: Facts): readonly string[] {
  const found = nodesOf(spec, facts);
  const absent = spec.names.filter((name) => !found.some((node) => node.name === name));
  return [...absent, ...found.filter((node) => rangesOf(node).length === 0).map(({name}) => name)];
}

/** Each network with the node's address of the same family, to which packets for it are sent. */
const rangesOf = ({addresses, pod_cidrs}: ClusterNode) =>
  pod_cidrs.flatMap((cidr) => {
    const address = addresses.find((each) => each.includes(':') === cidr.includes(':'));
    return address === undefined ? [] : [{cidr, address}];
  });
