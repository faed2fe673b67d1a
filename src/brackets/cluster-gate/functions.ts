import {sh} from '../../shell/sh.ts';

/** One line for each node and pod: what it is called and how it is. */
export const LINES =
  '{{range .items}}' +
  '{{if eq .kind "Node"}}node {{.metadata.name}} {{.status.nodeInfo.kubeletVersion}} {{else}}pod {{.metadata.namespace}} {{.metadata.name}} {{.status.phase}} {{end}}' +
  '{{if .metadata.deletionTimestamp}}leaving{{else}}{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}}{{end}}' +
  '{{"\\n"}}{{end}}';

const JUDGE = `BEGIN {
  for (i = split(ENVIRON["nodes"], list, " "); i > 0; i--) wanted[list[i]]
  for (i = split(ENVIRON["namespaces"], list, " "); i > 0; i--) watched[list[i]]
}
$1 == "node" && ($2 in wanted) {
  here[$2]
  if ($4 != "True") print "node " $2 " is not Ready"
  else if (ENVIRON["version"] != "" && $3 != "v" ENVIRON["version"]) print "node " $2 " runs " $3
}
$1 == "pod" && ($2 in watched) && $4 != "Succeeded" && $5 != "leaving" {
  seen[$2]
  if ($5 != "True") print "pod " $2 "/" $3 " is not Ready (" $4 ")"
}
END {
  for (name in wanted) if (!(name in here)) print "node " name " has not joined"
  for (name in watched) if (!(name in seen)) print "no pod runs in namespace " name
}`;

/** Each prints a line for what is wrong, and nothing where all is right. */
export const FUNCTIONS = sh`PATH=$PATH:/usr/local/bin:/opt/bin
export nodes namespaces version
k() { kubectl --kubeconfig "$kubeconfig" --cache-dir /run/provision/kubectl --request-timeout 10s "$@"; }
# What was printed before is kept: one thing that is wrong mostly makes the next one wrong too.
if_right() { [ -s "$work/wrong" ] || "$@" | tee "$work/wrong"; }
nodes_and_pods() {
  : >"$work/wrong"
  if k get nodes,pods -A -o go-template=${LINES} >"$work/state" 2>"$work/errors"; then
    awk ${JUDGE} "$work/state"
  else
    echo "the API server does not answer: $(tail -n 1 "$work/errors")"
  fi | tee "$work/wrong"
}
api_servers_answer() {
  for address in $api_servers; do
    answer=$(k --server "https://$address" get --raw /version 2>&1) || { echo "the API server at $address does not answer: $answer"; continue; }
    running=$(printf '%s' "$answer" | sed -n 's/.*"gitVersion": *"v\\([^"]*\\)".*/\\1/p')
    [ -z "$version" ] || [ "$running" = "$version" ] || echo "the API server at $address runs v$running"
  done
}
etcd_is_healthy() {
  [ "$etcd_members" -gt 0 ] || return 0
  pod=$(k get pods -n kube-system -l component=etcd -o name | head -n 1)
  [ -n "$pod" ] || { echo 'no pod of etcd is there'; return 0; }
  members=$(etcdctl member list 2>&1) || { echo "etcd does not answer: $members"; return 0; }
  count=$(printf '%s\\n' "$members" | grep -c ', started, .*, false$')
  [ "$count" = "$etcd_members" ] || echo "etcd has $count members that vote, and should have $etcd_members"
  health=$(etcdctl endpoint health --cluster 2>&1) || echo "a member of etcd is not healthy: $(printf '%s' "$health" | tr '\\n' ' ')"
}
etcdctl() {
  k exec -n kube-system "$pod" -c etcd -- etcdctl --endpoints https://127.0.0.1:2379 \\
    --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt \\
    --key /etc/kubernetes/pki/etcd/healthcheck-client.key "$@"
}`;
