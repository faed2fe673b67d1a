import {ABSENT, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** A socket on which something waits for connections. */
export interface Listener {
  readonly port: number;
  /** `0.0.0.0` and `::` are all addresses of the host. */
  readonly address: string;
  /** Empty where the host does not tell: without `ss`, or not as root. */
  readonly program: string;
}

const kind: FactKind<readonly Listener[]> = {
  name: 'listeners',
  summary:
    'What listens (TCP) at a port, or in a range such as `30000-32767`: `port`, `address` and `program` of each. ' +
    'Absent where nothing does.',
  // A service that starts opens ports, and nobody knows which.
  derived: true,
  program: () => sh`[ -r /proc/net/tcp ] || exit
for _table in /proc/net/tcp /proc/net/tcp6; do
  [ ! -r "$_table" ] || grep ' 0A ' "$_table"
done
printf '\\0'
! command -v ss >/dev/null || ss -Hltnp 2>/dev/null
printf '\\0'`,
  parse(output, keys) {
    const [sockets, told] = recordsOf(output);
    if (sockets === undefined || told === undefined)
      return keys.map(() => unknown('/proc/net/tcp cannot be read'));
    const programs = programsOf(told);
    const all = sockets.split('\n').flatMap((line) => listenerOf(line, programs) ?? []);
    return keys.map((key) => {
      const found = all.filter(({port}) => isIn(key, port));
      return found.length > 0 ? known(found) : ABSENT;
    });
  },
};

/** `  0: 0100007F:1538 00000000:0000 0A …`, each 32 bits of the address with the last byte first. */
function listenerOf(line: string, programs: ReadonlyMap<number, string>): Listener | undefined {
  const [, words, port] = /^\s*\d+: ((?:[0-9A-F]{8})+):([0-9A-F]{4}) /.exec(line) ?? [];
  if (words === undefined || port === undefined) return undefined;
  const bytes = (words.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  const number = Number.parseInt(port, 16);
  return {port: number, address: addressOf(bytes), program: programs.get(number) ?? ''};
}

function addressOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({length: 8}, (_, index) =>
    ((bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
}

/** `LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))` */
const programsOf = (told: string): ReadonlyMap<number, string> =>
  new Map(
    told.split('\n').flatMap((line): readonly [number, string][] => {
      const [, port, program] = /^\S+\s+\d+\s+\d+\s+\S+:(\d+)\s.*users:\(\("([^"]*)"/.exec(line) ?? [];
      return port !== undefined && program !== undefined ? [[Number(port), program]] : [];
    }),
  );

function isIn(key: string, port: number): boolean {
  const [first, last = first] = key.split('-').map(Number);
  return first !== undefined && last !== undefined && first <= port && port <= last;
}

/** What listens at a port, or in a range `FROM-TO`. */
export const listeners = (key: string): FactQuery<readonly Listener[]> => ({
  kind,
  key,
  subject: `port:${key}`,
});
