import type {Lab} from '../../src/lab/lab.ts';
import {onHost} from './leftovers.ts';

/**
 * What a host is, in comparable lines: files with their digests, mounts, links, addresses, routes, the packet filter,
 * units, accounts, processes and cgroups. Left out is what a running system changes by itself, and all that a reset
 * leaves: the lock and the empty directories of our own in /run, and the lock of iptables, until the next boot; what
 * tools for accounts keep of the change before; addresses that a link makes up by itself, some time after it is there; and the mode of the place where the lab mounts containerd's storage,
 * which containerd sets.
 */
const STATE = String.raw`
export LC_ALL=C
ignored='^/(run/(provision|systemd|log|utmp|xtables\.lock|dbus|sudo|sshd|user)|var/(log|tmp|lib/systemd)|tmp)(/| )'
for place in / /run /var/lib/containerd /var/lib/kubelet /var/lib/etcd /var/log/pods /var/log/containers; do
  [ ! -e "$place" ] || find "$place" -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o -printf '%p %y %m %U:%G %l\n'
done | sed 's#^\(/var/lib/containerd d\) 7..#\1#' | grep -Ev "$ignored" | sort -u
find /etc /usr/local /opt /root -xdev -type f -exec sha256sum {} + | grep -Ev ' /etc/(passwd|group|g?shadow)-$' | sort -k 2
cut -d ' ' -f 5 /proc/self/mountinfo | grep -v '^/run/\(user\|systemd\)' | sort
ip -o link | sed 's/^[0-9]*: //; s/[@:].*//' | sort
ip -o address | awk '{ print $2, $4 }' | sort
ip route show table all | grep -v ' fe80::' | sort
nft list ruleset 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*/counter/'
systemctl list-unit-files --no-legend --plain | sort
systemctl list-units --all --no-legend --plain --type=service,slice,mount,socket,timer,path,swap |
  awk '{ print $1, $2, $3 }' | grep -Ev '^(user|session|systemd-|run-user|-\.)' | sort
cat /etc/passwd /etc/group
ps -ww -eo args= | grep -E 'kube|containerd|etcd|flannel|coredns|pause' | grep -v grep
find /sys/fs/cgroup -name '*kube*'
exit 0
`;

/** What a host is, to be compared with what it was or will be. */
export const stateOf = (lab: Lab, host: string): Promise<string> => onHost(lab, host, STATE);
