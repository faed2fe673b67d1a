import type {HostProfile} from '../model/profile.ts';
import {sh} from '../shell/sh.ts';

/**
 * Prints what a host is, a `name=value` line each. The shell's own words do most of it: a process costs a small
 * host as much as all the rest. Values are one line, and untrusted.
 */
export const PROFILE = sh`first() { IFS= read -r _line 2>/dev/null <"$1" || [ -n "$_line" ] && printf '%s\\n' "$_line" || echo; }
for _file in /etc/os-release /usr/lib/os-release; do
  [ -r "$_file" ] || continue
  (ID= VERSION_ID= ID_LIKE=; . "$_file"; printf 'os=%s\\nversion=%s\\nlike=%s\\n' "$ID" "$VERSION_ID" "$ID_LIKE")
  break
done
set -- $(uname -rmn)
printf 'hostname=%s\\nkernel=%s\\nmachine=%s\\n' "$1" "$2" "$3"
if [ -d /run/systemd/system ]; then echo init=systemd
elif [ -d /run/openrc ]; then echo init=openrc
else echo init=other
fi
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo cgroup=v2; else echo cgroup=v1; fi
for _manager in apt-get:apt dnf:dnf zypper:zypper apk:apk; do
  if command -v "\${_manager%:*}" >/dev/null 2>&1; then echo "packages=\${_manager#*:}"; break; fi
done
_cpus=0
while IFS= read -r _line; do case $_line in processor*:*) _cpus=$((_cpus + 1));; esac; done </proc/cpuinfo
echo "cpus=$_cpus"
while read -r _name _kb _; do [ "$_name" = MemTotal: ] && echo "memory=$_kb" && break; done </proc/meminfo
if command -v ip >/dev/null 2>&1; then
  ip -o addr show scope global 2>/dev/null | while read -r _ _ _ _address _; do echo "address=\${_address%%/*}"; done
  ip -o route get 192.0.2.1 2>/dev/null | while IFS= read -r _line; do
    _line=\${_line#* src }; echo "source=\${_line%% *}"; done
fi
if [ -r /sys/fs/selinux/enforce ]; then echo "selinux=$(first /sys/fs/selinux/enforce)"; fi
echo "machine_id=$(first /etc/machine-id)"
echo "boot_id=$(first /proc/sys/kernel/random/boot_id)"
echo "uid=$(id -u)"`;

/** `uname -m` to the names of release files. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
};

/** Reads what `PROFILE` printed. A line that is missing leaves its part empty: the host did not say. */
export function parseProfile(output: Uint8Array): HostProfile {
  const lines = new TextDecoder().decode(output).split('\n');
  const values = (name: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
  const one = (name: string): string => values(name)[0] ?? '';
  const addresses = values('address');
  return {
    hostname: one('hostname'),
    os: {id: one('os'), version: one('version'), family: words(`${one('os')} ${one('like')}`)},
    arch: ARCHITECTURES[one('machine')] ?? one('machine'),
    kernel: one('kernel'),
    init: oneOf(['systemd', 'openrc'] as const, one('init')) ?? 'other',
    cgroup: oneOf(['v2'] as const, one('cgroup')) ?? 'v1',
    package_manager: oneOf(['apt', 'dnf', 'zypper', 'apk'] as const, one('packages')) ?? 'none',
    cpus: Number(one('cpus')) || 0,
    memory_mb: Math.floor((Number(one('memory')) || 0) / 1024),
    addresses,
    address: one('source') || (addresses[0] ?? ''),
    selinux: selinuxOf(one('selinux')),
    machine_id: one('machine_id'),
    boot_id: one('boot_id'),
    uid: Number(one('uid') || NaN),
  };
}

const words = (text: string): readonly string[] => [...new Set(text.split(' ').filter(Boolean))];

const oneOf = <Word extends string>(all: readonly Word[], text: string): Word | undefined =>
  all.find((word) => word === text);

function selinuxOf(enforce: string): HostProfile['selinux'] {
  if (enforce === '') return 'disabled';
  return enforce === '1' ? 'enforcing' : 'permissive';
}
