import {existsSync} from 'node:fs';
import {chmod, mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {sha256Hex} from '../base/sha256-hex.ts';
import {type DebianSource, debianSource, proxySettings} from './apt.ts';
import {whileLocked} from './lock.ts';
import {labCacheFolder} from './places.ts';
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
  const target = join(labCacheFolder(), `rootfs-${digest(source.lines)}`);
  if (existsSync(target)) return target;
  return whileLocked(join(labCacheFolder(), 'build.lock'), async () => {
    if (existsSync(target)) return target;
    report('Building the root file system of the lab hosts (about half a minute, once)');
    return build(source, target);
  });
}

/** Complete or not there: a folder under its final name is one that hosts may stand on. */
async function build(source: DebianSource, target: string): Promise<string> {
  const partial = join(labCacheFolder(), 'partial');
  const root = join(partial, 'root');
  await rm(partial, {recursive: true, force: true});
  await mkdir(partial, {recursive: true});
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
  return sha256Hex(recipe).slice(0, 16);
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

async function writeRootFiles(root: string): Promise<void> {
  for (const {path, mode, text} of ROOT_FILES) {
    const file = join(root, path);
    await mkdir(dirname(file), {recursive: true});
    await writeFile(file, text);
    await chmod(file, mode);
  }
}
