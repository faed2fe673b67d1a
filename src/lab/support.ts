import {accessSync, constants, readFileSync} from 'node:fs';
import {delimiter, join} from 'node:path';

/** Whether this machine can run a lab. Tests skip with the reason. */
type LabSupport = {readonly ok: true} | {readonly ok: false; readonly reason: string};

/** The Debian package of each program that a lab calls. */
const TOOLS: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sysctl: 'procps',
};

/** The packages that have to be installed before a lab can run here. */
export function missingPackages(): readonly string[] {
  const missing = Object.entries(TOOLS).filter(([tool]) => !isProgram(tool));
  return [...new Set(missing.map(([, name]) => name))];
}

/** Answers without changing anything. */
export function labSupport(): LabSupport {
  const reason = obstacle();
  return reason ? {ok: false, reason} : {ok: true};
}

function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root';
  if (!hasCapability(21)) return 'the lab needs CAP_SYS_ADMIN, which this container does not have';
  if (!hasCapability(12)) return 'the lab needs CAP_NET_ADMIN, which this container does not have';
  if (!/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) return 'the lab needs overlayfs';
  if (!/ - cgroup2? /.test(readFileSync('/proc/self/mountinfo', 'utf8'))) return 'the lab needs cgroups';
  if (!isProgram('apt-get')) return 'the lab needs apt, of which its hosts are made';
  return undefined;
}

function hasCapability(bit: number): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n;
}

function isProgram(name: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
