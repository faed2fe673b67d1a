import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** A way to a network that somebody has told the kernel. */
export interface StaticRoute {
  /** The network, always with its prefix. */
  readonly to: string;
  /** The next host on the way; empty where there is none. */
  readonly via: string;
  readonly interface: string;
}

const kind: FactKind<readonly StaticRoute[]> = {
  name: 'routes',
  summary:
    'The routes that the kernel keeps under a protocol number, sorted: `to`, `via`, `interface`. Key: the number.',
  // That of busybox takes no notice of the number, and would tell everybody's.
  program: (protocols) => sh`case $(ip -V 2>&1) in
  *iproute2*) ;;
  *) echo 'the host has no iproute2' >&2; exit 1 ;;
esac
routes() {
  _found=$(ip -4 -o route show proto "$1" 2>&1) || { printf '!%s\\0' "$_found"; return; }
  # A kernel without IPv6 has no such routes.
  printf '4\\n%s\\n6\\n%s\\0' "$_found" "$(ip -6 -o route show proto "$1" 2>/dev/null)"
}
${lines(protocols.map((protocol) => sh`routes ${protocol}`))}`,
  parse: oneEach(answerOf),
};

function answerOf(record: string | undefined): Answer<readonly StaticRoute[]> {
  if (record === undefined || record.startsWith('!')) return unknown(record?.slice(1) ?? 'no answer');
  const [four = '', six = ''] = record.split(/^6$/m, 2);
  const found = [
    ...four.split('\n').flatMap((line) => routeIn(line, '0.0.0.0/0', 32)),
    ...six.split('\n').flatMap((line) => routeIn(line, '::/0', 128)),
  ];
  return found.length === 0 ? ABSENT : known(found.toSorted((a, b) => (a.to < b.to ? -1 : 1)));
}

/** `10.1.0.0/24 via 192.0.2.7 dev eth0`; of a single address the prefix is left out. */
function routeIn(line: string, all: string, longest: number): readonly StaticRoute[] {
  const [network = '', ...words] = line.trim().split(/\s+/);
  if (words.length === 0) return [];
  const word = (name: string): string => words[words.indexOf(name) + 1] ?? '';
  const to = network === 'default' ? all : network.includes('/') ? network : `${network}/${longest}`;
  return [{to, via: words.includes('via') ? word('via') : '', interface: word('dev')}];
}

/** The routes of the main table that the kernel keeps under a protocol number. Absent where there are none. */
export const routes = (protocol: string): FactQuery<readonly StaticRoute[]> => ({
  kind,
  key: protocol,
  subject: `routes:${protocol}`,
});
