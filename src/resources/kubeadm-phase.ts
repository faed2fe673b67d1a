import {posix} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {JsonObject} from '../base/json.ts';
import {sha256Hex} from '../base/sha256-hex.ts';
import {certificate, oneWay} from '../facts/certificate.ts';
import {content} from '../facts/content.ts';
import {digest} from '../facts/digest.ts';
import {type Stat, stat} from '../facts/stat.ts';
import {type ChangeDetail, IMPACTS, type Impact, isAtLeast, NOTHING} from '../model/change.ts';
import {ALL_OF_CLUSTER, type Fact, type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {
  missingDetails,
  missingObjects,
  OBJECTS,
  objectFacts,
  objectSubjects,
  runningOf,
} from './kubeadm/made-objects.ts';
import {PLACES, recordOf} from './kubeadm/places.ts';
import {parseRecord, RECORDED, type Recorded, recordFacts} from './kubeadm/record.ts';
import {keyOf, repeatPhase} from './kubeadm/repeat.ts';
import {path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

/** What a user may say about a phase. */
export interface KubeadmPhaseSpec extends Recorded {
  readonly phase: readonly string[];
  readonly config: string;
  readonly node?: string;
  readonly certificate?: {readonly path: string; readonly names: readonly string[]};
  readonly objects: readonly JsonObject[];
  readonly rollout: readonly string[];
  readonly restarts: readonly string[];
  readonly impact: Impact;
}

const MANIFEST = '/etc/kubernetes/manifests/kube-scheduler.yaml';
const [OLD, NEW] = ['1'.repeat(64), '2'.repeat(64)];
const SPEC = {
  name: 'scheduler',
  phase: ['init', 'phase', 'control-plane', 'scheduler'],
  config: 'kind: ClusterConfiguration\n',
  compare: 'kind: ClusterConfiguration\n',
  files: [MANIFEST],
};
const recorded = (compare: string) => [
  fact(
    content(recordOf('scheduler')),
    JSON.stringify({compare: sha256Hex(compare), files: {[MANIFEST]: OLD}}),
  ),
];

export default defineResource<KubeadmPhaseSpec>({
  kind: 'kubeadm_phase',
  summary:
    'A phase of kubeadm, done again where its configuration or a file that it wrote is not what it was then, or an object that it made is gone.',

  schema: {
    type: 'object',
    required: ['name', 'phase', 'config', 'compare'],
    additionalProperties: false,
    properties: {
      ...RECORDED,
      phase: {
        description: 'The words behind `kubeadm`.',
        type: 'array',
        minItems: 1,
        items: {type: 'string', pattern: '^[a-z][a-z-]*$'},
      },
      config: {description: 'What kubeadm is given, as YAML.', type: 'string'},
      node: {
        description:
          'The name of the node: static pods whose manifests have changed are waited for, until the new ones are ready.',
        type: 'string',
      },
      certificate: {
        description: 'A certificate that it makes. Without one of its names it is made anew, with its key.',
        type: 'object',
        required: ['path', 'names'],
        additionalProperties: false,
        properties: {
          path: path('Where it is, ending in `.crt`; its key beside it ends in `.key`.'),
          names: {description: 'Names and addresses that it is for.', type: 'array', items: {type: 'string'}},
        },
      },
      objects: OBJECTS,
      rollout: {
        description:
          'Workloads in kube-system that read what it writes: `daemonset/kube-proxy`. They are restarted.',
        type: 'array',
        items: {type: 'string', pattern: '^[a-z]+/[a-z0-9.-]+$'},
        default: [],
      },
      restarts: {
        description: 'Units that run with what it writes, and are restarted behind it: plans name them.',
        type: 'array',
        items: {type: 'string', pattern: '^[A-Za-z0-9@._-]+$'},
        default: [],
      },
      impact: {
        description:
          'What it does to what runs on the host. With `rollout` or `restarts` it is `restart` at least.',
        enum: IMPACTS,
        default: 'none',
      },
    },
  },

  key: ({name}) => `kubeadm:phase/${name}`,
  facts: factsOf,

  worst: impactOf,
  diff(spec, facts) {
    const hidden = firstUnknown(facts, factsOf(spec));
    if (hidden) return hidden;
    const missing = missingObjects(spec.objects, facts);
    const details = [
      ...recordDetails(spec, facts),
      ...certificateDetails(spec, facts),
      ...missingDetails(missing),
    ];
    if (details.length === 0 || isMadeByOthers(spec, facts)) return NOTHING;
    const rollout = runningOf(spec.rollout, missing);
    return {
      action: 'run',
      details: [...details, ...restartDetails({...spec, rollout})],
      impact: impactOf({...spec, rollout}),
      steps: [repeatPhase(spec, missing)],
      touches: touchedBy(spec),
      predicts: predictionOf(spec, facts),
      proof: 'facts',
    };
  },

  mayTouch: touchedBy,
  /** Where it was done last, others need not do it. */
  suits: ({name, objects}, facts) =>
    facts.get(content(recordOf(name))).state === 'known' &&
    objectFacts(objects).every((query) => facts.get(query).state !== 'unknown'),

  examples: [
    {
      title: 'does again what was done with another configuration',
      spec: SPEC,
      facts: [...recorded('kind: ClusterConfiguration\nclusterName: old\n'), fact(digest(MANIFEST), OLD)],
      action: 'run',
      commands: ['detached kubeadm: kubeadm init phase control-plane scheduler --config /dev/stdin'],
    },
    {
      title: 'puts right what somebody has edited',
      spec: SPEC,
      facts: [...recorded(SPEC.compare), fact(digest(MANIFEST), NEW)],
      action: 'run',
      commands: ['detached kubeadm: kubeadm init phase control-plane scheduler --config /dev/stdin'],
    },
    {
      title: 'leaves to init and join what was never there',
      spec: SPEC,
      facts: [],
      action: 'none',
      commands: [],
    },
    {
      title: 'has nothing to do where all is as it was',
      spec: SPEC,
      facts: [...recorded(SPEC.compare), fact(digest(MANIFEST), OLD)],
      action: 'none',
      commands: [],
    },
  ],
});

function impactOf({impact, rollout, restarts}: KubeadmPhaseSpec): Impact {
  const isRestart = rollout.length + restarts.length > 0;
  return isRestart && !isAtLeast(impact, 'restart') ? 'restart' : impact;
}

function factsOf(spec: KubeadmPhaseSpec): readonly FactQuery[] {
  const made = spec.certificate ? [certificate(spec.certificate.path)] : [];
  const places = isOfHost(spec) ? [PLACES.unfinished, ...spec.files] : [];
  return [...recordFacts(spec), ...made, ...places.map(stat), ...objectFacts(spec.objects)];
}

/** What it writes is there again: whoever only asks whether it is need not wait. */
const predictionOf = ({files}: KubeadmPhaseSpec, facts: Facts): readonly Fact[] =>
  files.flatMap((file) => {
    const found = seen(facts, stat(file));
    return found && isDeepStrictEqual(found, WRITTEN) ? [fact(stat(file), WRITTEN)] : [];
  });

/** As kubeadm leaves what it writes. */
const WRITTEN: Stat = {type: 'file', mode: '0600', owner: 0, group: 0};

/** Whether it makes something on the host, and not in the cluster. */
const isOfHost = ({files, certificate: made}: KubeadmPhaseSpec): boolean =>
  files.length > 0 || made !== undefined;

/** On a host that is no member yet, or was left half-way, `init` or `join` makes it. */
function isMadeByOthers(spec: KubeadmPhaseSpec, facts: Facts): boolean {
  if (!isOfHost(spec)) return false;
  if (seen(facts, stat(PLACES.unfinished))) return true;
  const made = spec.certificate && seen(facts, certificate(spec.certificate.path));
  const files = spec.files.map((file) => seen(facts, digest(file)));
  return [seen(facts, content(recordOf(spec.name))), made, ...files].every((found) => found === undefined);
}

function recordDetails({name, compare, files}: KubeadmPhaseSpec, facts: Facts): readonly ChangeDetail[] {
  const record = parseRecord(seen(facts, content(recordOf(name))) ?? '');
  if (!record) return [{attribute: 'record', before: undefined, after: recordOf(name)}];
  const wanted = sha256Hex(compare);
  const isOther = record.compare !== wanted;
  const drifted = files.flatMap((file) => {
    const [before, after] = [seen(facts, digest(file)), record.files[file]];
    return before === after ? [] : [{attribute: file, before: short(before), after: short(after)}];
  });
  return [
    ...(isOther ? [{attribute: 'configuration', before: short(record.compare), after: short(wanted)}] : []),
    ...drifted,
  ];
}

/** What is made anew with it, for people. */
function restartDetails({node, files, rollout, restarts}: KubeadmPhaseSpec): readonly ChangeDetail[] {
  const pods =
    node === undefined ? [] : files.map((file) => `the pod ${posix.basename(file, '.yaml')}-${node}`);
  const all = [...pods, ...rollout, ...restarts];
  return all.length === 0 ? [] : [{attribute: 'restarts', before: undefined, after: all.join(', ')}];
}

function touchedBy(spec: KubeadmPhaseSpec): readonly Subject[] {
  const {name, files, certificate: made, rollout, objects} = spec;
  const paths = [recordOf(name), ...files, ...(made ? [made.path, keyOf(made.path)] : [])];
  const inCluster = rollout.length > 0 ? [ALL_OF_CLUSTER] : objectSubjects(objects);
  return [...paths.map((each): Subject => `path:${each}`), ...inCluster];
}

const short = (sha256: string | undefined): string | undefined => sha256 && `sha256:${sha256.slice(0, 12)}`;

function certificateDetails({certificate: wanted}: KubeadmPhaseSpec, facts: Facts): readonly ChangeDetail[] {
  if (!wanted) return [];
  const found = seen(facts, certificate(wanted.path))?.names ?? [];
  const missing = wanted.names.filter((name) => !found.includes(oneWay(name)));
  if (missing.length === 0) return [];
  return [{attribute: `names in ${wanted.path}`, before: undefined, after: missing.join(', ')}];
}
