import {known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** A chain of the packet filter, or a table of it. */
export interface FilterPart {
  /** What shows and alters it: `nft`, `iptables-legacy`, `ip6tables`. */
  readonly tool: string;
  /** Of nft: `ip`, `ip6`, `inet`. Empty for the others, of which each has one. */
  readonly family: string;
  readonly table: string;
  /** Empty for the table itself. */
  readonly chain: string;
}

/** iptables is another view of nft's tables nearly everywhere; then nft alone is asked. */
export const FILTER_TOOLS = sh`filter_tools() {
  ! command -v nft >/dev/null || echo nft
  for tool in iptables ip6tables; do
    if command -v "$tool-legacy-save" >/dev/null; then echo "$tool-legacy"
    elif command -v "$tool-save" >/dev/null; then
      case $(command -v nft >/dev/null && "$tool" -V) in *nf_tables*) ;; *) echo "$tool" ;; esac
    fi
  done
}`;

const kind: FactKind<readonly FilterPart[]> = {
  name: 'packet_filter',
  summary: 'Tables and chains of the packet filter: `tool`, `family`, `table`, `chain`. The key is `host`.',
  program: () => sh`PATH=$PATH:/usr/sbin:/sbin
${FILTER_TOOLS}
chains_of_nft() {
  nft list tables | awk '{ print "nft", $2, $3, "-" }' &&
    nft list chains | awk '$1 == "table" { at = $2 " " $3 } $1 == "chain" { print "nft", at, $2 }'
}
chains_of() {
  if [ "$1" = nft ]; then chains_of_nft; return; fi
  "$1-save" | awk -v tool="$1" '/^\\*/ { table = substr($1, 2) } /^:/ { print tool, "-", table, substr($1, 2) }'
}
for tool in $(filter_tools); do chains_of "$tool" || exit; done
printf '\\0'`,
  parse(output, keys) {
    const [listed] = recordsOf(output);
    if (listed === undefined) return keys.map(() => unknown('the packet filter cannot be read'));
    const parts = listed.split('\n').flatMap(partOf);
    return keys.map(() => known(parts));
  },
};

function partOf(line: string): readonly FilterPart[] {
  const [tool, family = '', table, chain = ''] = line.split(' ').map((word) => (word === '-' ? '' : word));
  return tool && table ? [{tool, family, table, chain}] : [];
}

/** Tables and chains of the packet filter. */
export const packetFilter = (_key = 'host'): FactQuery<readonly FilterPart[]> => ({
  kind,
  key: 'host',
  subject: 'packet_filter:host',
});
