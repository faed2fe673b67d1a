import {ETCDCTL_IN_POD, kubectl, PROGRAM_PATH} from '../../facts/kubectl.ts';
import {sh} from '../../shell/sh.ts';

/** One line for each node and pod: what it is called, how it is, in which network, and where. */
export const LINES =
  '{{range .items}}' +
  '{{if eq .kind "Node"}}node {{.metadata.name}} {{.status.nodeInfo.kubeletVersion}} {{else}}pod {{.metadata.namespace}} {{.metadata.name}} {{.status.phase}} {{end}}' +
  '{{if .metadata.deletionTimestamp}}leaving{{else}}{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}}{{end}}' +
  '{{if ne .kind "Node"}} {{if .spec.hostNetwork}}host{{else}}pods{{end}} on={{.spec.nodeName}}{{end}}' +
  '{{"\\n"}}{{end}}';

/** One line for each workload: what is wanted of it, and how far its controller is. */
const WORKLOADS =
  '{{range .items}}{{.kind}}/{{.metadata.name}} {{.metadata.namespace}} {{.metadata.generation}} {{or .status.observedGeneration 0}} ' +
  '{{if eq .kind "DaemonSet"}}{{.status.desiredNumberScheduled}} {{or .status.updatedNumberScheduled 0}} {{or .status.numberAvailable 0}}' +
  '{{else}}{{.spec.replicas}} {{or .status.updatedReplicas 0}} {{or .status.availableReplicas 0}}{{end}}{{"\\n"}}{{end}}';

/**
 * What somebody has taken away has no pod that could be wrong. A pod that is Ready proves nothing while the one that is
 * to replace it has not even been made. Each pod of a DaemonSet is looked at on its own: one on a node that nobody
 * wants may be away.
 */
const JUDGE_WORKLOADS = `BEGIN {
  for (i = split(ENVIRON["namespaces"], list, " "); i > 0; i--) watched[list[i]]
  for (i = split(ENVIRON["workloads"], list, " "); i > 0; i--) wanted[list[i]]
}
{ here[$1] }
($2 in watched) && ($3 != $4 || $6 < $5) { print $2 "/" $1 " is not rolled out" }
ENVIRON["lacks"] == "" && ($2 in watched) && $1 !~ /^DaemonSet/ && $3 == $4 && $6 >= $5 && $7 < $5 { print $2 "/" $1 " has " $7 " of " $5 " pods" }
END { for (name in wanted) if (!(name in here)) print name " is not there" }`;

// What is on a node that nobody wants is lost with it.
const JUDGE = `BEGIN {
  for (i = split(ENVIRON["nodes"], list, " "); i > 0; i--) wanted[list[i]]
  for (i = split(ENVIRON["namespaces"], list, " "); i > 0; i--) watched[list[i]]
}
$1 == "node" && ($2 in wanted) {
  here[$2]
  if ($4 != "True" && ENVIRON["lacks"] !~ /network/) print "node " $2 " is not Ready"
  else if (ENVIRON["version"] != "" && $3 != "v" ENVIRON["version"]) print "node " $2 " runs " $3
}
{ where = substr($NF, 4) }
$1 == "pod" && where != "" && !(where in wanted) { next }
$1 == "pod" && ($2 in watched) && $4 != "Succeeded" && $5 != "leaving" {
  seen[$2]
  if ($5 != "True" && (ENVIRON["lacks"] == "" || $(NF - 1) == "host")) print "pod " $2 "/" $3 " is not Ready (" $4 ")"
}
END {
  for (name in wanted) if (!(name in here)) print "node " name " has not joined"
  for (name in watched) if (!(name in seen)) print "no pod runs in namespace " name
}`;

/** What each wanted node says of itself, where that is no more than that nobody has given its pods a network. */
const READY =
  '{{range .items}}{{$node := .metadata.name}}{{range .status.conditions}}{{if eq .type "Ready"}}{{$node}} {{.message}}{{"\\n"}}{{end}}{{end}}{{end}}';
const JUDGE_NETWORK = `BEGIN { for (i = split(ENVIRON["nodes"], list, " "); i > 0; i--) wanted[list[i]] }
$1 in wanted { if (/NetworkPluginNotReady/) bare++; else plugged++ }
END { exit !(bare > 0 && plugged == 0) }`;

/** What holds up others without being wanted by anybody. */
const JUDGE_STRANGERS = `BEGIN { for (i = split(ENVIRON["nodes"], list, " "); i > 0; i--) wanted[list[i]] }
$1 == "node" && !($2 in wanted) && $4 != "True" { print "node " $2 ", which is not in the inventory, is not Ready: what is gone for good belongs into kube_removed_nodes" }`;

/** Each prints a line for what is wrong, and nothing where all is right. */
export const FUNCTIONS = sh`${PROGRAM_PATH}
export nodes namespaces version workloads lacks
k() { ${kubectl({wire: '"$kubeconfig"', display: '"$kubeconfig"'}, 10)} "$@"; }
# What was printed before is kept: one thing that is wrong mostly makes the next one wrong too.
if_right() { [ -s "$work/wrong" ] || "$@" | tee "$work/wrong"; }
# What others bring is missed as a whole or not at all: one node without it is to get it.
lacking() {
  lacks=
  for each in $from_others; do ! "lacks_$each" || lacks="$lacks $each"; done
}
lacks_network() { k get nodes -o go-template=${READY} 2>"$work/errors" | awk ${JUDGE_NETWORK}; }
lacks_services() {
  address=$(k get service kubernetes -n default -o 'go-template={{.spec.clusterIP}}' 2>"$work/errors") || return
  case $address in *:*) address="[$address]" ;; esac
  ! k --server "https://$address" get --raw /version >/dev/null 2>&1
}
nodes_and_pods() {
  : >"$work/wrong"
  if k get nodes,pods -A -o go-template=${LINES} >"$work/state" 2>"$work/errors"; then
    awk ${JUDGE} "$work/state"
  else
    echo "the API server does not answer: $(tail -n 1 "$work/errors")"
  fi | tee "$work/wrong"
}
workloads_are_rolled_out() {
  k get deployments,daemonsets -A -o go-template=${WORKLOADS} >"$work/workloads" || { echo 'the workloads cannot be listed'; return 0; }
  awk ${JUDGE_WORKLOADS} "$work/workloads"
}
strangers() { [ ! -e "$work/state" ] || awk ${JUDGE_STRANGERS} "$work/state"; }
api_servers_answer() {
  for address in $api_servers; do
    server=$address
    case \${address%:*} in *:*) server="[\${address%:*}]:\${address##*:}" ;; esac
    answer=$(k --server "https://$server" get --raw /version 2>&1) || { echo "the API server at $address does not answer: $answer"; continue; }
    running=$(printf '%s' "$answer" | sed -n 's/.*"gitVersion": *"v\\([^"]*\\)".*/\\1/p')
    [ -z "$version" ] || [ "$running" = "$version" ] || echo "the API server at $address runs v$running"
  done
}
etcd_is_healthy() {
  [ "$etcd_members" -gt 0 ] || return 0
  if [ -e "$manifests/etcd.yaml" ]; then
    pod=$(awk '$1 == "pod" && $2 == "kube-system" && $3 ~ /^etcd-/ && $5 == "True" { print "pod/" $3; exit }' "$work/state")
    [ -n "$pod" ] || { echo 'no pod of etcd is there'; return 0; }
  fi
  members=$(etcdctl member list 2>&1) || { echo "etcd does not answer: $members"; return 0; }
  count=$(printf '%s\\n' "$members" | grep -c ', started, .*, false$')
  [ "$count" = "$etcd_members" ] || echo "etcd has $count members that vote, and should have $etcd_members"
  health=$(etcdctl endpoint health --cluster 2>&1) || echo "a member of etcd is not healthy: $(printf '%s' "$health" | tr '\\n' ' ')"
}
# Where no member is a pod, etcd is a service elsewhere, and the API server knows where.
etcdctl() {
  if [ ! -e "$manifests/etcd.yaml" ]; then
    command etcdctl --endpoints "$(flag etcd-servers)" --cacert "$(flag etcd-cafile)" --cert "$(flag etcd-certfile)" \\
      --key "$(flag etcd-keyfile)" "$@"
    return
  fi
  k exec -n kube-system "$pod" -c etcd -- ${ETCDCTL_IN_POD} "$@"
}
manifests=/etc/kubernetes/manifests
flag() { sed -n "s/^ *- --$1=//p" "$manifests/kube-apiserver.yaml"; }`;
