import {reveal, type Text} from '../base/secret.ts';
import {sha256Hex} from '../base/sha256-hex.ts';
import {account} from '../facts/account.ts';
import {type User, user, userPassword} from '../facts/user.ts';
import {ABSENT} from '../model/answer.ts';
import {type ChangeDetail, NOTHING, type PendingChange} from '../model/change.ts';
import {type Fact, type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import {ACCOUNT_NAME} from './accounts.ts';
import {defineResource} from './define.ts';
import {firstUnknown, seen} from './seen.ts';
import {stepsOf, type UserChange, type UserSpec} from './user/steps.ts';

const NAME_OR_NUMBER = {
  type: ['string', 'integer'],
  pattern: '^([a-z_][a-z0-9_.-]{0,31}|[0-9]+)$',
  minimum: 0,
};

const DEPLOY: User = {
  uid: 1000,
  gid: 1000,
  comment: '',
  home: '/home/deploy',
  shell: '/bin/bash',
  groups: [],
};

export default defineResource<UserSpec>({
  kind: 'user',
  summary: 'An account with its groups, home, shell and password hash. What is not said is left as it is.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {description: 'Its name.', type: 'string', pattern: ACCOUNT_NAME},
      uid: {description: 'Its number. The host chooses where not said.', type: 'integer', minimum: 0},
      group: {description: 'Name or number of its primary group.', ...NAME_OR_NUMBER},
      groups: {
        description: 'Names of its supplementary groups.',
        type: 'array',
        uniqueItems: true,
        items: {type: 'string', pattern: ACCOUNT_NAME},
      },
      append: {description: 'Whether it stays in other groups too.', type: 'boolean', default: false},
      home: {
        description: 'Its home. One that is there is not moved.',
        type: 'string',
        pattern: '^/[^:\\n]*$',
      },
      create_home: {description: 'Whether a new account gets its home made.', type: 'boolean', default: true},
      shell: {description: 'Its login shell.', type: 'string', pattern: '^/[^:\\n]*$'},
      comment: {description: 'Who or what it is for.', type: 'string', pattern: '^[^:\\n]*$'},
      system: {
        description: 'Whether a new one gets a number of system accounts.',
        type: 'boolean',
        default: false,
      },
      password: {
        description: 'The password hash as in /etc/shadow, never the password; `!` or `*` locks it.',
        type: 'string',
        pattern: '^[^:\\n]+$',
        'x-secret': true,
      },
      remove: {description: 'With `absent`: its home goes too.', type: 'boolean', default: false},
      state: {description: 'Whether it is there.', enum: ['present', 'absent'], default: 'present'},
    },
  },

  key: ({name}) => `account:user/${name}`,
  facts: factsOf,

  worst: ({state, remove}) => (state === 'absent' && remove ? 'loss' : 'none'),
  diff(spec, facts, {profile}) {
    const hidden = firstUnknown(facts, factsOf(spec));
    if (hidden) return hidden;
    const found = seen(facts, user(spec.name));
    if (spec.state === 'absent') return found ? changeOf({spec, found, wrong: []}, profile) : NOTHING;
    const wrong = differences(spec, found, facts);
    return found && wrong.length === 0 ? NOTHING : changeOf({spec, found, wrong}, profile);
  },

  mayTouch: touchesOf,

  examples: [
    {
      title: 'creates a system account',
      spec: {name: 'kube', system: true, group: 'kube-cert', shell: '/sbin/nologin', create_home: false},
      facts: [fact(account('group/kube-cert'), 996)],
      action: 'create',
      commands: ['useradd --system --gid kube-cert --shell /sbin/nologin --no-create-home -- kube'],
    },
    {
      title: 'leaves a right one alone',
      spec: {name: 'deploy', groups: ['sudo'], append: true},
      facts: [fact(user('deploy'), {...DEPLOY, groups: ['docker', 'sudo']})],
      action: 'none',
      commands: [],
    },
    {
      title: 'adds a group and changes the shell',
      spec: {name: 'deploy', groups: ['sudo'], append: true, shell: '/bin/zsh'},
      facts: [fact(user('deploy'), DEPLOY)],
      action: 'update',
      commands: ['usermod --shell /bin/zsh --append --groups sudo -- deploy'],
    },
    {
      title: 'removes an account with its home',
      spec: {name: 'deploy', state: 'absent', remove: true},
      facts: [fact(user('deploy'), DEPLOY)],
      action: 'delete',
      commands: ['userdel --remove -- deploy'],
    },
  ],
});

const groupQuery = ({group}: UserSpec): FactQuery<number> | undefined =>
  typeof group === 'string' && !/^\d+$/.test(group) ? account(`group/${group}`) : undefined;

function factsOf(spec: UserSpec): readonly FactQuery[] {
  const group = groupQuery(spec);
  return [
    user(spec.name),
    ...(group ? [group] : []),
    ...(spec.password === undefined ? [] : [userPassword(spec.name)]),
  ];
}

type Attribute = UserChange['wrong'][number];

/** The attributes that a spec names and that are not so. A group that is not there yet has no number. */
function differences(spec: UserSpec, found: User | undefined, facts: Facts): readonly Attribute[] {
  const {uid, group, groups, append, home, shell, comment, password} = spec;
  const query = groupQuery(spec);
  const gid = query ? (seen(facts, query) ?? -1) : group === undefined ? undefined : Number(group);
  const has = found?.groups ?? [];
  const isIn = groups?.every((each) => has.includes(each)) && (append || has.length === groups.length);
  const isWrong: Readonly<Record<Attribute, boolean>> = {
    uid: uid !== undefined && uid !== found?.uid,
    group: gid !== undefined && gid !== found?.gid,
    comment: comment !== undefined && comment !== found?.comment,
    home: home !== undefined && home !== found?.home,
    shell: shell !== undefined && shell !== found?.shell,
    groups: groups !== undefined && isIn !== true,
    password: password !== undefined && digestOf(password) !== seen(facts, userPassword(spec.name)),
  };
  return ATTRIBUTES.filter((attribute) => isWrong[attribute]);
}

const ATTRIBUTES = ['uid', 'group', 'comment', 'home', 'shell', 'groups', 'password'] as const;

const digestOf = (hash: Text): string => sha256Hex(reveal(hash));

function changeOf(change: UserChange, profile: HostProfile): PendingChange {
  const {spec, found} = change;
  return {
    action: spec.state === 'absent' ? 'delete' : found ? 'update' : 'create',
    details: detailsOf(change),
    impact: spec.state === 'absent' && spec.remove ? 'loss' : 'none',
    steps: stepsOf(change, profile),
    touches: touchesOf(spec),
    predicts: predicted(spec),
    proof: 'facts',
  };
}

function detailsOf({spec, found, wrong}: UserChange): readonly ChangeDetail[] {
  const isThere = found !== undefined && spec.state === 'absent';
  const whole = {attribute: 'account', before: found && spec.name, after: isThere ? undefined : spec.name};
  const details = wrong.map((attribute) => ({
    attribute,
    before: attribute === 'password' ? undefined : shown(found?.[attribute === 'group' ? 'gid' : attribute]),
    after: attribute === 'password' ? '(hidden)' : shown(spec[attribute]),
  }));
  return found && !isThere ? details : [whole, ...details];
}

const shown = (value: string | number | readonly string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value?.toString();

/** A new account may get a group of its own name, and a home. */
function touchesOf({name, home, groups = []}: UserSpec): readonly Subject[] {
  return [
    `account:user/${name}`,
    `account:group/${name}`,
    ...groups.map((group) => `account:group/${group}` as const),
    ...['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/gshadow'].map((path) => `path:${path}` as const),
    `tree:${home ?? `/home/${name}`}`,
  ];
}

function predicted({name, uid, state}: UserSpec): readonly Fact[] {
  const query = account(`user/${name}`);
  if (state === 'absent') return [{query, answer: ABSENT}];
  return uid === undefined ? [] : [fact(query, uid)];
}
