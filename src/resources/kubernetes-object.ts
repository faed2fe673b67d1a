import type {JsonObject} from '../base/json.ts';
import {ADMIN} from '../facts/kubectl.ts';
import {type KubernetesObject, kubernetesObject} from '../facts/kubernetes-object.ts';
import {ALL_OF_CLUSTER, fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {convergence, removal} from './kubernetes-object/changes.ts';
import {isRolledOut} from './kubernetes-object/restarts.ts';
import {
  type KubernetesObjectSpec,
  objectsOf,
  queryFor,
  recordQuery,
  wantedOf,
} from './kubernetes-object/spec.ts';
import {MANAGER} from './kubernetes-object/steps.ts';
import {path} from './schemas.ts';
import {firstUnknown} from './seen.ts';

const OBJECT = {type: 'object', required: ['apiVersion', 'kind', 'metadata']};
const SECRETS = {
  type: 'object',
  additionalProperties: {type: ['string', 'number', 'boolean', 'null', 'object', 'array'], 'x-secret': true},
};
const ONE_OBJECT = {
  ...OBJECT,
  properties: {
    data: {...SECRETS, description: 'Of a Secret, in base64; of others what they hold.'},
    stringData: {...SECRETS, description: 'Of a Secret, as plain text.'},
  },
};

const CONFIG: JsonObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'motd', namespace: 'web'},
  data: {text: 'hello'},
};
const ACCESS = {kubeconfig: ADMIN, manager: MANAGER};
const ASKED = kubernetesObject(ACCESS, CONFIG);
const OWNED = {'f:data': {'f:text': {}}};
const RECORD = kubernetesObject(ACCESS, {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'provision-web', namespace: 'kube-system'},
});
const recorded = (...lines: readonly string[]): KubernetesObject => ({
  live: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'provision-web', namespace: 'kube-system'},
    data: {objects: lines.map((line) => `${line}\n`).join('')},
  },
  owned: {},
});

export default defineResource<KubernetesObjectSpec>({
  kind: 'kubernetes_object',
  summary:
    'Objects of a cluster, as a set: fields are applied server-side, what the set no longer declares is removed.',

  schema: {
    type: 'object',
    required: ['set'],
    additionalProperties: false,
    properties: {
      set: {
        description:
          'The name of the set. What was applied under it before and is no longer declared is removed.',
        type: 'string',
        pattern: '^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$',
      },
      definition: {
        description:
          'The objects: a list of them, one alone, or the text of a manifest. Secrets may stand in `data` and `stringData` of a Secret.',
        anyOf: [{type: 'string'}, ONE_OBJECT, {type: 'array', items: ONE_OBJECT}],
      },
      src: {
        description: 'A manifest below `templates/` of the role, in place of `definition`.',
        type: 'string',
      },
      content: {
        description: 'The rendered manifest. The program fills it in; it is not written by hand.',
        type: 'string',
      },
      state: {
        description: '`absent` removes the objects, and all that the set has applied before.',
        enum: ['present', 'absent'],
        default: 'present',
      },
      kubeconfig: {...path('How the host reaches the cluster.'), default: ADMIN},
    },
  },

  key: ({set}) => `cluster:set/${set}`,
  validate: (spec) => {
    const wanted = wantedOf(spec);
    return typeof wanted === 'string' ? wanted : undefined;
  },
  facts: (spec) => [recordQuery(spec), ...objectsOf(spec).map((wanted) => queryFor(wanted, spec))],

  worst(spec) {
    const wanted = spec.state === 'absent' ? [] : wantedOf(spec);
    const isHarmless = typeof wanted !== 'string' && !wanted.some(({reference}) => isRolledOut(reference));
    return isHarmless ? 'none' : 'restart';
  },
  diff(spec, facts) {
    const hidden = firstUnknown(facts, [
      recordQuery(spec),
      ...objectsOf(spec).map((each) => queryFor(each, spec)),
    ]);
    if (hidden) return hidden;
    return spec.state === 'absent' ? removal(spec, facts) : convergence(spec, facts);
  },

  // Which objects the set had before, only the cluster knows.
  mayTouch: () => [ALL_OF_CLUSTER],
  suits: (spec, facts) => facts.get(recordQuery(spec)).state !== 'unknown',

  examples: [
    {
      title: 'applies what is missing',
      spec: {set: 'web', definition: [CONFIG]},
      facts: [],
      action: 'create',
      commands: ['kubectl apply ConfigMap kube-system/provision-web, ConfigMap web/motd'],
    },
    {
      title: 'leaves alone what applying would not alter',
      spec: {set: 'web', definition: CONFIG},
      facts: [
        fact(ASKED, {live: CONFIG, owned: OWNED, tried: {live: CONFIG, owned: OWNED}}),
        fact(RECORD, recorded('v1 ConfigMap web motd')),
      ],
      action: 'none',
      commands: [],
    },
    {
      title: 'corrects a field, and removes what is no longer declared',
      spec: {set: 'web', definition: CONFIG},
      facts: [
        fact(ASKED, {
          live: {...CONFIG, data: {text: 'bye'}},
          owned: OWNED,
          tried: {live: CONFIG, owned: OWNED},
        }),
        fact(RECORD, recorded('v1 ConfigMap web motd', 'apps/v1 Deployment web old')),
      ],
      action: 'update',
      commands: [
        'kubectl apply ConfigMap web/motd',
        'kubectl delete Deployment.apps web/old',
        'kubectl apply ConfigMap kube-system/provision-web',
      ],
    },
    {
      title: 'removes a set',
      spec: {set: 'web', state: 'absent'},
      facts: [fact(RECORD, recorded('v1 ConfigMap web motd'))],
      action: 'delete',
      commands: ['kubectl delete ConfigMap web/motd, ConfigMap kube-system/provision-web'],
    },
  ],
});
