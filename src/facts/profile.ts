import type {Script} from '../base/script.ts';
import type {HostProfile} from '../model/profile.ts';
import {TransportError} from '../model/transport.ts';
import {sh} from '../shell/sh.ts';

/** What the programs of this tool call on a host, in coreutils or busybox and util-linux. */
const TOOLS: readonly string[] = [
  'base64',
  'cat',
  'chmod',
  'chown',
  'cp',
  'date',
  'flock',
  'grep',
  'id',
  'mkdir',
  'mktemp',
  'mv',
  'readlink',
  'rm',
  'sha256sum',
  'sleep',
  'stat',
  'tar',
  'timeout',
  'tr',
  'uname',
];

/**
 * Prints what a host is, a line for each property; fails where a tool that we rely on is missing. Where a file of
 * the kernel says it, no program is asked, and all leaves in one piece: with many hosts, processes and packets count.
 */
export const PROFILE: Script = sh`_missing=
for _tool in ${TOOLS}; do command -v "$_tool" >/dev/null || _missing="$_missing $_tool"; done
[ -z "$_missing" ] || { echo "These programs are missing:$_missing" >&2; exit 69; }
first() { _line=; [ ! -r "$1" ] || read -r _line <"$1" || :; printf '%s\\n' "$_line"; }
have() { command -v "$1" >/dev/null; }
profile() {
  printf 'uname '
  if [ -r /proc/sys/kernel/arch ]; then
    read -r _name </proc/sys/kernel/hostname
    read -r _release </proc/sys/kernel/osrelease
    read -r _machine </proc/sys/kernel/arch
    echo "$_name $_release $_machine"
  else uname -n -r -m; fi
  while read -r _key _value _effective _; do
    case $_key in
      Uid:) echo "uid \${SUDO_UID:-$_effective}" ;;
      Cpus_allowed_list:) echo "cpus $_value" ;;
    esac
  done </proc/self/status
  ID='' VERSION_ID='' ID_LIKE=''
  if [ -r /etc/os-release ]; then . /etc/os-release
  elif [ -r /usr/lib/os-release ]; then . /usr/lib/os-release; fi
  printf 'os %s\\nversion %s\\nlike %s\\n' "$ID" "$VERSION_ID" "$ID_LIKE"
  if [ -d /run/systemd/system ]; then echo 'init systemd'
  elif [ -d /run/openrc ]; then echo 'init openrc'
  else echo 'init other'; fi
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo 'cgroup v2'; else echo 'cgroup v1'; fi
  if have apt-get; then echo 'package_manager apt'
  elif have dnf; then echo 'package_manager dnf'
  elif have zypper; then echo 'package_manager zypper'
  elif have apk; then echo 'package_manager apk'
  else echo 'package_manager none'; fi
  printf 'memory '; first /proc/meminfo
  printf 'selinux '; first /sys/fs/selinux/enforce
  printf 'machine_id '; first /etc/machine-id
  printf 'boot_id '; first /proc/sys/kernel/random/boot_id
  if have ip; then
    _links=$(
      ip -o -force -batch - 2>/dev/null <<END
addr show scope global
route get 192.0.2.1
route get 2001:db8::1
END
    )
    if [ "$_links" ]; then printf '%s\\n' "$_links"
    else # busybox has no batches.
      ip -o addr show scope global 2>/dev/null
      ip -o route get 192.0.2.1 2>/dev/null || ip -o route get 2001:db8::1 2>/dev/null
    fi
  else
    for _address in $(hostname -I 2>/dev/null); do printf 'address %s\\n' "$_address"; done
  fi
}
_profile=$(profile)
printf '%s\\n' "$_profile"`;

/** Reads what `PROFILE` printed. */
export function parseProfile(output: Uint8Array): HostProfile {
  const lines = new TextDecoder().decode(output).split('\n');
  const all = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1).trim());
  const one = (key: string): string => all(key)[0] ?? '';
  const [hostname = '', kernel = '', machine = ''] = one('uname').split(' ');
  if (machine === '') throw new TransportError('lost', 'The host did not say what it is');
  const shown = lines.flatMap((line) => /^\d+: \S+ +inet6? ([^ /]+)/.exec(line)?.[1] ?? []);
  const addresses = shown.length > 0 ? shown : all('address');
  return {
    hostname,
    kernel,
    arch: ARCHITECTURES[machine] ?? machine,
    os: {id: one('os'), version: one('version'), family: words(`${one('os')} ${one('like')}`)},
    init: oneOf(['systemd', 'openrc', 'other'], one('init')),
    cgroup: oneOf(['v2', 'v1'], one('cgroup')),
    package_manager: oneOf(['apt', 'dnf', 'zypper', 'apk', 'none'], one('package_manager')),
    cpus: countOf(one('cpus')),
    memory_mb: Math.floor(Number(/\d+/.exec(one('memory'))?.[0] ?? 0) / 1024),
    addresses,
    address: sourceOf(lines) ?? addresses[0] ?? '',
    selinux: SELINUX[one('selinux')] ?? 'disabled',
    machine_id: one('machine_id'),
    boot_id: one('boot_id'),
    uid: Number(one('uid')),
  };
}

/** As release files are named. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i686: '386',
  i386: '386',
};

const SELINUX: Readonly<Record<string, HostProfile['selinux']>> = {1: 'enforcing', 0: 'permissive'};

/** `0-3,8`, as the kernel lists processors. */
const countOf = (list: string): number =>
  list
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);

const words = (text: string): readonly string[] => [
  ...new Set(text.split(' ').filter((word) => word !== '')),
];

const oneOf = <Word extends string>(known: readonly [Word, ...Word[]], word: string): Word =>
  known.find((candidate) => candidate === word) ?? known[known.length - 1] ?? known[0];

/** `192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0` */
function sourceOf(lines: readonly string[]): string | undefined {
  return lines.map((route) => / src (\S+)/.exec(route)?.[1]).find((address) => address !== undefined);
}
