import {
  ARCHIVE_LABEL,
  type ContainerImage,
  containerImage,
  type ImageStore,
  USUAL_STORE,
} from '../facts/container-image.ts';
import {followed} from '../facts/stat.ts';
import {type ChangeDetail, NOTHING, type Verdict} from '../model/change.ts';
import {type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import type {Proxies, Step} from '../model/step.ts';
import {sourceOf} from './artifact.ts';
import {accountsOf, wantedOf} from './attributes.ts';
import {importImage, pullImage} from './container-image/steps.ts';
import {defineResource} from './define.ts';
import {downTo, making, missingOf} from './directories.ts';
import {DOWNLOAD, PROXY, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

interface ContainerImageSpec extends ImageStore {
  readonly name: string;
  readonly src: string;
  readonly sha256: string;
  readonly digest: string;
  readonly download: 'host' | 'controller';
  readonly proxy: Proxies;
  readonly hosts_dir: string;
  readonly staging: string;
}

const ATTRIBUTES = {owner: 'root', group: 'root', mode: '0700'} as const;
const STAGING = '/var/lib/provision/images';
const PAUSE = 'registry.k8s.io/pause:3.10.2';
const ARCHIVE = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const DIGEST = `sha256:${'c'.repeat(64)}`;
const DIRECTORY = {type: 'directory', mode: '0755', owner: 0, group: 0} as const;
const STAGED = downTo(STAGING).map((each) => fact(followed(each), DIRECTORY));

export default defineResource<ContainerImageSpec>({
  kind: 'container_image',
  summary:
    'An image in containerd: imported from an archive that is known by its digest and does not stay on the host, or pulled.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'The whole reference, with registry and tag, as containers name it.',
        type: 'string',
        pattern: '^[A-Za-z0-9][^\\s\\u0000]*$',
      },
      src: {
        description:
          'Where its archive is: on the controller, below `files/` of the role or absolute; or an address. Empty: ' +
          'the image is pulled.',
        type: 'string',
        default: '',
      },
      sha256: {
        description: 'SHA-256 of the archive, hexadecimal.',
        type: 'string',
        pattern: '^([0-9a-f]{64})?$',
        default: '',
      },
      digest: {
        description:
          'Which image is pulled, whatever the tag means by now: the digest of its manifest or index. ' +
          'Empty: that of its tag.',
        type: 'string',
        pattern: '^(sha256:[0-9a-f]{64})?$',
        default: '',
      },
      download: DOWNLOAD,
      proxy: PROXY,
      namespace: {description: 'Of containerd.', type: 'string', default: USUAL_STORE.namespace},
      ctr: {...path('The program `ctr`.'), default: USUAL_STORE.ctr},
      address: {...path("containerd's socket."), default: USUAL_STORE.address},
      hosts_dir: {
        ...path('Where `hosts.toml` files tell of mirrors, to pull from.'),
        default: '/etc/containerd/certs.d',
      },
      staging: {...path('The directory in which an archive is while it is imported.'), default: STAGING},
    },
  },

  key: ({namespace, name}) => `container_image:${namespace}/${name}`,
  validate: ({src, sha256}) =>
    src !== '' && sha256 === '' ? 'An archive is known by its digest: say its sha256.' : undefined,

  facts: (spec) => [
    imageOf(spec),
    ...(spec.src === '' ? [] : [...downTo(spec.staging).map(followed), ...accountsOf(ATTRIBUTES)]),
  ],

  fetches: (spec) => {
    const {name, src, sha256, digest} = spec;
    if (src !== '') return [{type: 'file', sha256, from: sourceOf(spec)}];
    return [{type: 'image', name, digest: digest === '' ? undefined : digest}];
  },

  diff(spec, facts) {
    const closed = firstUnknown(facts, [
      imageOf(spec),
      ...(spec.src === '' ? [] : downTo(spec.staging).map(followed)),
    ]);
    if (closed) return closed;
    const found = seen(facts, imageOf(spec));
    const detail = detailOf(spec, found);
    return detail ? verdictOf(spec, found, detail, facts) : NOTHING;
  },

  mayTouch: (spec) => [
    subjectOf(spec),
    ...(spec.src === '' ? [] : downTo(spec.staging).map((each): Subject => `path:${each}`)),
  ],

  examples: [
    {
      title: 'imports what an archive holds',
      spec: {name: PAUSE, src: 'pause.tar', sha256: ARCHIVE},
      facts: STAGED,
      action: 'create',
      commands: [
        `send ${STAGING}/${ARCHIVE}.tar 0600 root:root sha256:${ARCHIVE}`,
        `import ${PAUSE} from ${STAGING}/${ARCHIVE}.tar`,
      ],
    },
    {
      title: 'leaves an image of this archive alone',
      spec: {name: PAUSE, src: 'pause.tar', sha256: ARCHIVE},
      facts: [...STAGED, fact(containerImage(PAUSE), {digest: DIGEST, archive: ARCHIVE})],
      action: 'none',
      commands: [],
    },
    {
      title: 'replaces an image of another archive',
      spec: {name: PAUSE, src: 'pause.tar', sha256: ARCHIVE},
      facts: [...STAGED, fact(containerImage(PAUSE), {digest: DIGEST, archive: 'd'.repeat(64)})],
      action: 'update',
      commands: [
        `send ${STAGING}/${ARCHIVE}.tar 0600 root:root sha256:${ARCHIVE}`,
        `import ${PAUSE} from ${STAGING}/${ARCHIVE}.tar`,
      ],
    },
    {
      title: 'pulls an image that has no archive',
      spec: {name: PAUSE},
      facts: [],
      action: 'create',
      commands: [`pull ${PAUSE}`],
    },
    {
      title: 'pulls by digest where one is known',
      spec: {name: PAUSE, digest: DIGEST},
      facts: [fact(containerImage(PAUSE), {digest: `sha256:${'d'.repeat(64)}`})],
      action: 'update',
      commands: [`pull ${PAUSE}@${DIGEST}`],
    },
  ],
});

const imageOf = (spec: ContainerImageSpec): FactQuery<ContainerImage> => containerImage(spec.name, spec);
const subjectOf = ({namespace, name}: ContainerImageSpec): Subject => `container_image:${namespace}/${name}`;

/** What is not as wanted, if anything: an image that is pulled by its tag alone is right whatever it is. */
function detailOf(
  {sha256, digest}: ContainerImageSpec,
  found: ContainerImage | undefined,
): ChangeDetail | undefined {
  if (sha256 !== '') {
    if (found?.archive === sha256) return undefined;
    return {attribute: 'archive', before: shown(found?.archive), after: shown(sha256)};
  }
  if (found && (digest === '' || found.digest === digest)) return undefined;
  return {attribute: 'image', before: found?.digest, after: digest || 'pulled'};
}

const shown = (sha256: string | undefined): string | undefined => sha256 && `sha256:${sha256.slice(0, 12)}`;

function verdictOf(
  spec: ContainerImageSpec,
  found: ContainerImage | undefined,
  detail: ChangeDetail,
  facts: Facts,
): Verdict {
  const change = {
    action: found ? 'update' : 'create',
    details: [detail],
    impact: 'none',
    predicts: [],
    proof: 'facts',
  } as const;
  const {src, sha256} = spec;
  if (src === '') return {...change, steps: [pullImage(spec)], touches: [subjectOf(spec)]};
  const wanted = wantedOf(ATTRIBUTES, facts, {bits: 0o700, isDirectory: true});
  if ('reason' in wanted) return wanted;
  const missing = missingOf(downTo(spec.staging), facts);
  if ('reason' in missing) return missing;
  const made = making(missing, wanted, ATTRIBUTES);
  return {
    ...change,
    steps: [...made.steps, ...stepsOf(spec, sourceOf(spec), sha256)],
    touches: [subjectOf(spec), ...made.touches],
    predicts: made.predicts,
  };
}

function stepsOf(
  spec: ContainerImageSpec,
  from: ReturnType<typeof sourceOf>,
  sha256: string,
): readonly Step[] {
  const archive = `${spec.staging}/${sha256}.tar`;
  return [
    {
      step: 'send',
      path: archive,
      sha256,
      from,
      isTemporary: true,
      mode: '0600',
      owner: 'root',
      group: 'root',
    },
    importImage({...spec, archive, label: `${ARCHIVE_LABEL}=${sha256}`}),
  ];
}
