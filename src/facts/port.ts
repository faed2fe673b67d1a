import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

const kind: FactKind<'open' | 'closed'> = {
  name: 'port',
  summary: 'Whether something answers at `ADDRESS:PORT` (TCP), seen from the host: `open` or `closed`.',
  // A service that starts opens ports, and nobody knows which.
  derived: true,
  // All at once, since a silent address costs its whole time-out. The index tells the answers apart.
  program: (keys) => sh`connect() {
  if command -v bash >/dev/null; then
    timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"
  elif command -v nc >/dev/null && nc -h 2>&1 | grep -q -e ' -z'; then
    nc -z -w 5 "$1" "$2"
  else return 99
  fi
}
port() {
  connect "$2" "$3" </dev/null >/dev/null 2>&1
  case $? in
    0) printf '%s open\\0' "$1" ;;
    99) printf '%s no tool\\0' "$1" ;;
    *) printf '%s closed\\0' "$1" ;;
  esac
}
(
${lines(keys.map((key, index) => sh`port ${index} ${addressOf(key)} ${portOf(key)} &`))}
wait
)`,
  parse(output, keys) {
    const answers = new Map(recordsOf(output).map((record): [string, string] => split(record)));
    return keys.map((_, index) => answerOf(answers.get(String(index))));
  },
};

function split(record: string): [string, string] {
  const space = record.indexOf(' ');
  return [record.slice(0, space), record.slice(space + 1)];
}

function answerOf(word: string | undefined): Answer<'open' | 'closed'> {
  if (word === 'open' || word === 'closed') return known(word);
  return unknown(
    word === undefined ? 'no answer' : 'the host has neither bash nor an nc that can look at ports',
  );
}

const addressOf = (key: string): string => key.slice(0, key.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
const portOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1);

/** Whether something answers at `ADDRESS:PORT`; an IPv6 address stands in brackets. */
export const port = (key: string): FactQuery<'open' | 'closed'> => ({kind, key, subject: `port:${key}`});
