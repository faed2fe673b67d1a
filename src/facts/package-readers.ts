import type {PackageState} from './package.ts';

/** Reads what a tool printed, and its locks. `undefined` where the tool failed rather than found nothing. */
export type PackageReader = (
  text: string,
  exitCode: number,
  locks: string,
) => ReadonlyMap<string, PackageState> | undefined;

/** In these states the program of a package is in place and configured. */
const DPKG_INSTALLED: ReadonlySet<string> = new Set(['installed', 'triggers-awaited', 'triggers-pending']);

/** `dpkg-query` ends with 1 where a name is not there, and with 2 where it could not read. */
export const readDpkg: PackageReader = (text, exitCode) => {
  if (exitCode > 1) return undefined;
  const found = new Map<string, PackageState>();
  for (const line of text.split('\n')) {
    const [name, want, status = '', version = ''] = line.split('\t');
    if (name === undefined || want === undefined) continue;
    const state = dpkgStatus(status);
    if (state === undefined) continue;
    const each: PackageState = {status: state, versions: [version], held: want === 'hold'};
    found.set(name, each);
    // A foreign architecture is asked for by `name:arch`; a bare name means the first one that is installed.
    const bare = name.slice(0, name.indexOf(':'));
    if (found.get(bare)?.status !== 'installed') found.set(bare, each);
  }
  return found;
};

const dpkgStatus = (status: string): PackageState['status'] | undefined => {
  if (DPKG_INSTALLED.has(status)) return 'installed';
  return status === 'config-files' ? 'config-files' : undefined;
};

/** What `rpm -q` prints where it could look. Its exit code counts the names that it did not find. */
const RPM_LINE = /^(?:$|[^\t]+\t|package .* is not installed$|warning: )/;

/** busybox has an `rpm` of its own that knows less: only lines that are understood are believed. */
export const readRpm: PackageReader = (text, _exitCode, locks) => {
  if (!text.split('\n').every((line) => RPM_LINE.test(line))) return undefined;
  const locked = rpmLocks(locks);
  const found = new Map<string, PackageState>();
  for (const [name, version, arch] of text.split('\n').map((line) => line.split('\t'))) {
    if (name === undefined || version === undefined) continue;
    for (const each of [name, `${name}.${arch}`]) {
      const versions = [...(found.get(each)?.versions ?? []), version.replace(/^0:/, '')];
      found.set(each, {status: 'installed', versions, held: locked(name)});
    }
  }
  return found;
};

/** dnf 4 lists `name-epoch:version-release.*`, dnf 5 and zypper have records with a name each. */
function rpmLocks(locks: string): (name: string) => boolean {
  const names = new Set<string>();
  for (const line of locks.split('\n')) {
    const match =
      /^\s*name\s*=\s*"([^"]+)"/.exec(line) ??
      /^solvable_name:\s*(\S+)/.exec(line) ??
      /^(?!!|#)(\S+)-\d+:\S+$/.exec(line.trim());
    if (match?.[1] !== undefined) names.add(match[1]);
  }
  return (name) => names.has(name);
}

/** `apk info -v` prints `name-version-rN`; a version in the world file pins. */
export const readApk: PackageReader = (text, exitCode, locks) => {
  if (exitCode !== 0) return undefined;
  const pinned = new Set(locks.split(/\s+/).flatMap((word) => /^([^=<>~@]+)=/.exec(word)?.[1] ?? []));
  const found = new Map<string, PackageState>();
  for (const line of text.split('\n')) {
    const match = /^(.+)-(\d[^-]*-r\d+)$/.exec(line.trim());
    if (match?.[1] === undefined || match[2] === undefined) continue;
    found.set(match[1], {status: 'installed', versions: [match[2]], held: pinned.has(match[1])});
  }
  return found;
};
