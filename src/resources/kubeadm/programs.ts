import type {Script} from '../../base/script.ts';
import type {Text} from '../../base/secret.ts';
import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';
import {JOB, PLACES} from './places.ts';
import {type Recorded, writeRecord} from './record.ts';

/** How kubeadm makes a host a member, and what is done when it has. */
export interface Membership {
  /** `kubeadm init`, `kubeadm join`. */
  readonly command: readonly string[];
  readonly config: Text;
  readonly criSocket: string;
  readonly includes: readonly Recorded[];
  /** What is left to do once kubeadm has ended well. */
  readonly behind?: Script;
}

/**
 * Makes a host a member. A mark lies there until it is one, so that the next run knows a half-made host from one
 * that somebody else has made. Such a host is reset first; where its API answers, kubeadm goes over it again.
 */
export function becomeMember({command, config, criSocket, includes, behind}: Membership): Detached {
  const program = lines([
    withPrograms,
    remains,
    sh`again=
if [ -e ${PLACES.unfinished} ]; then
  if kubectl --kubeconfig ${PLACES.admin} --request-timeout 5s get --raw /readyz >/dev/null 2>&1; then
    again=--skip-phases=preflight
  else
    kubeadm reset --force --cri-socket ${criSocket} || exit
  fi
elif remains; then
  echo 'There is a part of another cluster on this host: kubeadm reset removes it' >&2
  exit 1
fi
mkdir -p -- ${PLACES.records} && : >${PLACES.unfinished} || exit
printf '%s\\n' ${config} | ${command} --config /dev/stdin \${again:+"$again"} || exit
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

/** kubeadm as it is called, with a configuration on its standard input. */
export const withConfig = (config: Text, command: readonly string[]): Script =>
  sh`printf '%s\\n' ${config} | ${command} --config /dev/stdin`;

/** Services have a short path, and programs of releases are not on it everywhere. */
export const withPrograms: Script = sh`PATH=$PATH:/usr/local/bin:/usr/bin:/opt/bin; export PATH`;

/** The files that kubeadm looks for itself, and what would be lost with them. */
const remains: Script = sh`remains() {
  for path in ${PLACES.admin} ${PLACES.kubelet} ${PLACES.authority} /etc/kubernetes/manifests/*.yaml /var/lib/etcd/member; do
    [ ! -e "$path" ] || return 0
  done
  return 1
}`;
