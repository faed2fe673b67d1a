import {parseDuration} from '../base/duration.ts';
import {type JsonObject, jsonAt} from '../base/json.ts';
import {ADMIN} from '../facts/kubectl.ts';
import {type KubernetesObject, kubernetesObject} from '../facts/kubernetes-object.ts';
import {bare, NODE_MANAGER, subjectOf} from '../facts/object-reference.ts';
import {type ChangeDetail, NOTHING, type PendingChange} from '../model/change.ts';
import {type FactQuery, fact} from '../model/fact.ts';
import type {Step} from '../model/step.ts';
import {defineResource} from './define.ts';
import {declaredTaints, type KubernetesNodeSpec, ownFields, RECORD} from './kubernetes-node/declared.ts';
import {
  idOfTaint,
  type TaintChange,
  taint,
  taintChanges,
  taintsOf,
  waitForNode,
} from './kubernetes-node/taints.ts';
import {declaredDifferences} from './kubernetes-object/fields.ts';
import {apply, remove} from './kubernetes-object/steps.ts';
import {duration, NODE_NAME_PATTERN, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

const KEY = '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$';
const texts = (description: string, pattern: JsonObject): JsonObject => ({
  description,
  type: 'object',
  propertyNames: {pattern: KEY},
  additionalProperties: {type: 'string', ...pattern},
  default: {},
});

const TAINT =
  '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9][A-Za-z0-9_.-]*(=[A-Za-z0-9_.-]{0,63})?:(NoSchedule|PreferNoSchedule|NoExecute)$';
const TAINT_PARTS: JsonObject = {
  type: 'object',
  required: ['key', 'effect'],
  additionalProperties: false,
  properties: {
    key: {description: 'Its key.', type: 'string', pattern: KEY},
    value: {description: 'Its value.', type: 'string', pattern: '^[A-Za-z0-9_.-]{0,63}$'},
    effect: {description: 'What it does.', enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute']},
  },
};

const ACCESS = {kubeconfig: ADMIN, manager: NODE_MANAGER};
const W1 = kubernetesObject(ACCESS, {apiVersion: 'v1', kind: 'Node', metadata: {name: 'w1'}});
const node = (labels: JsonObject, annotations: JsonObject, taints: readonly JsonObject[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {name: 'w1', labels: {'kubernetes.io/hostname': 'w1', ...labels}, annotations},
  spec: {taints},
});

export default defineResource<KubernetesNodeSpec>({
  kind: 'kubernetes_node',
  summary:
    'Labels, annotations and taints of a node: those that are declared are set, and removed once they no longer are.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'The name of the Node. It is waited for.',
        type: 'string',
        pattern: NODE_NAME_PATTERN,
      },
      labels: texts('Its labels. Those that others have set are left alone.', {
        pattern: '^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$',
      }),
      annotations: texts('Its annotations. Those that others have set are left alone.', {}),
      taints: {
        description:
          'Its taints: `key`, `value` and `effect` of each. Those that others have set are left alone.',
        type: 'array',
        default: [],
        items: {anyOf: [{type: 'string', pattern: TAINT}, TAINT_PARTS]},
      },
      kubeconfig: {...path('How the host reaches the cluster.'), default: ADMIN},
      timeout: duration('How long the Node is waited for.', '2m'),
      state: {
        description: '`absent` takes the Node out of the cluster, and its pods with it.',
        enum: ['present', 'absent'],
        default: 'present',
      },
    },
  },

  key: ({name}) => `cluster:node/${name}`,
  validate: (spec) => {
    const ids = declaredTaints(spec).map(idOfTaint);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    return twice === undefined ? undefined : `The taint ${twice} stands twice.`;
  },
  facts: (spec) => [queryOf(spec)],

  worst: ({state}) => (state === 'absent' ? 'loss' : 'none'),
  diff(spec, facts) {
    const hidden = firstUnknown(facts, [queryOf(spec)]);
    if (hidden) return hidden;
    const found = seen(facts, queryOf(spec));
    if (spec.state === 'absent') return found ? leaving(spec) : NOTHING;
    const fields = found
      ? fieldChanges(spec, found)
      : [{attribute: 'Node', before: undefined, after: spec.name}];
    const taints = taintChanges(declaredTaints(spec), taintsOf(found?.live), recordIn(found));
    const taintDetails = taints.map(({before, after, id}) => ({attribute: `taint ${id}`, before, after}));
    if (fields.length === 0 && taints.length === 0) return NOTHING;
    return {
      action: 'update',
      details: [...fields, ...taintDetails],
      impact: 'none',
      steps: stepsOf(spec, {found, fields, taints}),
      touches: [subjectOf(referenceTo(spec.name))],
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: ({name}) => [subjectOf(referenceTo(name))],
  suits: (spec, facts) => facts.get(queryOf(spec)).state !== 'unknown',

  examples: [
    {
      title: 'sets a label and a taint',
      spec: {name: 'w1', labels: {disk: 'ssd'}, taints: ['gpu=yes:NoSchedule']},
      facts: [fact(W1, {live: node({}, {}, []), owned: {}})],
      action: 'update',
      commands: ['kubectl apply Node w1', 'kubectl taint node w1 gpu=yes:NoSchedule'],
    },
    {
      title: 'leaves alone what others have set',
      spec: {name: 'w1'},
      facts: [fact(W1, {live: node({disk: 'ssd'}, {}, [{key: 'gpu', effect: 'NoSchedule'}]), owned: {}})],
      action: 'none',
      commands: [],
    },
    {
      title: 'removes what it had set and is no longer declared',
      spec: {name: 'w1'},
      facts: [
        fact(W1, {
          live: node({disk: 'ssd'}, {[RECORD]: 'gpu:NoSchedule'}, [{key: 'gpu', effect: 'NoSchedule'}]),
          owned: {'f:metadata': {'f:labels': {'f:disk': {}}, 'f:annotations': {[`f:${RECORD}`]: {}}}},
        }),
      ],
      action: 'update',
      commands: ['kubectl taint node w1 gpu:NoSchedule-', 'kubectl apply Node w1'],
    },
    {
      title: 'takes a node out of the cluster',
      spec: {name: 'w1', state: 'absent'},
      facts: [fact(W1, {live: node({}, {}, []), owned: {}})],
      action: 'delete',
      commands: ['kubectl delete Node w1'],
    },
    {
      title: 'waits for a node that has only just joined',
      spec: {name: 'w1', labels: {disk: 'ssd'}},
      facts: [],
      action: 'update',
      commands: ['kubectl wait --for create --timeout 120s node/w1', 'kubectl apply Node w1'],
    },
  ],
});

const leaving = ({name, kubeconfig}: KubernetesNodeSpec): PendingChange => ({
  action: 'delete',
  details: [{attribute: 'Node', before: name, after: undefined}],
  impact: 'loss',
  steps: [remove(kubeconfig, [referenceTo(name)])],
  touches: [subjectOf(referenceTo(name))],
  predicts: [],
  proof: 'facts',
});

const referenceTo = (name: string) => ({apiVersion: 'v1', kind: 'Node', namespace: '', name});

const queryOf = ({name, kubeconfig}: KubernetesNodeSpec): FactQuery<KubernetesObject> =>
  kubernetesObject({kubeconfig, manager: NODE_MANAGER}, bare(referenceTo(name)));

function recordIn(found: KubernetesObject | undefined): readonly string[] {
  const record = jsonAt(found?.live, 'metadata', 'annotations', RECORD);
  return typeof record === 'string' ? record.split(',').filter((id) => id !== '') : [];
}

const fieldChanges = (spec: KubernetesNodeSpec, {live, owned}: KubernetesObject): readonly ChangeDetail[] =>
  declaredDifferences(ownFields(spec, declaredTaints(spec).map(idOfTaint)), live, owned);

interface Work {
  readonly found: KubernetesObject | undefined;
  readonly fields: readonly ChangeDetail[];
  readonly taints: readonly TaintChange[];
}

/** A taint is recorded before it is set and until it is gone: no death of a run leaves one that nobody knows. */
function stepsOf(spec: KubernetesNodeSpec, {found, fields, taints}: Work): readonly Step[] {
  const {kubeconfig, name} = spec;
  const declared = declaredTaints(spec).map(idOfTaint);
  const removed = taints.filter(({after}) => after === undefined).map(({id}) => id);
  const isNew = declared.some((id) => !recordIn(found).includes(id));
  const applied = (record: readonly string[]): Step =>
    apply({kubeconfig, manager: NODE_MANAGER}, [{name: `Node ${name}`, applied: ownFields(spec, record)}]);
  const isFirst = isNew || (fields.length > 0 && removed.length === 0);
  return [
    ...(found ? [] : [waitForNode(kubeconfig, name, parseDuration(spec.timeout) ?? 0)]),
    ...(isFirst ? [applied([...declared, ...removed])] : []),
    ...(taints.length > 0 ? [taint(kubeconfig, name, taints)] : []),
    ...(removed.length > 0 ? [applied(declared)] : []),
  ];
}
