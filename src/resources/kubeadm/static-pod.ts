import type {Script} from '../../base/script.ts';
import {kubectl} from '../../facts/kubectl.ts';
import {sh} from '../../shell/sh.ts';
import {lastWords, STARTED_OFTEN} from './last-words.ts';
import {PLACES} from './places.ts';

/** What comes before kubeadm, so that the manifests that it writes are seen by nobody yet. */
export const ASIDE: readonly string[] = [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'mount --bind "$1" "$2" && shift 2 && exec "$@"',
  'sh',
  PLACES.staged,
  PLACES.manifests,
];

/**
 * Puts manifests into place that were written aside, and waits for their pods.
 *
 * A kubelet that finds another version of a manifest ends the pod, and begins the new one 10 to 15 s later: it tries
 * at once, while the old one is ending, and then only after its back-off. One whose manifest was away until the pod
 * was forgotten begins at once. So the old manifest goes first. What is to follow lies where the unit of the kubelet
 * finds it, should the host go down in between.
 *
 * A static pod is the new one when the kubelet has put another hash on it: that some pod is ready proves nothing
 * while the old one still answers. The API itself may be away in between.
 */
export const staticPods = (manifests: readonly string[], node: string): Script => sh`${lastWords}
seen_of() {
  pod=\${1##*/}
  ${kubectl(PLACES.admin, 10)} --namespace kube-system get pod "\${pod%.yaml}-"${node} --ignore-not-found --output \\
    'jsonpath={.metadata.annotations.kubernetes\\.io/config\\.hash} {.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null
}
release() {
  for each in ${PLACES.pending}/*.yaml; do [ ! -e "$each" ] || mv -f -- "$each" ${PLACES.manifests}/; done
}
release
# Without a kubelet nobody makes the new pod.
systemctl start kubelet.service || exit
rm -rf -- ${PLACES.staged} && mkdir -p -m 0700 -- ${PLACES.staged} ${PLACES.pending} || exit
set --
for file in ${manifests}; do set -- "$@" "$file" "$(seen_of "$file")"; done
exchange() {
  while [ "$#" -ge 2 ]; do
    new=${PLACES.staged}/\${1##*/}
    if [ -e "$new" ] && ! cmp -s -- "$new" "$1"; then
      mv -- "$new" ${PLACES.pending}/ && take_away "$1" && release && await_pod "$1" "\${2%% *}" || return
    fi
    shift 2
  done
  rm -rf -- ${PLACES.staged}
}
# What the kubelet keeps of a pod goes when it has forgotten it. Names of static pods' directories have no dashes.
take_away() (
  trap release EXIT
  trap 'exit 143' HUP INT TERM
  name=\${1##*/}
  set -- "$1" /var/lib/kubelet/pods/*/containers/"\${name%.yaml}"
  rm -f -- "$1"
  count=0
  while shift && [ "$#" -gt 0 ]; do
    pod=\${1%/containers/*}
    case \${pod##*/} in *-*) continue ;; esac
    while [ -e "$pod" ] && [ "$count" -lt 600 ] && systemctl --quiet is-active kubelet.service; do
      count=$((count + 1))
      sleep 0.1
    done
  done
)
await_pod() {
  count=0
  pod=\${1##*/}
  set -- "$1" "$2" "\${pod%.yaml}"
  until now=$(seen_of "$1") && [ "\${now%% *}" != "$2" ] && [ "\${now##* }" = True ]; do
    count=$((count + 1))
    if [ "$count" -ge 240 ] || [ -n "$(logs_of "$3" ${STARTED_OFTEN} ${PLACES.pending} "\${2%% *}")" ]; then
      echo "The new pod of $1 does not get ready" >&2
      last_words "$3" '*.log' ${PLACES.pending} "\${2%% *}" >&2
      return 1
    fi
    sleep 1
  done
}`;
