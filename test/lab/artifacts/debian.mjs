// Layers with programs of Debian, for images that need more than one static program.
import {existsSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {ARCH, CACHE, digestOf, writeWhole} from './cache.mjs';
import {polite} from './compile.mjs';

/** What nothing that runs in a container reads: manuals, conversion tables, and Perl, which the packages' scripts want. */
const DISPENSABLE = [
  'usr/share/{doc,man,locale,info,lintian,bash-completion,zoneinfo,perl,perl5}',
  'usr/lib/*/{gconv,perl,perl5,perl-base}',
  'usr/lib/*/libperl.so.*',
  'usr/bin/perl*',
];

/**
 * What decides which layer is wanted. The packages' versions do not: a layer stays as it was made until it is forced.
 * @param {readonly string[]} packages
 */
export const inputsOfLayer = (packages) => digestOf([packages, DISPENSABLE, suite(), ARCH]);

/**
 * Packages and what they need, extracted into a tar; their scripts have not run.
 * @param {readonly string[]} packages
 * @param {{readonly report: (line: string) => void, readonly force: boolean}} means
 * @returns {Uint8Array}
 */
export function layerOf(packages, {report, force}) {
  const path = join(CACHE, 'layers', `${inputsOfLayer(packages)}.tar`);
  if (existsSync(path) && !force) return readFileSync(path);
  report(`extracting ${packages.join(' ')}`);
  const part = join(CACHE, `layer-${process.pid}.tar`);
  try {
    polite(CACHE, extraction(packages, part), {SOURCE_DATE_EPOCH: '0'});
    writeWhole(path, readFileSync(part));
  } finally {
    rmSync(part, {force: true});
  }
  return readFileSync(path);
}

/**
 * @param {readonly string[]} packages
 * @param {string} target
 */
function extraction(packages, target) {
  const removal = `--extract-hook=cd "$1" && bash -c 'rm -rf ${DISPENSABLE.join(' ')}'`;
  const proxies = proxySettings().map((setting) => `--aptopt=${setting}`);
  const options = ['--variant=extract', '--format=tar', '--quiet', '--skip=output/dev'];
  const include = `--include=${packages.join(',')}`;
  return ['mmdebstrap', ...options, include, removal, ...proxies, suite(), target, ...sources()];
}

const suite = () => /^VERSION_CODENAME=(.+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';

/** Where this machine gets its own packages from, as entries in one line each. */
function sources() {
  const format = '--format=$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const targets = polite('/', ['apt-get', 'indextargets', format, 'Created-By: Packages', 'Origin: Debian']);
  const lines = targets.split('\n').filter(Boolean).map((target) => `deb ${target.replaceAll('|', ' ')}`);
  return [...new Set(lines)].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The machine's proxies for apt: mmdebstrap does not read its settings. */
const proxySettings = () =>
  polite('/', ['apt-config', 'dump'])
    .split('\n')
    .filter((line) => /^Acquire::https?::Proxy\b/i.test(line));
