import {type EtcdMember, etcdMember} from '../facts/etcd-member.ts';
import {unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {becomeFirst, becomeMember} from './etcd-member/program.ts';
import {path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface EtcdMemberSpec {
  readonly environment: string;
  readonly joined: string;
  readonly unit: string;
  readonly endpoints: string;
  readonly cluster: 'new' | 'existing';
}

const SPEC = {
  environment: '/etc/etcd.env',
  joined: '/etc/etcd/joined.env',
  endpoints: 'https://10.0.0.11:2379,https://10.0.0.12:2379',
};
const member = (state: EtcdMember['state']) => [
  fact(etcdMember({...SPEC, unit: 'etcd.service'}), {state, version: '3.6.8'}),
];

export default defineResource<EtcdMemberSpec>({
  kind: 'etcd_member',
  summary:
    'A host as a member of etcd that votes. New members join one after the other, as learners until they have all data.',

  schema: {
    type: 'object',
    required: ['environment', 'joined', 'endpoints'],
    additionalProperties: false,
    properties: {
      environment: path(
        'The file with the settings of the service, `ETCD_NAME=…` and `ETCDCTL_CERT=…` a line. What the member is called, and where, stands there.',
      ),
      joined: path('The file that its first start reads: which members there are. Written by this task.'),
      unit: {
        description: 'Its service.',
        type: 'string',
        pattern: '^[A-Za-z0-9:_.@-]+\\.service$',
        default: 'etcd.service',
      },
      endpoints: {
        description: 'Where members answer, this one and others, as etcdctl takes it: separated by commas.',
        type: 'string',
        pattern: '^https?://[^\\s]+$',
      },
      cluster: {
        description:
          '`new`: makes a cluster with this member alone where the host is none, and no other answers. `existing`: joins the others.',
        enum: ['new', 'existing'],
        default: 'existing',
      },
    },
  },

  key: ({unit}) => `etcd:${unit}`,
  facts: (spec) => [etcdMember(spec)],

  diff(spec, facts) {
    const hidden = firstUnknown(facts, [etcdMember(spec)]);
    if (hidden) return hidden;
    const found = seen(facts, etcdMember(spec));
    const isNew = spec.cluster === 'new';
    if (found?.state === 'voter' || (isNew && found && found.state !== 'lost')) return NOTHING;
    if (isNew && found?.state === 'lost') return unknown(lostAt(spec.joined));
    return {
      action: found && found.state !== 'lost' ? 'update' : 'create',
      details: [{attribute: 'member', before: found?.state, after: isNew ? 'the first' : 'voter'}],
      impact: 'none',
      steps: [(isNew ? becomeFirst : becomeMember)(spec, spec.endpoints.split(','))],
      touches: 'everything',
      predicts: [],
      proof: 'facts',
    };
  },

  /** A host that has data belongs to a cluster, and a second one is never made beside it. */
  suits: (spec, facts) => facts.get(etcdMember(spec)).state === 'known',

  settle: () => ({steadyMs: 0, timeoutMs: 30_000}),

  examples: [
    {
      title: 'makes a cluster of one',
      spec: {...SPEC, cluster: 'new'},
      facts: [],
      action: 'create',
      commands: ['detached etcd: start the first member of etcd'],
    },
    {
      title: 'lets a host join',
      spec: SPEC,
      facts: [],
      action: 'create',
      commands: ['detached etcd: join the members of etcd'],
    },
    {
      title: 'goes on where an earlier run left a learner',
      spec: SPEC,
      facts: member('learner'),
      action: 'update',
      commands: ['detached etcd: join the members of etcd'],
    },
    {title: 'leaves a member alone', spec: SPEC, facts: member('voter'), action: 'none', commands: []},
  ],
});

const lostAt = (joined: string): string =>
  `its data are gone: restore a snapshot, or remove ${joined} to begin with an empty etcd`;
