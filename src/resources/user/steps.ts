import type {Script} from '../../base/script.ts';
import {reveal, Secret, type Text} from '../../base/secret.ts';
import type {User} from '../../facts/user.ts';
import type {HostProfile} from '../../model/profile.ts';
import {sh} from '../../shell/sh.ts';
import {hasBusyboxAccounts, options} from '../accounts.ts';

/** An account as a task wants it. */
export interface UserSpec {
  readonly name: string;
  readonly uid?: number;
  readonly group?: string | number;
  readonly groups?: readonly string[];
  readonly append: boolean;
  readonly home?: string;
  readonly create_home: boolean;
  readonly shell?: string;
  readonly comment?: string;
  readonly system: boolean;
  readonly password?: Text;
  readonly remove: boolean;
  readonly state: 'present' | 'absent';
}

/** What is not as wanted about an account. */
export interface UserChange {
  readonly spec: UserSpec;
  readonly found: User | undefined;
  readonly wrong: readonly ('uid' | 'group' | 'comment' | 'home' | 'shell' | 'groups' | 'password')[];
}

/** The commands, with the tools of shadow or those of busybox. */
export function stepsOf(change: UserChange, profile: HostProfile): readonly Script[] {
  const tools = hasBusyboxAccounts(profile) ? BUSYBOX : SHADOW;
  const {spec, found, wrong} = change;
  if (spec.state === 'absent') return [tools.remove(spec)];
  const {password} = spec;
  return [
    ...(found ? tools.modify(change) : tools.create(spec)),
    ...(password !== undefined && wrong.includes('password') ? [hashed(spec.name, password)] : []),
  ];
}

/** Shown to nobody, marked as a secret or not. It goes through a pipe, from a builtin: arguments of processes can be read by all. */
const hashed = (name: string, password: Text): Script =>
  sh`printf '%s:%s\\n' ${name} ${new Secret(reveal(password))} | chpasswd -e`;

interface Tools {
  create(spec: UserSpec): readonly Script[];
  modify(change: UserChange): readonly Script[];
  remove(spec: UserSpec): Script;
}

const option = (name: string, value: string | number | undefined): readonly string[] | false =>
  value !== undefined && [name, String(value)];

const SHADOW: Tools = {
  create({name, uid, group, groups = [], home, create_home, shell, comment, system}) {
    const words = options(
      system && '--system',
      option('--uid', uid),
      option('--gid', group),
      option('--comment', comment),
      option('--home-dir', home),
      option('--shell', shell),
      groups.length > 0 && ['--groups', groups.join(',')],
      create_home ? '--create-home' : '--no-create-home',
    );
    return [sh`useradd${words} -- ${name}`];
  },
  modify({spec: {name, uid, group, groups = [], append, home, shell, comment}, wrong}) {
    const words = [
      wrong.includes('uid') && option('--uid', uid),
      wrong.includes('group') && option('--gid', group),
      wrong.includes('comment') && option('--comment', comment),
      wrong.includes('home') && option('--home', home),
      wrong.includes('shell') && option('--shell', shell),
      wrong.includes('groups') && [...(append ? ['--append'] : []), '--groups', groups.join(',')],
    ];
    return words.some(Boolean) ? [sh`usermod${options(...words)} -- ${name}`] : [];
  },
  remove: ({name, remove}) => sh`userdel${options(remove && '--remove')} -- ${name}`,
};

/** busybox cannot modify an account: the fields of its line are replaced. */
const BUSYBOX: Tools = {
  create({name, uid, group, groups = [], home, create_home, shell, comment, system}) {
    const words = options(
      '-D',
      system && '-S',
      option('-u', uid),
      option('-G', group),
      option('-g', comment),
      option('-h', home),
      option('-s', shell),
      !create_home && '-H',
    );
    return [sh`adduser${words} ${name}`, ...groups.map((each) => sh`addgroup ${name} ${each}`)];
  },
  modify({spec: {name, uid, group, groups = [], append, home, shell, comment}, found, wrong}) {
    const has = found?.groups ?? [];
    const fields = [
      ...(wrong.includes('uid') ? [field(name, 3, String(uid))] : []),
      ...(wrong.includes('group') ? [primaryGroup(name, String(group))] : []),
      ...(wrong.includes('comment') ? [field(name, 5, comment ?? '')] : []),
      ...(wrong.includes('home') ? [field(name, 6, home ?? '')] : []),
      ...(wrong.includes('shell') ? [field(name, 7, shell ?? '')] : []),
    ];
    if (!wrong.includes('groups')) return fields;
    const missing = groups.filter((each) => !has.includes(each));
    const surplus = append ? [] : has.filter((each) => !groups.includes(each));
    return [
      ...fields,
      ...missing.map((each) => sh`addgroup ${name} ${each}`),
      ...surplus.map((each) => sh`delgroup ${name} ${each}`),
    ];
  },
  remove: ({name, remove}) => sh`deluser${options(remove && '--remove-home')} ${name}`,
};

const field = (name: string, index: number, value: string): Script =>
  sh`name=${name} value=${value} awk -F: -v OFS=: -v at=${index} '$1 == ENVIRON["name"] { $at = ENVIRON["value"] } { print }' /etc/passwd >/etc/passwd.provision &&
chmod 0644 /etc/passwd.provision && mv -f /etc/passwd.provision /etc/passwd`;

const primaryGroup = (name: string, group: string): Script =>
  sh`name=${name} value=$(awk -F: -v group=${group} '$1 == group || $3 == group { print $3; exit }' /etc/group) && [ -n "$value" ] &&
name=${name} value=$value awk -F: -v OFS=: '$1 == ENVIRON["name"] { $4 = ENVIRON["value"] } { print }' /etc/passwd >/etc/passwd.provision &&
chmod 0644 /etc/passwd.provision && mv -f /etc/passwd.provision /etc/passwd`;
