import type {Json} from '../../base/json.ts';
import {sh} from '../../shell/sh.ts';

/** Whose namespaces these are: a gate that was killed leaves one, and the next gate removes it. */
export const PROBE_LABEL = 'provision/gate';

const LABELS = {'app.kubernetes.io/name': 'probe'};

/** A pod on each node that answers over HTTP, behind a service on each node's port. The shell puts in what is in capitals. */
const OBJECTS: Json = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: 'NAMESPACE', labels: {[PROBE_LABEL]: 'true'}},
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: {name: 'probe', namespace: 'NAMESPACE'},
      spec: {
        selector: {matchLabels: LABELS},
        template: {
          metadata: {labels: LABELS},
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 0,
            tolerations: [{operator: 'Exists'}],
            containers: [
              {
                name: 'probe',
                image: 'IMAGE',
                imagePullPolicy: 'IfNotPresent',
                args: ['netexec', '--http-port=8080', '--udp-port=-1'],
                ports: [{containerPort: 8080}],
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'probe', namespace: 'NAMESPACE'},
      spec: {type: 'NodePort', selector: LABELS, ports: [{port: 80, targetPort: 8080}]},
    },
  ],
};

const PODS =
  '{{range .items}}{{.metadata.name}} {{.spec.nodeName}} {{.status.podIP}} {{.status.hostIP}}{{"\\n"}}{{end}}';
const SERVICE = '{{.spec.clusterIP}} {{(index .spec.ports 0).nodePort}}';

/** What a pod tries, by name and address of each. It prints what did not work. */
const TRY = `reach() { said=$(/agnhost connect --timeout=5s "$2" 2>&1) || echo "does not reach $1 at $2: $said"; }
reach 'a pod on another node' "$1"
[ -n "$2" ] || exit 0
reach 'a service by its address' "$2"
[ -z "$3" ] || reach 'a service by its name' "$3"; reach 'a service by the port of a node' "$4"`;

/** The pods start while the nodes are still looked at; each tries the next one, so that every node is tried both ways. */
export const PROBES = sh`namespace=provision-gate-$(date +%s)-$$
prepare() {
  k delete namespace -l ${`${PROBE_LABEL}=true`} --wait=false >/dev/null 2>&1
  # Without asking the API server for all its schemas first.
  printf '%s' ${JSON.stringify(OBJECTS)} | sed "s|IMAGE|$image|; s|NAMESPACE|$namespace|g" | k create --validate=false -f - >/dev/null
}
# The cluster ends what is in it by itself; nothing is gained by watching.
clean() { k delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null; }
is_wanted='function is_wanted(node) { return index(" " ENVIRON["nodes"] " ", " " node " ") > 0 } '
probes() {
  case $lacks in *network*) return 0 ;; esac
  awk -v namespace="$namespace" "$is_wanted"'$2 == namespace && $5 != "True" && is_wanted(substr($NF, 4)) { print "pod " $3 " that tries the network is not Ready (" $4 ")" }' "$work/state"
  k get pods -n "$namespace" -o go-template=${PODS} >"$work/all-pods" || { echo 'the pods that try the network cannot be listed'; return 0; }
  awk "$is_wanted"'is_wanted($2)' "$work/all-pods" >"$work/pods"
  missing=$(awk '{ there[$2] } END { for (i = split(ENVIRON["nodes"], list, " "); i > 0; i--) if (!(list[i] in there)) print list[i] }' "$work/pods")
  [ -z "$missing" ] || { echo "no pod that tries the network is on $(printf %s "$missing" | tr '\\n' ' ')"; return 0; }
  service=
  [ -n "$lacks" ] || service=$(k get service probe -n "$namespace" -o go-template=${SERVICE}) || { echo 'there is no service to try'; return 0; }
  awk '{ name[NR] = $1; node[NR] = $2; ip[NR] = $3; host[NR] = $4 }
    END { for (i = 1; i <= NR; i++) { j = i % NR + 1; print name[i], node[i], ip[j], host[j] } }' "$work/pods" >"$work/ring"
  # Eight at once: many nodes must not start as many processes.
  running=0
  while read -r pod node ip host; do
    try_from "$pod" "$node" "$ip" "$host" </dev/null &
    running=$((running + 1))
    [ $((running % 8)) != 0 ] || wait
  done <"$work/ring"
  wait
}
try_from() {
  said=$(k exec -n "$namespace" "$1" -- sh -c ${TRY} sh "$3:8080" "\${service:+\${service% *}:80}" "\${domain:+probe.$namespace.svc.$domain:80}" "$4:\${service#* }" 2>&1) ||
    { echo "exec in a pod on $2 fails: $said"; return 0; }
  [ -z "$said" ] || printf '%s\\n' "$said" | sed "s/^/a pod on $2 /"
  [ -n "$(k logs -n "$namespace" "$1" --tail 1 2>/dev/null)" ] || echo "logs of a pod on $2 cannot be read"
}`;
