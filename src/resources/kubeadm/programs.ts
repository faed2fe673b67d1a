import type {Script} from '../../base/script.ts';
import type {Text} from '../../base/secret.ts';
import {kubectl, PROGRAM_PATH} from '../../facts/kubectl.ts';
import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';
import {type Detour, detour, PROXIES} from './detour.ts';
import {lastWords, STARTED_OFTEN} from './last-words.ts';
import {JOB, PLACES} from './places.ts';
import {type Recorded, writeRecord} from './record.ts';

/** How kubeadm makes a host a member, and what is done when it has. */
export interface Membership {
  /** `kubeadm init`, `kubeadm join`. */
  readonly command: readonly string[];
  readonly config: Text;
  readonly criSocket: string;
  /** With an external one, data of etcd on the host are no part of a cluster that kubeadm has made. */
  readonly etcd: 'local' | 'external';
  readonly includes: readonly Recorded[];
  /** What an earlier run began for the very same cluster may be brought to its end, where a kubelet is in it already. */
  readonly resumes: 'kubelet' | 'nothing';
  /** What is left to do once kubeadm has ended well. */
  readonly behind?: Script;
  readonly through?: Detour | undefined;
}

/**
 * Makes a host a member. A mark lies there until it is one, so that the next run knows a half-made host from one
 * that somebody else has made. Such a host is reset first; where its API answers, kubeadm goes over it again.
 */
export function becomeMember(membership: Membership): Detached {
  const {command, config, criSocket, etcd, includes, behind, resumes, through} = membership;
  const program = lines([
    withPrograms,
    PROXIES,
    remains(etcd),
    halfMade(criSocket, etcd),
    bootstrapped,
    startAnew,
    lastWords,
    validated(config),
    sh`verb=${command[1] ?? ''} resumes=${resumes} again= status=0
if [ -e ${PLACES.unfinished} ]; then
  if [ "$resumes" = kubelet ] && bootstrapped; then
    again=finished
  elif ${kubectl(PLACES.admin, 5)} get --raw /readyz >/dev/null 2>&1; then
    again=--skip-phases=preflight
    # kubeadm refuses a node that is Ready, and this kubelet was configured before it became one.
    [ "$verb" != join ] || ! bootstrapped || again=$again,kubelet-start
  else
    keep_proxies
    undo_half || exit
    return_proxies
  fi
elif remains; then
  echo 'There is a part of another cluster on this host: kubeadm reset removes it' >&2
  exit 1
fi
mkdir -p -- ${PLACES.records} && : >${PLACES.unfinished} || exit
if [ "$again" = finished ]; then
  rm -f -- ${PLACES.bootstrap}
  systemctl start kubelet.service || exit
else
  [ "$verb" != join ] || bootstrapped || { start_anew & }
  printf '%s\\n' "$config" | ${detour(through)} ${command} --config /dev/stdin \${again:+"$again"} || status=$?
  [ -e ${PLACES.kubeletCertificate} ] || kill $! 2>/dev/null
  wait
  if [ "$status" != 0 ]; then
    for pod in etcd kube-apiserver kube-controller-manager kube-scheduler; do
      [ -z "$(logs_of "$pod" ${STARTED_OFTEN} ${PLACES.unfinished})" ] ||
        last_words "$pod" '*.log' ${PLACES.unfinished} >&2
    done
    exit "$status"
  fi
fi
rm -f -- ${PLACES.superAdmin}`,
    ...(behind ? [behind] : []),
    ...includes.map(writeRecord),
    sh`sync -- ${PLACES.records} 2>/dev/null
rm -f -- ${PLACES.unfinished}`,
  ]);
  // What it is called with is all that people want to see of it.
  return {
    step: 'detached',
    job: JOB,
    program: {...program, display: sh`${command} --config /dev/stdin`.display},
  };
}

/** Services have a short path, and programs of releases are not on it everywhere. */
export const withPrograms: Script = sh`${PROGRAM_PATH}; export PATH`;

/**
 * What kubeadm is given stands in `config`, and nothing is done where kubeadm refuses it: what it does not know or what
 * stands twice, it would only warn of while it works.
 */
export const validated = (config: Text): Script => sh`config=${config}
printf '%s\\n' "$config" | kubeadm config validate --config /dev/stdin >/dev/null || exit`;

/** The files that kubeadm looks for itself, and what would be lost with them. */
const remains = (etcd: Membership['etcd']): Script => sh`remains() {
  for path in ${PLACES.admin} ${PLACES.kubelet} ${PLACES.authority} /etc/kubernetes/manifests/*.yaml ${etcd === 'local' ? '/var/lib/etcd/member' : ''}; do
    [ ! -e "$path" ] || is_proxy "$path" || return 0
  done
  return 1
}`;

/** Where kubeadm finds no etcd of its own, it empties /var/lib/etcd all the same, whosever that is. */
const halfMade = (criSocket: string, etcd: Membership['etcd']): Script =>
  sh`undo_half() { kubeadm reset --force --cri-socket ${criSocket}${SKIPPED[etcd]}; }`;
const SKIPPED: Readonly<Record<Membership['etcd'], Script>> = {
  local: sh``,
  external: sh` --skip-phases remove-etcd-member`,
};

/** A kubelet that has a certificate of the cluster: all that a worker needs is there. */
const bootstrapped: Script = sh`bootstrapped() {
  for path in ${PLACES.kubelet} ${PLACES.kubeletConfig} ${PLACES.authority} ${PLACES.kubeletCertificate}; do
    [ -e "$path" ] || return 1
  done
}`;

/**
 * A kubelet without a certificate starts all the same. It is refused whatever it asks, asks ever more seldom, and the
 * first pods of the node wait a quarter of a minute for that.
 */
const startAnew: Script = sh`start_anew() {
  until [ -e ${PLACES.kubeletCertificate} ]; do sleep 0.1; done
  systemctl try-restart kubelet.service
}`;
