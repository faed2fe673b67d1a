import {ABSENT, type Answer, known} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

const kind: FactKind<number> = {
  name: 'account',
  summary: 'The number of `user/NAME` or `group/NAME`.',
  program: (keys) => sh`accounts() {
  database=$1; shift
  if [ $# = 0 ]; then :
  elif command -v getent >/dev/null; then getent "$database" "$@" || [ $? = 2 ]
  else cat "/etc/$database"
  fi
}
accounts passwd ${named(keys, 'user/')} && printf '\\0' && accounts group ${named(keys, 'group/')}`,
  parse(output, keys) {
    const [users = '', groups = ''] = new TextDecoder().decode(output).split('\0');
    const numbers = new Map([...numbersIn(users, 'user/'), ...numbersIn(groups, 'group/')]);
    return keys.map((key): Answer<number> => {
      const number = numbers.get(key);
      return number === undefined ? ABSENT : known(number);
    });
  },
};

const named = (keys: readonly string[], prefix: string): readonly string[] =>
  keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));

/** Lines of passwd and group alike: name, password, number. */
const numbersIn = (text: string, prefix: string): readonly (readonly [string, number])[] =>
  text.split('\n').map((line) => {
    const [name = '', , number] = line.split(':');
    return [`${prefix}${name}`, Number(number)];
  });

/** The number of a user or a group: `user/kube`, `group/docker`. Absent while there is none of that name. */
export const account = (key: string): FactQuery<number> => ({kind, key, subject: `account:${key}`});
