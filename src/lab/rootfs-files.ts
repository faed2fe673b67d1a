/** A file of the root file system that makes a lab host look like a server of its own. */
interface RootFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** The password of the user `opspw`. Its characters show at once where somebody forgot to quote. */
export const OPS_PASSWORD = `la'b "pass" $word`;

/**
 * The kernel settings that belong to the whole machine and that a provisioner may write. A folder of them
 * is one mount; in `kernel` and `fs` some belong to the host, so there each one is named.
 */
const MACHINE_WIDE = [
  'vm fs/inotify kernel/keys',
  'fs/file-max fs/nr_open fs/aio-max-nr fs/pipe-max-size fs/suid_dumpable',
  'fs/protected_hardlinks fs/protected_symlinks fs/protected_fifos fs/protected_regular',
  'kernel/panic kernel/panic_on_oops kernel/panic_on_warn kernel/pid_max kernel/threads-max kernel/sysrq',
  'kernel/printk kernel/core_pattern kernel/core_uses_pid kernel/dmesg_restrict kernel/kptr_restrict',
  'kernel/randomize_va_space kernel/perf_event_paranoid kernel/unprivileged_bpf_disabled',
  'kernel/hung_task_timeout_secs kernel/watchdog kernel/nmi_watchdog kernel/softlockup_panic',
  'kernel/numa_balancing kernel/sched_rt_runtime_us kernel/io_uring_disabled kernel/kexec_load_disabled',
].join(' ');

/**
 * Runs in every host before anything else. Built-ins of the shell only, where it loops: 50 hosts start at once.
 * In bash, because dash reads byte by byte, and of a file in /proc/sys only the first byte can be read that way.
 */
const ISOLATE = String.raw`#!/bin/bash
# What the kernel shares between all hosts of a machine gets a private copy here, so that a host can be
# told what a server is told, and the machine stays as it is.
umask 022
copies=/run/lab/proc mounts=/run/lab/mounts
mkdir -p "$copies"
: > "$mounts"

cd /proc || exit
copy() { # NAME below /proc: a value of one line; a file that can only be written gets an empty copy
  value=
  { read -r value < "$1"; } 2> /dev/null
  printf '%s\n' "$value" > "$copies/$1"
}
cover() { # NAME below /proc
  [ ! -e "$1" ] || printf '%s /proc/%s none bind 0 0\n' "$copies/$1" "$1" >> "$mounts"
}

mkdir -p "$copies/sys/vm" "$copies/sys/fs/inotify" "$copies/sys/kernel/keys" "$copies/sys/kernel/random"
for name in ${MACHINE_WIDE}; do
  if [ -d "sys/$name" ]; then
    for file in "sys/$name"/*; do [ ! -f "$file" ] || copy "$file"; done
  elif [ -e "sys/$name" ]; then
    copy "sys/$name"
  fi
  cover "sys/$name"
done
: > "$copies/sysrq-trigger"
cover sysrq-trigger

# Swap in fstab is on after a boot, for everybody who reads /proc/swaps.
printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' > "$copies/swaps"
cover swaps
if [ "$1" = light ]; then
  cat sys/kernel/random/uuid > "$copies/sys/kernel/random/boot_id"
  cover sys/kernel/random/boot_id
fi
mount --all --fstab "$mounts"
swapon --all

# On cgroup v1 the controllers come read-only from outside; a plain remount says that they are busy.
cd /sys/fs/cgroup && for controller in *; do
  if [ "$controller" != systemd ] && mountpoint -q "$controller"; then
    mount -o remount,bind,rw "/sys/fs/cgroup/$controller"
  fi
done
exit 0
`;

const ISOLATE_UNIT = `[Unit]
Description=Private copies of what the machine shares between its lab hosts
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target systemd-sysctl.service containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/lab/isolate systemd

[Install]
WantedBy=sysinit.target
`;

/** Process 1 of a light host: one sshd, and somebody who takes the orphans. */
const LIGHT_INIT = `#!/bin/sh
/usr/local/lib/lab/isolate light
hostname -F /etc/hostname
mkdir -p /run/sshd /run/lock
/usr/sbin/sshd -D &
wait
`;

const SWAPOFF = String.raw`#!/bin/sh
# The machine's swap is not this host's to switch off: /proc/swaps is a private file here, and this obeys it.
keep() { # PATTERN: the header and what does not match stay
  lines=$(sed -e 1b -e "$1" /proc/swaps) && printf '%s\n' "$lines" > /proc/swaps
}
for argument; do
  case $argument in
    -a | --all) keep d || exit ;;
    -h | --help | -V | --version) exec /usr/local/lib/lab/swapoff "$argument" ;;
    -*) ;;
    *)
      grep -q "^$argument[[:space:]]" /proc/swaps || { echo "swapoff: $argument: swapoff failed: Invalid argument" >&2; exit 4; }
      keep "\|^$argument[[:space:]]|d" || exit
      ;;
  esac
done
`;

const SWAPON = String.raw`#!/bin/sh
# As with swapoff: what is switched on is a line in this host's private /proc/swaps.
add() {
  grep -q "^$1[[:space:]]" /proc/swaps && return
  size=$(stat -L -c %s "$1" 2> /dev/null || echo 1073741824)
  printf '%s\tfile\t\t%s\t\t0\t\t-2\n' "$1" $((size / 1024 - 4)) >> /proc/swaps
}
[ $# -gt 0 ] || exec /usr/local/lib/lab/swapon
for argument; do
  case $argument in
    -a | --all)
      while read -r device folder type options rest; do
        case "$device $type $options" in '#'* | *noauto*) ;; *' swap '*) add "$device" ;; esac
      done < /etc/fstab
      ;;
    -s | --summary | --show* | --noheadings | --raw | --bytes | -h | --help | -V | --version)
      exec /usr/local/lib/lab/swapon "$@"
      ;;
    -*) ;;
    *) add "$argument" ;;
  esac
done
`;

/** Keys of the lab open every account, and leave the accounts' own files to whom they belong. */
const SSHD = `AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/lab_authorized_keys
HostKey /etc/ssh/ssh_host_ed25519_key
`;

/** All files that are put over what the packages bring. */
export const ROOT_FILES: readonly RootFile[] = [
  {path: 'usr/local/lib/lab/isolate', mode: 0o755, text: ISOLATE},
  {path: 'usr/local/lib/lab/light-init', mode: 0o755, text: LIGHT_INIT},
  {path: 'usr/local/lib/lab/swapoff.sh', mode: 0o755, text: SWAPOFF},
  {path: 'usr/local/lib/lab/swapon.sh', mode: 0o755, text: SWAPON},
  {path: 'etc/systemd/system/lab-host.service', mode: 0o644, text: ISOLATE_UNIT},
  {path: 'etc/ssh/sshd_config.d/lab.conf', mode: 0o644, text: SSHD},
  {
    path: 'etc/sudoers.d/ops',
    mode: 0o440,
    text: 'ops ALL=(ALL:ALL) NOPASSWD: ALL\nopspw ALL=(ALL:ALL) ALL\n',
  },
  {path: 'etc/default/locale', mode: 0o644, text: 'LANG=C.UTF-8\n'},
];

/** What is done once inside the new root. Its first argument is the password of `opspw`. */
export const SETUP = String.raw`set -eu
useradd --create-home --shell /bin/bash ops
useradd --create-home --shell /bin/bash opspw
printf 'opspw:%s\n' "$1" | chpasswd
for tool in swapon swapoff; do
  mv "/usr/sbin/$tool" "/usr/local/lib/lab/$tool"
  mv "/usr/local/lib/lab/$tool.sh" "/usr/sbin/$tool"
done
mkdir -p /etc/systemd/system/sysinit.target.wants
ln -s ../lab-host.service /etc/systemd/system/sysinit.target.wants/
ln -s /dev/null /etc/systemd/system/console-getty.service
mkdir -p /var/lib/containerd /var/lib/kubelet /usr/lib/modules
mkdir -m 0700 /var/lib/etcd
rm -f /etc/ssh/ssh_host_* /etc/resolv.conf /etc/hostname
: > /etc/machine-id
`;
