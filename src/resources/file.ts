import {readlink} from '../facts/readlink.ts';
import {followed, stat} from '../facts/stat.ts';
import {listing} from '../facts/tree.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {absent} from './file/absent.ts';
import {directory} from './file/directory.ts';
import {empty} from './file/empty.ts';
import {hardLink, symbolicLink} from './file/links.ts';
import {regular} from './file/regular.ts';
import type {FileSpec, FileState} from './file/spec.ts';
import {GROUP, MODE, OWNER, PATH_PATTERN, path} from './schemas.ts';

const STATES: Readonly<Record<FileSpec['state'], FileState>> = {
  absent,
  directory,
  file: regular,
  hard: hardLink,
  link: symbolicLink,
};

/** How a path gets what is said of it. */
const stateOf = ({state, only_empty}: FileSpec): FileState => (only_empty ? empty : STATES[state]);

const ROOT_OWNED = {mode: '0755', owner: 0, group: 0} as const;
const ETC = fact(followed('/etc'), {type: 'directory', ...ROOT_OWNED});
const CERTS = '/etc/containerd/certs.d';

export default defineResource<FileSpec>({
  kind: 'file',
  summary: 'What is at a path, its owner, group and mode: a file, a directory, a link, or nothing.',

  schema: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: path('Where it is on the host.'),
      state: {
        description:
          '`file`: a regular file, made empty where there is none. `directory`: with those above it. `link`: symbolic. ' +
          '`hard`: another name of a file. `absent`: nothing; a directory goes with all below it.',
        enum: ['file', 'directory', 'link', 'hard', 'absent'],
        default: 'file',
      },
      src: {description: 'What a link points to.', type: 'string', minLength: 1},
      owner: {
        ...OWNER,
        description: 'Name or number of its user. Left as it is unless said; what is made is of root.',
      },
      group: {
        ...GROUP,
        description: 'Name or number of its group. Left as it is unless said; what is made is of root.',
      },
      mode: {
        ...MODE,
        description:
          'Permissions: octal as text (`"0644"`), or as chmod reads them (`u=rwX,go=rX`). Left as they are unless said; ' +
          'what is made has 0755 or 0644.',
      },
      recurse: {
        description: 'Whether owner, group and mode hold for all below a directory, links and mounts aside.',
        type: 'boolean',
        default: false,
      },
      exclusive: {
        description: 'Whether a directory is ours whole: what is in it and not declared is removed.',
        type: 'boolean',
        default: false,
      },
      keep: {
        description: 'Names in an exclusive directory that stay, besides those that other tasks declare.',
        type: 'array',
        items: {type: 'string', pattern: '^(?!\\.{1,2}$)[^/\\u0000]+$'},
        default: [],
      },
      force: {
        description: 'Whether something of another type is replaced, with all that is in it.',
        type: 'boolean',
        default: false,
      },
      only_empty: {
        description: 'With `absent`: whether a directory or file that is not empty stays.',
        type: 'boolean',
        default: false,
      },
      up_to: path(
        'With `only_empty`: directories above it, up to this one, go where nothing else is in them.',
      ),
      unmount: {
        description:
          'With `absent`: whether what is mounted below a directory is unmounted first. Where something is mounted at ' +
          'the directory itself, that stays, and is emptied.',
        type: 'boolean',
        default: false,
      },
    },
  },

  key: (spec) => `path:${spec.path}`,
  validate: problemOf,
  facts: (spec) => stateOf(spec).facts(spec),
  worst: ({state, force, exclusive}) => (state === 'absent' || force || exclusive ? 'loss' : 'none'),
  diff: (spec, facts) => stateOf(spec).diff(spec, facts),
  mayTouch: (spec) => stateOf(spec).mayTouch(spec),

  examples: [
    {
      title: 'makes a directory, and those above it that are missing',
      spec: {path: '/etc/kubernetes/manifests', state: 'directory', mode: '0700'},
      facts: [ETC],
      action: 'create',
      commands: [
        'mkdir -m 00700 -- /etc/kubernetes /etc/kubernetes/manifests',
        'chown root:root -- /etc/kubernetes /etc/kubernetes/manifests',
      ],
    },
    {
      title: 'leaves what is not said as it is',
      spec: {path: '/etc', state: 'directory'},
      facts: [fact(followed('/etc'), {type: 'directory', mode: '0700', owner: 7, group: 7})],
      action: 'none',
      commands: [],
    },
    {
      title: 'changes the owner of a directory',
      spec: {path: '/etc', state: 'directory', owner: 'root', mode: 'u=rwX,go=rX'},
      facts: [fact(followed('/etc'), {type: 'directory', mode: '0755', owner: 7, group: 7})],
      action: 'update',
      commands: ['chown root -- /etc'],
    },
    {
      title: 'removes what nobody declared in an exclusive directory',
      spec: {path: CERTS, state: 'directory', exclusive: true, keep: ['docker.io']},
      facts: [
        ETC,
        fact(followed('/etc/containerd'), {type: 'directory', ...ROOT_OWNED}),
        fact(followed(CERTS), {type: 'directory', ...ROOT_OWNED}),
        fact(listing(CERTS), ['docker.io', 'old mirror']),
      ],
      action: 'update',
      commands: [`rm -rf -- '${CERTS}/old mirror'`],
    },
    {
      title: 'turns a link to another target',
      spec: {path: '/etc/localtime', state: 'link', src: '../usr/share/zoneinfo/UTC'},
      facts: [
        fact(stat('/etc/localtime'), {type: 'symlink', mode: '0777', owner: 0, group: 0}),
        fact(readlink('/etc/localtime'), '../usr/share/zoneinfo/CET'),
      ],
      action: 'update',
      commands: ['ln -sfn -- ../usr/share/zoneinfo/UTC /etc/localtime'],
    },
    {
      title: 'removes a file',
      spec: {path: '/etc/motd', state: 'absent'},
      facts: [fact(stat('/etc/motd'), {type: 'file', mode: '0644', owner: 0, group: 0})],
      action: 'delete',
      commands: ['rm -f -- /etc/motd'],
    },
  ],
});

/** Without them no host starts, or nobody gets in to repair it. */
const VITAL = new Set(
  'bin boot dev etc home lib lib64 opt proc root run sbin srv sys tmp usr var'
    .split(' ')
    .map((name) => `/${name}`),
);

function problemOf(spec: FileSpec): string | undefined {
  const {state, src, mode, force} = spec;
  const links = state === 'link' || state === 'hard';
  if (links && src === undefined) return `\`state: ${state}\` needs \`src\`.`;
  if (!links && src !== undefined) return '`src` is for links; `copy` and `template` make files.';
  if (state === 'hard' && !new RegExp(PATH_PATTERN).test(src ?? ''))
    return 'A hard link needs an absolute `src`.';
  if (links && mode !== undefined) return 'A link has no `mode` of its own.';
  if (state !== 'directory' && (spec.recurse || spec.exclusive))
    return '`recurse` and `exclusive` are for directories.';
  if (spec.keep.length > 0 && !spec.exclusive) return '`keep` means something with `exclusive` alone.';
  if (state !== 'absent' && (spec.only_empty || spec.unmount))
    return '`only_empty` and `unmount` say how something becomes absent.';
  if (spec.up_to !== undefined && !(spec.only_empty && spec.path.startsWith(`${spec.up_to}/`)))
    return '`up_to` is a directory above the path, and goes with `only_empty`.';
  const removes = state === 'absent' || (force && links) || spec.exclusive;
  if (removes && (spec.path === '/' || VITAL.has(spec.path)))
    return `${spec.path} is not removed or emptied.`;
  return undefined;
}
