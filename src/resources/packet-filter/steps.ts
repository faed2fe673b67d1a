import type {Script} from '../../base/script.ts';
import {FILTER_TOOLS} from '../../facts/packet-filter.ts';
import {lines, sh} from '../../shell/sh.ts';

/** What goes: how names of chains begin, and tables of nft as `family name`. */
export interface Meant {
  readonly chains: readonly string[];
  readonly tables: readonly string[];
}

/** Removes chains, the rules that lead into them, and tables: each tool's in one transaction. */
export function withoutParts({chains, tables}: Meant): Script {
  const pattern = chains.length === 0 ? '^$' : `^(${chains.join('|')})`;
  const {wire} = lines([
    sh`PATH=$PATH:/usr/sbin:/sbin
ours=${pattern}; export ours
${FILTER_TOOLS}
commands_of_nft() {
  nft list tables | while read -r _ family table; do
    case ${`|${tables.join('|')}|`} in
      *"|$family $table|"*) echo "delete table $family $table" ;;
      *) nft -a list table "$family" "$table" | awk -v at="$family $table" ${NFT} ;;
    esac || exit
  done
}
without_nft() { commands=$(commands_of_nft) && printf '%s\\n' "$commands" | nft -f -; }
without_iptables() { commands=$("$1-save" | awk ${IPTABLES}) && printf '%s\\n' "$commands" | "$1-restore" --noflush; }
for tool in $(filter_tools); do
  if [ "$tool" = nft ]; then without_nft; else without_iptables "$tool"; fi || exit
done`,
  ]);
  const named = [
    ...(chains.length === 0 ? [] : [`chains ${chains.map((chain) => `${chain}*`).join(', ')}`]),
    ...(tables.length === 0 ? [] : [`tables ${tables.join(', ')}`]),
  ];
  return {wire, display: `remove ${named.join(' and ')} from the packet filter`};
}

/**
 * Reads a table as nft lists it with handles, and prints what removes our part of it. What iptables made for us goes
 * as well: chains in which nothing else was and that let everything pass, or the table where it has no others.
 */
const NFT = `function handle() { for (i = 1; i < NF; i++) if ($i == "#" && $(i + 1) == "handle") return $(i + 2) }
function target() { for (i = 1; i < NF; i++) if ($i == "jump" || $i == "goto") return $(i + 1) }
BEGIN { ours = ENVIRON["ours"] }
$1 == "table" || $1 == "}" || NF == 0 || ($1 == "#" && $2 == "Warning:") { next }
$1 == "chain" { chain = $2; if (chain ~ ours) { flush = flush "flush chain " at " " chain "\\n"; gone = gone "delete chain " at " " chain "\\n" } next }
chain ~ ours && chain != "" { next }
$1 == "type" && $3 == "hook" { if (/policy accept;/) open[chain]; else others++; next }
target() ~ ours && target() != "" { rules = rules "delete rule " at " " chain " handle " handle() "\\n"; mine[chain]; next }
{ others++; theirs[chain] }
END {
  if (gone == "" && rules == "") exit
  if (at ~ /^ip6? (filter|nat|mangle|raw|security)$/) {
    if (!others) { print "delete table " at; exit }
    for (chain in mine) if (chain in open && !(chain in theirs)) gone = gone "delete chain " at " " chain "\\n"
  }
  printf "%s%s%s", rules, flush, gone
}`;

/** Reads what iptables-save prints, and prints what removes our part, as iptables-restore reads it. */
const IPTABLES = `BEGIN { ours = ENVIRON["ours"] }
/^\\*/ { table = $1; removed = flushed = gone = ""; next }
/^:/ { chain = substr($1, 2); if (chain ~ ours) { flushed = flushed "-F " chain "\\n"; gone = gone "-X " chain "\\n" } next }
/^-A / && $2 !~ ours {
  for (i = 3; i < NF; i++) if (($i == "-j" || $i == "-g") && $(i + 1) ~ ours) { sub(/^-A/, "-D"); removed = removed $0 "\\n"; break }
  next
}
/^COMMIT/ && removed flushed gone != "" { printf "%s\\n%s%s%sCOMMIT\\n", table, removed, flushed, gone }`;
