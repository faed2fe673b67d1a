import type {Script} from '../base/script.ts';
import {account} from '../facts/account.ts';
import {ABSENT} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import {sh} from '../shell/sh.ts';
import {ACCOUNT_NAME, hasBusyboxAccounts, options} from './accounts.ts';
import {defineResource} from './define.ts';
import {firstUnknown, seen} from './seen.ts';

export interface GroupSpec {
  readonly name: string;
  readonly gid?: number;
  readonly system: boolean;
  readonly state: 'present' | 'absent';
}

export default defineResource<GroupSpec>({
  kind: 'group',
  summary: 'A group of accounts.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {description: 'Its name.', type: 'string', pattern: ACCOUNT_NAME},
      gid: {description: 'Its number. The host chooses where not said.', type: 'integer', minimum: 0},
      system: {
        description: 'Whether a new one gets a number of system groups.',
        type: 'boolean',
        default: false,
      },
      state: {description: 'Whether it is there.', enum: ['present', 'absent'], default: 'present'},
    },
  },

  key: ({name}) => `account:group/${name}`,
  facts: ({name}) => [queryOf(name)],

  diff(spec, facts, {profile}) {
    const hidden = firstUnknown(facts, [queryOf(spec.name)]);
    if (hidden) return hidden;
    const found = seen(facts, queryOf(spec.name));
    const isThere = found !== undefined;
    if (spec.state === 'absent' ? !isThere : isThere && (spec.gid ?? found) === found) return NOTHING;
    const after = spec.state === 'absent' ? undefined : (spec.gid?.toString() ?? 'any number');
    return {
      action: spec.state === 'absent' ? 'delete' : isThere ? 'update' : 'create',
      details: [{attribute: 'gid', before: found?.toString(), after}],
      impact: 'none',
      steps: [command(spec, isThere, profile)],
      touches: touchesOf(spec.name),
      predicts: predicted(spec),
      proof: 'facts',
    };
  },

  mayTouch: ({name}) => touchesOf(name),

  examples: [
    {
      title: 'creates a system group',
      spec: {name: 'etcd', system: true},
      facts: [],
      action: 'create',
      commands: ['groupadd --system -- etcd'],
    },
    {
      title: 'leaves a right one alone',
      spec: {name: 'etcd', gid: 988},
      facts: [fact(account('group/etcd'), 988)],
      action: 'none',
      commands: [],
    },
    {
      title: 'gives it another number',
      spec: {name: 'etcd', gid: 988},
      facts: [fact(account('group/etcd'), 1001)],
      action: 'update',
      commands: ['groupmod --gid 988 -- etcd'],
    },
  ],
});

const queryOf = (name: string) => account(`group/${name}`);

const touchesOf = (name: string) =>
  [`account:group/${name}`, 'path:/etc/group', 'path:/etc/gshadow'] as const;

function predicted({name, gid, state}: GroupSpec) {
  if (state === 'absent') return [{query: queryOf(name), answer: ABSENT}];
  return gid === undefined ? [] : [fact(queryOf(name), gid)];
}

function command({name, gid, system, state}: GroupSpec, isThere: boolean, profile: HostProfile): Script {
  if (hasBusyboxAccounts(profile)) {
    if (state === 'absent') return sh`delgroup ${name}`;
    if (isThere) return sh`sed -i ${`s/^\\(${name}:[^:]*:\\)[0-9]*:/\\1${gid}:/`} /etc/group`;
    return sh`addgroup${options(system && '-S', gid !== undefined && ['-g', String(gid)])} ${name}`;
  }
  if (state === 'absent') return sh`groupdel -- ${name}`;
  if (isThere) return sh`groupmod --gid ${String(gid)} -- ${name}`;
  return sh`groupadd${options(system && '--system', gid !== undefined && ['--gid', String(gid)])} -- ${name}`;
}
