import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** An account of a host. */
export interface User {
  readonly uid: number;
  /** Number of the primary group. */
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** Names of the supplementary groups, sorted. */
  readonly groups: readonly string[];
}

const account: FactKind<User> = {
  name: 'user',
  summary: 'An account: `uid`, `gid`, `comment`, `home`, `shell`, supplementary `groups`. Key: its name.',
  // Supplementary groups are read from the file: a directory service may have thousands that nobody asked for.
  program: (names) => sh`users() {
  if command -v getent >/dev/null; then getent passwd "$@" || [ $? = 2 ]
  else cat /etc/passwd
  fi
}
users ${names} && printf '\\0' && cat /etc/group && printf '\\0'`,
  parse(output, names) {
    const [passwd, group] = recordsOf(output);
    if (passwd === undefined || group === undefined)
      return names.map(() => unknown('no accounts could be read'));
    const users = new Map(passwd.split('\n').map((line) => [line.split(':')[0], line.split(':')]));
    return names.map((name) => userIn(users.get(name), groupsOf(name, group)));
  },
};

function userIn(fields: readonly string[] | undefined, groups: readonly string[]): Answer<User> {
  if (!fields) return ABSENT;
  const [, , uid, gid, comment = '', home = '', shell = ''] = fields;
  return known({uid: Number(uid), gid: Number(gid), comment, home, shell, groups});
}

const groupsOf = (name: string, text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , , members = '']) => members.split(',').includes(name))
    .map(([group = '']) => group)
    .sort();

const password: FactKind<string> = {
  name: 'user_password',
  summary: 'SHA-256 of the password hash of an account, so that the hash itself never leaves the host.',
  program: (names) => sh`passwords() {
  [ -r /etc/shadow ] || { echo 'no permission to read /etc/shadow' >&2; return 1; }
  for name; do
    awk -F: -v name="$name" '$1 == name { printf "%s", $2 }' /etc/shadow | sha256sum
  done
}
passwords ${names}`,
  parse(output, names) {
    const digests = new TextDecoder().decode(output).split('\n');
    return names.map((_, index) => answerOf(digests[index]?.slice(0, 64)));
  },
};

/** Of nothing: an account without an entry, or with an empty one. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function answerOf(digest: string | undefined): Answer<string> {
  if (digest === undefined || digest === '') return unknown('the password could not be looked at');
  return digest === EMPTY ? ABSENT : known(digest);
}

/** An account by its name. */
export const user = (name: string): FactQuery<User> => ({
  kind: account,
  key: name,
  subject: `account:user/${name}`,
});

/** The digest of an account's password hash. */
export const userPassword = (name: string): FactQuery<string> => ({
  kind: password,
  key: name,
  subject: `account:user/${name}`,
});
