import {digest} from '../facts/digest.ts';
import {followed, stat} from '../facts/stat.ts';
import {type Unpacked, unpacked, workOf} from '../facts/unpacked.ts';
import {unknown} from '../model/answer.ts';
import {type ChangeDetail, NOTHING, type Verdict} from '../model/change.ts';
import {type Fact, type Facts, fact, type Subject} from '../model/fact.ts';
import type {Step} from '../model/step.ts';
import {absenceOf} from './archive/absence.ts';
import {
  type ArchiveSpec,
  askedOf,
  identityOf,
  idOf,
  type PresentSpec,
  problemOf,
  stampOf,
  stampSubjects,
} from './archive/spec.ts';
import {unpack} from './archive/unpack.ts';
import {sourceOf} from './artifact.ts';
import {accountsOf, wantedOf} from './attributes.ts';
import {defineResource} from './define.ts';
import {downTo, making, missingOf} from './directories.ts';
import {DOWNLOAD, GROUP, OWNER, PROXY, path, SHA256} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

const CNI = {
  dest: '/opt/cni/bin',
  sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  src: 'cni-plugins.tgz',
};
const ROOTS = {type: 'directory', mode: '0755', owner: 0, group: 0} as const;
const STAMPS = '/var/lib/provision/archives';
const CNI_STAMP = `${STAMPS}/${idOf(CNI.dest, '')}`;
const CNI_IDENTITY = identityOf({...CNI, strip: 0, include: [], owner: 'root', group: 'root'});

export default defineResource<ArchiveSpec>({
  kind: 'archive',
  summary:
    'What an archive holds, unpacked into a directory. Tells by a proof that it is all there, unaltered.',

  schema: {
    type: 'object',
    required: ['dest'],
    additionalProperties: false,
    properties: {
      dest: path('The directory into which it is unpacked; made where it is missing.'),
      state: {
        description:
          '`absent` removes what was unpacked, whatever became of it, and directories that are empty then.',
        enum: ['present', 'absent'],
        default: 'present',
      },
      sha256: {...SHA256, description: 'SHA-256 of the archive, hexadecimal.'},
      path: path('Where the archive is on the host. It may go once it is unpacked.'),
      src: {
        description: 'Where the controller has the archive: below `files/` of the role, or absolute.',
        type: 'string',
      },
      url: {description: 'Where the host downloads the archive.', type: 'string', pattern: '^https?://'},
      download: DOWNLOAD,
      proxy: PROXY,
      name: {
        description:
          'What is unpacked, where several archives share a directory. What an earlier archive of this name brought ' +
          'and this one does not is removed.',
        type: 'string',
        default: '',
      },
      strip: {
        description: 'How many leading parts of the names are left out.',
        type: 'integer',
        minimum: 0,
        default: 0,
      },
      include: {
        description:
          'Which members are unpacked, by their names behind `strip`; `*` and `?` fit any text. All unless said. ' +
          'Names without these tell the plan what is touched, so that other tasks need not wait.',
        type: 'array',
        items: {type: 'string', pattern: '^[^/.\\u0000][^\\u0000]*$'},
        default: [],
      },
      owner: {...OWNER, description: 'Who owns the members.', default: 'root'},
      group: {...GROUP, description: 'The group of the members.', default: 'root'},
      stamps: {...path('The directory for the proof.'), default: STAMPS},
    },
  },

  key: ({dest, name}) => `archive:${dest}${name === '' ? '' : `#${name}`}`,
  validate: problemOf,
  facts: (spec) => [
    askedOf(spec),
    ...(spec.state === 'absent' ? [stat(stampOf(spec))] : []),
    ...placesOf(spec).map(followed),
    ...accountsOf(spec),
    ...(spec.path === undefined ? [] : [digest(spec.path)]),
  ],

  fetches: (spec) =>
    isPresent(spec) && spec.path === undefined
      ? [{type: 'file', sha256: spec.sha256, from: sourceOf(spec)}]
      : [],

  diff(spec, facts) {
    const closed = firstUnknown(facts, [
      askedOf(spec),
      ...placesOf(spec).map(followed),
      ...(spec.state === 'absent' ? [stat(stampOf(spec))] : []),
    ]);
    if (closed) return closed;
    const found = seen(facts, askedOf(spec));
    if (!isPresent(spec)) return absenceOf(spec, facts);
    const wanted = identityOf(spec);
    if (found?.identity === wanted && found.intact) return NOTHING;
    return unusable(spec, facts) ?? verdictOf(spec, found, facts);
  },

  mayTouch: (spec) => [
    `tree:${spec.dest}`,
    ...stampSubjects(spec),
    ...placesOf(spec).map((each): Subject => `path:${each}`),
  ],

  examples: [
    {
      title: 'sends an archive and unpacks it',
      spec: CNI,
      facts: ['/opt', '/var', '/var/lib', '/var/lib/provision'].map((each) => fact(followed(each), ROOTS)),
      action: 'create',
      commands: [
        `mkdir -m 00755 -- /opt/cni /opt/cni/bin ${STAMPS}`,
        `chown root:root -- /opt/cni /opt/cni/bin ${STAMPS}`,
        `send ${CNI_STAMP}.archive 0600 root:root sha256:${CNI.sha256}`,
        `unpack ${CNI_STAMP}.archive into /opt/cni/bin`,
      ],
    },
    {
      title: 'leaves alone what is all there',
      spec: CNI,
      facts: [
        fact(unpacked(CNI_STAMP, CNI.dest), {identity: CNI_IDENTITY, intact: true, members: ['bridge']}),
      ],
      action: 'none',
      commands: [],
    },
    {
      title: 'removes what it brought',
      spec: {dest: CNI.dest, state: 'absent'},
      facts: [
        fact(unpacked(CNI_STAMP, CNI.dest), {identity: CNI_IDENTITY, intact: true, members: ['bridge']}),
        fact(stat(CNI_STAMP), ROOTS),
      ],
      action: 'delete',
      commands: [`remove from /opt/cni/bin what ${CNI_STAMP} names`],
    },
    {
      title: 'unpacks again what somebody altered, from an archive on the host',
      spec: {dest: CNI.dest, sha256: CNI.sha256, path: '/srv/cni-plugins.tgz'},
      facts: [
        fact(unpacked(CNI_STAMP, CNI.dest), {identity: CNI_IDENTITY, intact: false, members: ['bridge']}),
        fact(digest('/srv/cni-plugins.tgz'), CNI.sha256),
        ...[...downTo(CNI.dest), ...downTo(STAMPS)].map((each) => fact(followed(each), ROOTS)),
      ],
      action: 'update',
      commands: ['unpack /srv/cni-plugins.tgz into /opt/cni/bin'],
    },
  ],
});

const isPresent = (spec: ArchiveSpec): spec is PresentSpec => spec.state === 'present';

/** An archive that the host should have, and has not. */
function unusable({path: archive, sha256}: PresentSpec, facts: Facts): Verdict | undefined {
  if (archive === undefined) return undefined;
  const answer = facts.get(digest(archive));
  if (answer.state === 'unknown') return answer;
  if (answer.state === 'absent') return unknown(`there is no archive at ${archive}`);
  return answer.value === sha256 ? undefined : unknown(`the archive at ${archive} has another digest`);
}

function verdictOf(spec: PresentSpec, found: Unpacked | undefined, facts: Facts): Verdict {
  const identity = identityOf(spec);
  const attributes = {owner: spec.owner, group: spec.group, mode: '0755'};
  const wanted = wantedOf(attributes, facts, {bits: 0o755, isDirectory: true});
  if ('reason' in wanted) return wanted;
  const missing = missingOf(placesOf(spec), facts);
  if ('reason' in missing) return missing;
  const made = making(missing, wanted, attributes);
  return {
    action: found ? 'update' : 'create',
    details: [detailOf(found, identity)],
    impact: 'none',
    steps: [...made.steps, ...stepsOf(spec, identity)],
    touches: [...membersOf(spec, found), ...stampSubjects(spec), ...made.touches],
    predicts: [...predictedFact(spec, identity), ...made.predicts],
    proof: 'facts',
  };
}

function detailOf(found: Unpacked | undefined, wanted: string): ChangeDetail {
  if (found?.identity === wanted) return {attribute: 'members', before: 'altered', after: 'as unpacked'};
  const shown = (identity: string): string => `sha256:${identity.slice(0, 12)}`;
  return {attribute: 'archive', before: found && shown(found.identity), after: shown(wanted)};
}

function stepsOf(spec: PresentSpec, identity: string): readonly Step[] {
  const {sha256, dest, strip, include, owner, group} = spec;
  const stamp = stampOf(spec);
  const options = {sha256, dest, stamp, identity, strip, include, account: `${owner}:${group}`};
  if (spec.path !== undefined) return [unpack({...options, archive: spec.path, archiveIs: 'kept'})];
  const archive = `${stamp}.archive`;
  return [
    {...TEMPORARY, path: archive, sha256, from: sourceOf(spec)},
    unpack({...options, archive, archiveIs: 'temporary'}),
  ];
}

const TEMPORARY = {step: 'send', isTemporary: true, mode: '0600', owner: 'root', group: 'root'} as const;

/** The directories that are made where they are missing. */
const placesOf = ({dest, stamps}: ArchiveSpec): readonly string[] => [...downTo(dest), ...downTo(stamps)];

/** Names that are patterns or nothing: which members there are, only the archive knows. */
const isLiteral = ({include}: ArchiveSpec): boolean =>
  include.length > 0 && include.every((pattern) => !/[*?[\\]/.test(pattern));

/** What will be written, and what an earlier archive brought and may go. */
function membersOf(spec: ArchiveSpec, found: Unpacked | undefined): readonly Subject[] {
  const {dest, include} = spec;
  if (!isLiteral(spec)) return [`tree:${dest}`];
  const members = [...new Set([...include, ...(found?.members ?? [])])];
  return [`path:${workOf(stampOf(spec), dest)}`, ...members.flatMap((member) => subjectsOf(dest, member))];
}

/** A member with the directories between, which may have to be made. */
const subjectsOf = (dest: string, member: string): readonly Subject[] =>
  downTo(`/${member}`).map((below): Subject => `path:${dest}${below}`);

const predictedFact = (spec: ArchiveSpec, identity: string): readonly Fact[] =>
  isLiteral(spec) ? [fact(askedOf(spec), {identity, intact: true, members: [...spec.include].sort()})] : [];
