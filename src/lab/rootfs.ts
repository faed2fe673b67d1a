import {createHash} from 'node:crypto';
import {chmod, mkdir, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {debianSource, proxySettings} from './apt.ts';
import {cacheFolder} from './places.ts';
import {OPS_PASSWORD, ROOT_FILES, SETUP} from './rootfs-files.ts';
import {type Argv, must} from './run.ts';

/** What a small server has, and what a node of a cluster is expected to have. */
const PACKAGES = [
  'systemd,systemd-sysv,dbus,openssh-server,sudo,ca-certificates',
  'iproute2,iputils-ping,iptables,nftables,ebtables,ipset,conntrack,ethtool,socat',
  'kmod,procps,util-linux,e2fsprogs,tar,gzip,xz-utils,busybox,libfaketime',
].join(',');

/** The folder of the root file system that all hosts share, built first where the cache has none. */
export async function rootfs(report: (line: string) => void): Promise<string> {
  const source = await debianSource();
  const target = join(cacheFolder(), `rootfs-${digest(source.lines)}`);
  if (await exists(target)) return target;
  report('Building the root file system of the lab hosts (about half a minute, once)');
  const partial = await emptyPartial(target);
  const root = join(partial, 'root');
  await must(building(partial, [source.suite, root, ...source.lines], await proxySettings()));
  await writeRootFiles(root);
  await must(['chroot', root, 'sh', '-c', SETUP, 'setup', OPS_PASSWORD]);
  await rename(root, target);
  await rm(partial, {recursive: true});
  return target;
}

/** Changes with everything that a root file system is made of. */
function digest(sources: readonly string[]): string {
  const recipe = JSON.stringify([PACKAGES, ROOT_FILES, SETUP, OPS_PASSWORD, sources]);
  return createHash('sha256').update(recipe).digest('hex').slice(0, 16);
}

/** In a process and mount namespace that die with this program: a killed build leaves nothing but its folder. */
function building(partial: string, operands: readonly string[], proxies: readonly string[]): Argv {
  const bound = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child'];
  const options = [
    ['--variant=minbase', '--format=directory', `--include=${PACKAGES}`],
    ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    proxies.map((setting) => `--aptopt=${setting}`),
  ].flat();
  return ['env', `TMPDIR=${partial}`, ...bound, '--mount-proc', 'mmdebstrap', ...options, ...operands];
}

/** What a build that was killed left is removed; a build that another program still runs has its own folder. */
async function emptyPartial(target: string): Promise<string> {
  await mkdir(dirname(target), {recursive: true});
  for (const name of await readdir(dirname(target))) {
    const pid = /\.partial-(\d+)$/.exec(name)?.[1];
    if (pid && !(await exists(`/proc/${pid}`))) await rm(join(dirname(target), name), {recursive: true});
  }
  const partial = `${target}.partial-${process.pid}`;
  await mkdir(partial, {recursive: true});
  return partial;
}

async function writeRootFiles(root: string): Promise<void> {
  for (const {path, mode, text} of ROOT_FILES) {
    const file = join(root, path);
    await mkdir(dirname(file), {recursive: true});
    await writeFile(file, text);
    await chmod(file, mode);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
