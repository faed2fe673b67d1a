import {probe} from '../facts/probe.ts';
import {NOTHING} from '../model/change.ts';
import {type FactQuery, fact, type Subject} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {NODE_NAME_PATTERN, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface KubeletRegistrationSpec {
  readonly node: string;
  readonly registered: boolean;
  readonly files: readonly string[];
  readonly links: readonly string[];
}

/** It registers within a few seconds of its start, of which a slow host makes several times as many. */
const JUST_STARTED = `systemctl --quiet is-active kubelet.service &&
  since=$(systemctl show --property=ActiveEnterTimestampMonotonic --value kubelet.service) &&
  read -r up _ </proc/uptime && [ "$((\${up%%.*} - since / 1000000))" -lt 20 ]`;

const LOST = {node: 'w1', registered: false, files: ['/run/flannel/subnet.env'], links: ['cni0']};

export default defineResource<KubeletRegistrationSpec>({
  kind: 'kubelet_registration',
  summary:
    'The Node of a kubelet that runs: it registers once, when it starts, so it is started anew where somebody has deleted the Node.',

  schema: {
    type: 'object',
    required: ['node', 'registered'],
    additionalProperties: false,
    properties: {
      node: {
        description: 'The name of the Node.',
        type: 'string',
        pattern: NODE_NAME_PATTERN,
      },
      registered: {
        description: 'Whether the cluster has it: what a `look` at it has told.',
        type: 'boolean',
      },
      files: {
        description:
          'What says which addresses its pods have. It goes: the Node that comes may be given others.',
        type: 'array',
        items: path('One of them.'),
        default: [],
      },
      links: {
        description: 'Links of the network of its pods, which go too.',
        type: 'array',
        items: {type: 'string', pattern: '^[A-Za-z0-9_.-]{1,15}$'},
        default: [],
      },
    },
  },

  key: ({node}) => `kubelet:registration/${node}`,
  facts: (spec) => factsOf(spec),

  worst: () => 'restart',
  diff(spec, facts) {
    const hidden = firstUnknown(facts, factsOf(spec));
    if (hidden) return hidden;
    if (spec.registered || seen(facts, probe(JUST_STARTED)) === 0) return NOTHING;
    return {
      action: 'run',
      details: [
        {attribute: `Node ${spec.node}`, before: 'not registered', after: 'registered'},
        {attribute: 'restarts', before: undefined, after: 'kubelet.service'},
      ],
      impact: 'restart',
      steps: [registerAgain(spec)],
      touches: touchedBy(spec),
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: touchedBy,

  examples: [
    {
      title: 'starts a kubelet anew whose Node was deleted',
      spec: LOST,
      facts: [fact(probe(JUST_STARTED), 1)],
      action: 'run',
      commands: ['systemctl restart kubelet.service'],
    },
    {
      title: 'leaves alone a kubelet that is about to register',
      spec: LOST,
      facts: [fact(probe(JUST_STARTED), 0)],
      action: 'none',
      commands: [],
    },
    {
      title: 'leaves alone a kubelet whose Node is there',
      spec: {...LOST, registered: true},
      facts: [],
      action: 'none',
      commands: [],
    },
  ],
});

const factsOf = ({registered}: KubeletRegistrationSpec): readonly FactQuery[] =>
  registered ? [] : [probe(JUST_STARTED)];

/** While no kubelet runs, no pod can be given an address of the old network. */
function registerAgain({files, links}: KubeletRegistrationSpec) {
  const {wire} = lines([
    sh`systemctl stop kubelet.service || exit`,
    ...(files.length > 0 ? [sh`rm -f -- ${files} || exit`] : []),
    ...links.map(
      (link) => sh`! ip link show dev ${link} >/dev/null 2>&1 || ip link delete dev ${link} || exit`,
    ),
    sh`systemctl start kubelet.service`,
  ]);
  return {wire, display: 'systemctl restart kubelet.service'};
}

function touchedBy({node, files}: KubeletRegistrationSpec): readonly Subject[] {
  const paths = files.map((file): Subject => `path:${file}`);
  return ['unit:kubelet.service', `cluster:node/${node}`, ...paths];
}
