import {ADMIN, ETCDCTL_IN_POD, kubectl, PROGRAM_PATH} from '../facts/kubectl.ts';
import {output, type Printed} from '../facts/probe.ts';
import {unknown, valueOf} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {type FactQuery, fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {NODE_NAME_PATTERN} from './schemas.ts';

interface StackedEtcdMemberSpec {
  readonly name: string;
  readonly state: 'absent';
}

/** Through a pod of etcd on another node: one that leaves is not asked about itself. */
const etcdctl = (leaving: string) => sh`${PROGRAM_PATH}
k() { ${kubectl(ADMIN, 20)} -n kube-system "$@"; }
pod=$(k get pods -l component=etcd --field-selector status.phase=Running -o name | grep -vx pod/etcd-${leaving} | head -n 1)
[ -n "$pod" ] || { echo 'no other member of etcd runs' >&2; exit 1; }
etcdctl() {
  k exec "$pod" -c etcd -- ${ETCDCTL_IN_POD} "$@"
}`;

const membersSeenBy = (name: string): FactQuery<Printed> =>
  output(
    sh`${etcdctl(name)}
etcdctl member list`.wire,
  );

const THREE = `8e9e05c52164694d, started, cp1, https://10.0.0.11:2380, https://10.0.0.11:2379, false
91bc3c398fb3c146, started, cp2, https://10.0.0.12:2380, https://10.0.0.12:2379, false`;

export default defineResource<StackedEtcdMemberSpec>({
  kind: 'stacked_etcd_member',
  summary:
    'A member of the etcd that runs beside the API servers, which leaves it. Etcd itself refuses what would cost its quorum.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description:
          'The name of the member, which is that of its node. Asked and removed at another member.',
        type: 'string',
        pattern: NODE_NAME_PATTERN,
      },
      state: {description: 'It can only be absent.', enum: ['absent'], default: 'absent'},
    },
  },

  key: ({name}) => `cluster:stacked-etcd-member/${name}`,
  facts: ({name}) => [membersSeenBy(name)],

  worst: () => 'loss',
  diff({name}, facts) {
    const answer = facts.get(membersSeenBy(name));
    if (answer.state === 'unknown') return answer;
    const printed = valueOf(answer);
    if (printed?.exit_code !== 0) return unknown('the members of etcd could not be listed');
    const id = idOf(name, printed.stdout);
    if (id === undefined) return NOTHING;
    const {wire} = sh`${etcdctl(name)}
etcdctl member remove ${id}`;
    return {
      action: 'delete',
      details: [{attribute: 'member of etcd', before: name, after: undefined}],
      impact: 'loss',
      steps: [{wire, display: `etcdctl member remove ${id}`}],
      touches: [`cluster:stacked-etcd-member/${name}`, 'anything:etcd'],
      predicts: [],
      proof: 'facts',
    };
  },

  suits({name}, facts) {
    const answer = facts.get(membersSeenBy(name));
    return answer.state === 'known' && answer.value.exit_code === 0;
  },

  examples: [
    {
      title: 'removes a member',
      spec: {name: 'cp2'},
      facts: [fact(membersSeenBy('cp2'), {exit_code: 0, stdout: THREE})],
      action: 'delete',
      commands: ['etcdctl member remove 91bc3c398fb3c146'],
    },
    {
      title: 'has nothing to do where it is none',
      spec: {name: 'cp3'},
      facts: [fact(membersSeenBy('cp3'), {exit_code: 0, stdout: THREE})],
      action: 'none',
      commands: [],
    },
  ],
});

/** A member that has not started yet has no name: its peer address is all that there is of it. */
function idOf(name: string, listed: string): string | undefined {
  const rows = listed.split('\n').map((line) => line.split(', '));
  return rows.find(([, , each]) => each === name)?.[0];
}
