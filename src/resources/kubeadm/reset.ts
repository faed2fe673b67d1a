import type {Detached} from '../../model/step.ts';
import {lines, sh} from '../../shell/sh.ts';
import {JOB, PLACES} from './places.ts';
import {withPrograms} from './programs.ts';

/**
 * Takes a host out of its cluster. The mark of a half-made host lies there until it is done, so that whatever comes
 * next knows what it finds. The member of etcd was removed before, by those that stay, or etcd goes with it.
 */
export function leaveCluster(criSocket: string): Detached {
  const program = lines([
    withPrograms,
    sh`mkdir -p -- ${PLACES.records} && : >${PLACES.unfinished} || exit
etcd_data=
[ ! -e ${PLACES.etcd} ] || etcd_data=${PLACES.etcdData}
kubeadm reset --force --cri-socket ${criSocket} --skip-phases remove-etcd-member --cleanup-tmp-dir || exit
if [ -d /run/systemd/system ]; then
  # Whatever the runtime could not be asked to end, ends with its cgroup.
  systemctl stop kubepods.slice || exit
fi
# Of old cgroups systemd removes its own alone. What is not empty cannot be removed.
find /sys/fs/cgroup -depth -type d -path '*/kubepods*' -exec rmdir -- {} + 2>/dev/null
[ -z "$etcd_data" ] || rm -rf -- "$etcd_data" || exit
rm -f -- ${PLACES.kubeletConfig} ${PLACES.authority} ${PLACES.bootstrap}
sync
rm -rf -- ${PLACES.records}`,
  ]);
  return {step: 'detached', job: JOB, program: {...program, display: 'kubeadm reset --force'}};
}
