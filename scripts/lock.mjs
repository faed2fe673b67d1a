// `npm run lock`: writes package-lock.json, without addresses of a registry and with an entry for every optional
// package. Those of other platforms may be missing where the registry at hand does not hold them; `npm ci` wants
// them to be named all the same.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';

const FILE = 'package-lock.json';
const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

execFileSync('npm', ['install', '--package-lock-only'], {stdio: 'inherit'});
const lock = JSON.parse(readFileSync(FILE, 'utf8'));
for (const [path, entry] of Object.entries(lock.packages)) {
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (path !== '' && !found(path, name))
      lock.packages[`node_modules/${name}`] = platformPackage(name, version, entry);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);

function found(path, name) {
  return `${path}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages;
}

/** What the name says of where it is for. Without a digest: npm takes it from the registry that has it. */
function platformPackage(name, version, {dev}) {
  const words = name.split(/[/.-]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const processor = PROCESSORS.filter(
    (each) => words.includes(each) || (each === 'arm' && words.some((word) => /^arm(v7|eabi)/.test(word))),
  );
  const cpu = processor.length > 0 ? processor : words.some((word) => /^armeabi/.test(word)) ? ['arm'] : [];
  if (os.length === 0 && cpu.length === 0)
    throw new Error(`${name} is in no registry at hand, and its name tells no platform`);
  return {
    version,
    ...(cpu.length > 0 ? {cpu} : {}),
    ...(dev ? {dev} : {}),
    ...(words.includes('musl') || words.includes('musleabihf') ? {libc: ['musl']} : {}),
    optional: true,
    ...(os.length > 0 ? {os} : {}),
  };
}
