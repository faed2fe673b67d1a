import {sha256Hex} from '../base/sha256-hex.ts';
import {content as textAt} from '../facts/content.ts';
import {CACHE_DIRECTORIES} from '../facts/package-cache.ts';
import {unknown} from '../model/answer.ts';
import {NOTHING, type PendingChange, type Verdict} from '../model/change.ts';
import {type FactQuery, type Facts, fact} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import type {FileAttributes, Step} from '../model/step.ts';
import {sh} from '../shell/sh.ts';
import {sourceOf} from './artifact.ts';
import {defineResource} from './define.ts';
import {ownedFileFacts, ownedFileVerdict, pendingOf, together} from './owned-file.ts';
import type {Manager} from './package/manager.ts';
import {
  apkLines,
  contentOf,
  type PackageRepositorySpec,
  placesOf,
  type RepositoryKey,
} from './package-repository/files.ts';
import {fileVerdict} from './regular-file.ts';
import {SHA256} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

const WORD = {type: 'string', pattern: '^\\S+$'};
const LINE = {type: 'string', pattern: '^[^\\n]*$'};
const words = (description: string) => ({description, type: 'array', items: WORD, default: []});
const APK_FILE = '/etc/apk/repositories';

export default defineResource<PackageRepositorySpec>({
  kind: 'package_repository',
  summary: 'A source of packages with the key that signs it, in the words of apt, dnf, zypper or apk.',

  schema: {
    type: 'object',
    required: ['name', 'uris'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'Name of its files, and of the repository where it has one.',
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      },
      description: {description: 'What it is, for people (dnf, zypper).', ...LINE},
      uris: {
        description: 'Where it is; the others are mirrors of the first.',
        type: 'array',
        minItems: 1,
        items: WORD,
      },
      types: {
        description: 'Of packages (apt).',
        type: 'array',
        minItems: 1,
        items: {enum: ['deb', 'deb-src']},
        default: ['deb'],
      },
      suites: words('Suites, or one path that ends in a slash (apt).'),
      components: words('Components of the suites (apt).'),
      architectures: words('Only these, by the names of the distribution (apt).'),
      key: {
        description: 'The key that signs it: `content`, or `src` or `url` with `sha256`.',
        type: 'object',
        additionalProperties: false,
        oneOf: [{required: ['content']}, {required: ['src', 'sha256']}, {required: ['url', 'sha256']}],
        properties: {
          content: {description: 'The key as text.', type: 'string', minLength: 1},
          src: {description: 'Where the controller has the file.', type: 'string'},
          url: {description: 'Where the host downloads it.', type: 'string', pattern: '^https?://'},
          sha256: SHA256,
        },
      },
      gpgcheck: {description: 'Whether signatures are checked.', type: 'boolean', default: true},
      enabled: {description: 'Whether packages are taken from it.', type: 'boolean', default: true},
      options: {
        description: 'Further fields of its file, as apt, dnf or zypper name them.',
        type: 'object',
        propertyNames: {pattern: '^[A-Za-z][A-Za-z0-9_-]*$'},
        additionalProperties: LINE,
        default: {},
      },
      use: {
        description: 'The package manager; `auto` is that of the distribution.',
        enum: ['auto', 'apt', 'dnf', 'zypper', 'apk'],
        default: 'auto',
      },
      state: {description: 'Whether it is there.', enum: ['present', 'absent'], default: 'present'},
    },
  },

  key: ({name}) => `package_repository:${name}`,

  facts(spec, profile) {
    const manager = managerOf(spec, profile);
    return manager === undefined ? [] : factsOf(manager, spec);
  },

  fetches: ({key, state}) =>
    key?.sha256 === undefined || state === 'absent'
      ? []
      : [{type: 'file', sha256: key.sha256, from: sourceOf(key)}],

  diff(spec, facts, {profile}) {
    const manager = managerOf(spec, profile);
    if (manager === undefined) return unknown('the host has no package manager that is known here');
    if (manager === 'apt' && spec.state === 'present' && spec.suites.length === 0) {
      return unknown('apt needs "suites" for a repository');
    }
    const hidden = firstUnknown(facts, factsOf(manager, spec));
    if (hidden) return hidden;
    const verdicts = [keyVerdict(manager, spec, facts), listVerdict(manager, spec, facts)];
    const closed = verdicts.find((verdict) => 'state' in verdict);
    if (closed) return closed;
    const change = together(pendingOf(verdicts));
    return change ? withStaleIndex(manager, change) : NOTHING;
  },

  examples: [
    {
      title: 'adds a repository for apt',
      spec: {
        name: 'kubernetes',
        uris: ['https://pkgs.k8s.io/core:/stable:/v1.36/deb/'],
        suites: ['/'],
        key: {content: 'a key'},
      },
      profile: {package_manager: 'apt'},
      facts: [],
      action: 'create',
      commands: [
        '[ ! -d /var/lib/apt/lists ] || touch -t 197001020000 /var/lib/apt/lists',
        'mkdir -p -- /etc/apt/keyrings',
        'write /etc/apt/keyrings/kubernetes.asc 0644 root:root',
        'mkdir -p -- /etc/apt/sources.list.d',
        'write /etc/apt/sources.list.d/kubernetes.sources 0644 root:root',
      ],
    },
    {
      title: 'adds a line for apk',
      spec: {name: 'community', uris: ['https://dl-cdn.alpinelinux.org/alpine/v3.22/community']},
      profile: {package_manager: 'apk'},
      facts: [fact(textAt(APK_FILE), 'https://dl-cdn.alpinelinux.org/alpine/v3.22/main\n')],
      action: 'create',
      commands: [
        '[ ! -d /var/cache/apk ] || touch -t 197001020000 /var/cache/apk',
        'mkdir -p -- /etc/apk',
        'write /etc/apk/repositories 0644 root:root',
      ],
    },
    {
      title: 'has nothing to remove where there is none',
      spec: {name: 'kubernetes', uris: ['https://pkgs.k8s.io/core:/stable:/v1.36/rpm/'], state: 'absent'},
      profile: {package_manager: 'dnf'},
      facts: [],
      action: 'none',
      commands: [],
    },
  ],
});

function managerOf({use}: PackageRepositorySpec, profile: HostProfile): Manager | undefined {
  if (use !== 'auto') return use;
  return profile.package_manager === 'none' ? undefined : profile.package_manager;
}

function factsOf(manager: Manager, spec: PackageRepositorySpec): readonly FactQuery[] {
  const {file, key} = placesOf(manager, spec);
  return [
    ...ownedFileFacts(key),
    ...ownedFileFacts(file ?? APK_FILE),
    ...(file === undefined ? [textAt(APK_FILE)] : []),
  ];
}

/** Without a key of its own, a file of that name is left to whoever put it there. */
function keyVerdict(manager: Manager, spec: PackageRepositorySpec, facts: Facts): Verdict {
  const {key: path} = placesOf(manager, spec);
  if (spec.state === 'absent') return ownedFileVerdict({path, content: undefined}, facts);
  if (spec.key === undefined) return NOTHING;
  const verdict = keyFile(path, spec.key, facts);
  if ('state' in verdict || verdict.action === 'none') return verdict;
  // zypper asks people about a key that rpm does not know.
  const imported = manager === 'zypper' ? [sh`rpm --import ${path}`] : [];
  return {...verdict, steps: [folderOf(path), ...verdict.steps, ...imported]};
}

function keyFile(path: string, key: RepositoryKey, facts: Facts): Verdict {
  const {content, sha256 = ''} = key;
  const put = (attributes: FileAttributes): Step =>
    content === undefined
      ? {step: 'send', path, sha256, from: sourceOf(key), ...attributes}
      : {step: 'write', path, content, ...attributes};
  const digest = content === undefined ? sha256 : sha256Hex(content);
  const attributes = {owner: 'root', group: 'root', mode: '0644'} as const;
  return fileVerdict({dest: path, attributes, sha256: digest, content: 'shown', put}, facts);
}

function listVerdict(manager: Manager, spec: PackageRepositorySpec, facts: Facts): Verdict {
  if (manager === 'apk') return apkVerdict(spec, facts);
  const path = placesOf(manager, spec).file ?? '';
  if (spec.state === 'absent') return ownedFileVerdict({path, content: undefined}, facts);
  const verdict = ownedFileVerdict({path, content: contentOf(manager, spec)}, facts);
  if ('state' in verdict || verdict.action === 'none') return verdict;
  return {...verdict, steps: [folderOf(path), ...verdict.steps]};
}

/** All repositories share one file: the next task reads what this one is going to leave there. */
function apkVerdict(spec: PackageRepositorySpec, facts: Facts): Verdict {
  const before = seen(facts, textAt(APK_FILE)) ?? '';
  const after = apkLines(before, spec);
  if (after === before) return NOTHING;
  const verdict = ownedFileVerdict({path: APK_FILE, content: after}, facts);
  if ('state' in verdict || verdict.action === 'none') return verdict;
  return {
    ...verdict,
    action: spec.state === 'absent' ? 'delete' : 'create',
    details: [{attribute: APK_FILE, before: undefined, after: spec.uris.join(', ')}],
    steps: [folderOf(APK_FILE), ...verdict.steps],
    predicts: [...verdict.predicts, fact(textAt(APK_FILE), after)],
  };
}

const folderOf = (path: string) => sh`mkdir -p -- ${path.slice(0, path.lastIndexOf('/'))}`;

/** An index that does not know the repository is old. That is said first, so that no crash can lose it. */
function withStaleIndex(manager: Manager, change: PendingChange): PendingChange {
  const directory = CACHE_DIRECTORIES[manager];
  const {touches} = change;
  return {
    ...change,
    steps: [sh`[ ! -d ${directory} ] || touch -t 197001020000 ${directory}`, ...change.steps],
    touches: touches === 'everything' ? touches : [...touches, `path:${directory}`],
  };
}
