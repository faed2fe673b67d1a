import type {Script} from '../base/script.ts';
import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {numberedEach} from './records.ts';

/** `refused` says as much of the way as `open` does: somebody answered. */
const REACHES = ['open', 'refused', 'silent', 'no-route', 'no-name'] as const;
export type Reach = (typeof REACHES)[number];

const kind: FactKind<Reach> = {
  name: 'reach',
  summary:
    'What a connection from the host to `ADDRESS:PORT` (TCP) meets: `open`, `refused`, `silent` within 3 seconds ' +
    '(a filter, or nobody), `no-route`, `no-name`.',
  // What is at the other end may change, and that is another host.
  derived: true,
  // Many at once, since a silent address costs its whole time-out. The index tells the answers apart.
  program: (keys) => sh`reach() {
  _told=$(LC_ALL=C timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$2" "$3" 2>&1 </dev/null)
  case "$? $_told" in
    0*) _told=open ;;
    124* | 143*) _told=silent ;;
    *refused*) _told=refused ;;
    *oute* | *unreachable*) _told=no-route ;;
    *'not known'* | *resolution* | *'invalid service'* | *'hostname'*) _told=no-name ;;
    *'timed out'*) _told=silent ;;
  esac
  printf '%s %s\\0' "$1" "$_told"
}
command -v bash >/dev/null || { echo 'the host has no bash to try connections with' >&2; exit 1; }
(
${lines(keys.map((key, index) => sh`reach ${index} ${addressOf(key)} ${portOf(key)} &${restAt(index)}`))}
wait
)`,
  parse: numberedEach(answerOf),
};

/** A control plane of many nodes has as many to try, and memory for some of these. */
const AT_ONCE = 64;
const restAt = (index: number): Script => (index % AT_ONCE === AT_ONCE - 1 ? sh` wait` : sh``);

function answerOf(word: string | undefined): Answer<Reach> {
  const found = REACHES.find((each) => each === word);
  return found ? known(found) : unknown(word || 'no answer');
}

const addressOf = (key: string): string => key.slice(0, key.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
const portOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1);

/** What a connection to `ADDRESS:PORT` meets; an IPv6 address stands in brackets. */
export const reach = (key: string): FactQuery<Reach> => ({kind, key, subject: `port:${key}`});
