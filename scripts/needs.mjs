// Installs the Debian packages that tests and the lab need, where they are missing.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createInterface} from 'node:readline/promises';

/** A package for each program that the tests call. */
const PROGRAMS = {
  busybox: 'busybox',
  mksh: 'mksh',
  yash: 'yash',
  zsh: 'zsh',
  shellcheck: 'shellcheck',
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  sudo: 'sudo',
  ip: 'iproute2',
  flock: 'util-linux',
  xz: 'xz-utils',
  zstd: 'zstd',
  unzip: 'unzip',
  gcc: 'gcc',
  'pkg-config': 'pkg-config',
};

/** Packages without a program of their own: libraries that runc is linked with. */
const FILES = {'/usr/include/seccomp.h': 'libseccomp-dev'};

const has = (program) =>
  (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin', '/sbin')
    .some((folder) => existsSync(`${folder}/${program}`));

export function missingPackages() {
  const programs = Object.entries(PROGRAMS).filter(([program]) => !has(program));
  const files = Object.entries(FILES).filter(([file]) => !existsSync(file));
  return [...new Set([...programs, ...files].map(([, name]) => name))].sort();
}

/** Whether everything is there at the end. Asks first, unless it runs in CI or was told `--yes`. */
export async function ensurePackages({yes}) {
  const missing = missingPackages();
  if (missing.length === 0) return true;
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.error(`These packages are missing, and only root can install them by apt: ${missing.join(' ')}`);
    return false;
  }
  if (!yes && !(await agreed(missing))) return false;
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
  spawnSync('apt-get', ['update', '-qq'], {stdio: 'inherit', env});
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  return missingPackages().length === 0;
}

async function agreed(missing) {
  if (!process.stdin.isTTY) return false;
  const questions = createInterface({input: process.stdin, output: process.stdout});
  const answer = await questions.question(`Install by apt: ${missing.join(' ')}? [y/N] `);
  questions.close();
  return /^y(es)?$/i.test(answer.trim());
}
