import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, existsSync, openSync, readFileSync} from 'node:fs';
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {makeCgroups, usesCgroup2} from './cgroups.ts';
import {copyTree} from './copy-tree.ts';
import {plugScript} from './network.ts';
import {hostFolder, hostUnit, namespacePath} from './places.ts';
import {layIdentity, layKeys} from './seed.ts';
import type {HostState, LabState} from './state.ts';

/** Folders that must not lie on an overlay, because a container runtime or a database works in them. */
const BOUND = ['containerd', 'kubelet', 'etcd'] as const;

/** Enters cgroups, up to the next `--`. */
const ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit; shift; done; shift';

/**
 * The power supply. Enters the cgroups, and runs the host again and again, each time on a new network,
 * as long as it ends in a reboot: nspawn says so by 133, a light host by the signal HUP. Descriptor 3 is
 * closed when the host can be waited for.
 */
const powered = (plug: string): string => `${ENTER}
while
${plug}
  [ $? -eq 0 ] || exit
  exec 3>&-
  "$@"
  case $? in 129 | 133) ;; *) false ;; esac
do
  echo Reboot
done`;

/** What is not in the layers below is laid on top of them once, before anything has run on them. */
const ROOT = `set -eu
folder=$1 lower=$2
shift 2
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
if [ -d "$folder/seed" ]; then
  tar -C "$folder/seed" -c . | tar -C "$folder/root" -x --no-overwrite-dir
  rm -r "$folder/seed"
fi
exec "$@"`;

/** A root as a container has it, without a container's program: 50 of these start in the time of one. */
const LIGHT = `set -eu
root=$1
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
cd "$root/dev"
mknod -m 666 null c 1 3
mknod -m 666 zero c 1 5
mknod -m 666 full c 1 7
mknod -m 666 random c 1 8
mknod -m 666 urandom c 1 9
mknod -m 666 tty c 5 0
ln -s pts/ptmx ptmx
ln -s /proc/self/fd fd
ln -s fd/0 stdin
ln -s fd/1 stdout
ln -s fd/2 stderr
exec chroot "$root" /usr/local/lib/lab/light-init`;

/**
 * Switches a host on and does not wait for it. The host lives in mount and network namespaces and cgroups of its
 * own and does not need this program any more; all its mounts go with its last process.
 */
export async function boot(lab: LabState, host: HostState): Promise<void> {
  const folder = hostFolder(lab.name, host.name);
  if (!existsSync(join(folder, 'upper'))) await prepare(lab, host);
  await detach(commandOf(lab, host), join(folder, 'console.log'));
}

/** What a first boot needs. The upper layer comes last: with it, all the rest is there. */
async function prepare(lab: LabState, host: HostState): Promise<void> {
  const folder = hostFolder(lab.name, host.name);
  const [snapshot] = host.layers;
  await rm(join(folder, 'bound'), {recursive: true, force: true});
  if (snapshot) await copyTree(join(snapshot, '../bound'), join(folder, 'bound'));
  for (const name of ['work', 'root', ...BOUND.map((bound) => `bound/${bound}`)]) {
    await mkdir(join(folder, name), {recursive: true});
  }
  await (snapshot ? layKeys(lab, host) : layIdentity(lab, host));
  await mkdir(join(folder, 'upper'));
}

/** The last lines that a host printed while it booted. */
export function consoleOf(lab: string, host: string): string {
  const file = join(hostFolder(lab, host), 'console.log');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n') : '';
}

/** Returns once the host is plugged in and in its cgroups: from then on, an empty cgroup is a host that ended. */
async function detach([program = '', ...args]: readonly string[], log: string): Promise<void> {
  const output = openSync(log, 'w');
  const child = spawn(program, args, {detached: true, stdio: ['ignore', output, output, 'pipe']});
  child.unref();
  closeSync(output);
  const entered = child.stdio[3];
  if (entered instanceof Readable) await once(entered.resume(), 'close');
}

/** From the outside to the inside. The lock is for two that would boot one host at the same time. */
function commandOf(lab: LabState, host: HostState): readonly string[] {
  const unit = hostUnit(lab.name, host.name);
  const folder = hostFolder(lab.name, host.name);
  const isLight = lab.kind === 'light';
  const lower = [...host.layers, lab.rootfs].join(':');
  const cgroups = makeCgroups(unit);
  return [
    ['sh', '-c', powered(plugScript(lab.name, {host: host.name, index: host.index})), 'power'],
    [...cgroups.power, '--'],
    ['flock', '--nonblock', '--conflict-exit-code', '75', join(folder, 'lock')],
    ['sh', '-c', `${ENTER}; exec "$@"`, 'enter', ...cgroups.host, '--'],
    isLight ? lightNamespaces(unit) : ['unshare', '--mount', '--propagation', 'slave'],
    ['sh', '-c', ROOT, 'root', folder, lower],
    isLight ? ['sh', '-c', LIGHT, 'light', join(folder, 'root')] : nspawn(unit, folder, host),
  ].flat();
}

/** The machine's clock is not a host's to set. */
function lightNamespaces(unit: string): readonly string[] {
  return [
    ['nsenter', `--net=${namespacePath(unit)}`, '--', 'setpriv', '--bounding-set', '-sys_time', '--'],
    ['unshare', '--mount', '--propagation', 'slave', '--uts', '--ipc', '--pid', '--fork', '--kill-child'],
  ].flat();
}

/** Without the system calls named here, runc cannot make a session keyring nor load its device filter. */
function nspawn(unit: string, folder: string, host: HostState): readonly string[] {
  const devices = ['/dev/kmsg', '/dev/fuse'].filter((device) => existsSync(device));
  return [
    ['env', 'SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes', 'SYSTEMD_NSPAWN_USE_CGNS=1', 'SYSTEMD_NSPAWN_LOCK=0'],
    [`SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=${usesCgroup2() ? 1 : 0}`],
    ['systemd-nspawn', '--quiet', '--boot', '--register=no', '--keep-unit', '--link-journal=no'],
    [`--directory=${join(folder, 'root')}`, `--machine=${unit}`, `--hostname=${host.name}`],
    [`--network-namespace-path=${namespacePath(unit)}`, '--resolv-conf=off', '--timezone=off'],
    ['--capability=all', '--drop-capability=CAP_SYS_TIME', '--system-call-filter=@known @keyring bpf'],
    devices.map((path) => `--bind=${path}`),
    existsSync('/lib/modules') ? ['--bind-ro=/lib/modules'] : [],
    BOUND.map((name) => `--bind=${join(folder, 'bound', name)}:/var/lib/${name}`),
  ].flat();
}
