import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** The way that a packet would take. */
export interface Route {
  readonly interface: string;
  /** The address that it would come from; empty where the kernel does not tell. */
  readonly source: string;
  /** Empty where the address is on the same link. */
  readonly gateway: string;
}

const kind: FactKind<Route> = {
  name: 'route',
  summary:
    'The way of packets to an address: `interface`, `source`, `gateway`. Absent where no route leads there.',
  program: (addresses) => sh`route() {
  _told=$(ip -o route get "$1" 2>&1)
  printf '%s %s\\0' "$?" "$_told"
}
command -v ip >/dev/null || { echo 'the host has no ip command' >&2; exit 1; }
${lines(addresses.map((address) => sh`route ${address}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record = ''): Answer<Route> {
  const word = (name: string): string => new RegExp(` ${name} (\\S+)`).exec(record)?.[1] ?? '';
  if (record.startsWith('0 '))
    return known({interface: word('dev'), source: word('src'), gateway: word('via')});
  return /RTNETLINK answers/.test(record) ? ABSENT : unknown(record.replace(/^\d* ?/, '') || 'no answer');
}

/** The way that packets of a host to an address would take. */
export const route = (address: string): FactQuery<Route> => ({
  kind,
  key: address,
  subject: `route:${address}`,
});
