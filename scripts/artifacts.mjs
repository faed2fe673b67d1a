#!/usr/bin/env node
// Keeps the tables of releases: `add NAME VERSION` reads the publisher's checksum files and adds one line to each table of
// that name, `check [NAME]` compares every line with what the publisher says now. Nothing but data changes.
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {rcompare, valid} from 'semver';
import {parse} from 'yaml';

const ROLES = join(dirname(fileURLToPath(import.meta.url)), '..', 'roles');
const FILE = 'kubernetes_artifacts/defaults.yaml';
const ARCHS = ['amd64', 'arm64'];
const GITHUB = 'https://github.com';

/**
 * @typedef {object} Table
 * @property {string} name of the variable
 * @property {(version: string, read: Read) => Promise<Readonly<Record<string, string>>>} line what the publisher says
 */

/** @typedef {(url: string) => Promise<string>} Read */

/**
 * @param {string} name
 * @param {(version: string, arch: string) => {readonly list: string, readonly member: string}} place
 * @returns {Table}
 */
const digests = (name, place) => ({
  name,
  async line(version, read) {
    const found = ARCHS.map(async (arch) => [arch, await digest(place(version, arch), read)]);
    return Object.fromEntries(await Promise.all(found));
  },
});

/**
 * A checksum file is the digest alone, or a list of digests with names.
 * @param {{readonly list: string, readonly member: string}} place
 * @param {Read} read
 */
async function digest({list, member}, read) {
  const lines = (await read(list))
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/));
  const [found] = lines.find(([, name]) => name === undefined || name.endsWith(member)) ?? [];
  if (found === undefined || !/^[0-9a-f]{64}$/.test(found))
    throw new Refusal(`${list} has no SHA-256 of ${member}.`);
  return found;
}

/** @param {string} program */
const kubernetes = (program) =>
  digests(`${program}_checksums`, (version, arch) => ({
    list: `https://dl.k8s.io/release/v${version}/bin/linux/${arch}/${program}.sha256`,
    member: program,
  }));

/**
 * What kubeadm starts stands in its source.
 * @type {Table}
 */
const IMAGES = {
  name: 'kubeadm_images',
  async line(version, read) {
    const path = `v${version}/cmd/kubeadm/app/constants/constants.go`;
    const source = await read(`https://raw.githubusercontent.com/kubernetes/kubernetes/${path}`);
    const constant = (name) => {
      const value = new RegExp(`\\b${name} = "([^"]+)"`).exec(source)?.[1];
      if (value === undefined) throw new Refusal(`kubeadm ${version} says nothing about ${name}.`);
      return value;
    };
    const etcd = constant('DefaultEtcdVersion');
    const crictl = `${version.split('.').slice(0, 2).join('.')}.0`;
    const [pause, coredns] = ['PauseVersion', 'CoreDNSVersion'].map(constant);
    return {pause, etcd, etcd_version: etcd.replace(/-\d+$/, ''), coredns, crictl};
  },
};

/** @type {Readonly<Record<string, readonly Table[]>>} */
const TABLES = {
  kubernetes: [IMAGES, ...['kubeadm', 'kubelet', 'kubectl'].map(kubernetes)],
  etcd: [
    digests('etcd_checksums', (version, arch) => ({
      list: `${GITHUB}/etcd-io/etcd/releases/download/v${version}/SHA256SUMS`,
      member: `etcd-v${version}-linux-${arch}.tar.gz`,
    })),
  ],
  containerd: [
    digests('containerd_archive_checksums', (version, arch) => {
      const member = `containerd-${version}-linux-${arch}.tar.gz`;
      return {
        list: `${GITHUB}/containerd/containerd/releases/download/v${version}/${member}.sha256sum`,
        member,
      };
    }),
  ],
  runc: [
    digests('runc_checksums', (version, arch) => ({
      list: `${GITHUB}/opencontainers/runc/releases/download/v${version}/runc.sha256sum`,
      member: `runc.${arch}`,
    })),
  ],
  cni: [
    digests('cni_checksums', (version, arch) => {
      const member = `cni-plugins-linux-${arch}-v${version}.tgz`;
      return {
        list: `${GITHUB}/containernetworking/plugins/releases/download/v${version}/${member}.sha256`,
        member,
      };
    }),
  ],
  crictl: [
    digests('crictl_checksums', (version, arch) => {
      const member = `crictl-v${version}-linux-${arch}.tar.gz`;
      return {
        list: `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v${version}/${member}.sha256`,
        member,
      };
    }),
  ],
};

/** Something that a person has to know, without a stack. */
class Refusal extends Error {}

/**
 * With a mirror, `https://HOST/PATH` is read from `MIRROR/HOST/PATH`.
 * @param {string | undefined} mirror
 * @returns {Read}
 */
function reader(mirror) {
  return async (url) => {
    const address =
      mirror === undefined ? url : `${mirror.replace(/\/$/, '')}/${url.replace(/^https:\/\//, '')}`;
    const answer = await fetch(address, {signal: AbortSignal.timeout(30_000)}).catch((error) => {
      const why = error.cause?.message ?? error.message;
      throw new Refusal(
        `${address} cannot be reached (${why}). This needs a way to the publisher, or --mirror.`,
      );
    });
    if (!answer.ok) throw new Refusal(`${address} answers ${answer.status}.`);
    return answer.text();
  };
}

/**
 * The file with one line more, the newest version first.
 * @param {string} text
 * @param {string} table
 * @param {string} version
 * @param {Readonly<Record<string, string>>} values
 */
function withLine(text, table, version, values) {
  const lines = text.split('\n');
  const start = lines.indexOf(`${table}:`) + 1;
  if (start === 0) throw new Refusal(`There is no table ${table}.`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('  '));
  const rows = lines.slice(start, length < 0 ? undefined : start + length);
  const older = rows.findIndex((line) => rcompare(line.trim().split(':')[0], version) > 0);
  const words = Object.entries(values).map(([key, value]) => `${key}: ${value}`);
  const at = start + (older < 0 ? rows.length : older);
  return lines.toSpliced(at, 0, `  ${version}: {${words.join(', ')}}`).join('\n');
}

/**
 * All is read before anything is written.
 * @param {string} roles
 * @param {readonly Table[]} tables
 * @param {string} version
 * @param {Read} read
 */
async function add(roles, tables, version, read) {
  const file = join(roles, FILE);
  const text = readFileSync(file, 'utf8');
  const known = parse(text);
  for (const {name} of tables) if (known[name][version]) throw new Refusal(`${name} has ${version} already.`);
  const found = await Promise.all(tables.map(({line}) => line(version, read)));
  const more = tables.reduce((before, {name}, index) => withLine(before, name, version, found[index]), text);
  writeFileSync(file, more);
  return tables.map(({name}) => `${FILE}: ${name} has ${version} now.`);
}

/**
 * @param {string} roles
 * @param {readonly Table[]} tables
 * @param {Read} read
 */
async function check(roles, tables, read) {
  const wrong = [];
  const known = parse(readFileSync(join(roles, FILE), 'utf8'));
  for (const {name, line} of tables) {
    for (const [version, values] of Object.entries(known[name])) {
      const published = await line(version, read);
      for (const [key, value] of Object.entries(published))
        if (values[key] !== value)
          wrong.push(`${name} ${version} ${key}: ${values[key]} here, ${value} published.`);
    }
  }
  if (wrong.length > 0) throw new Refusal(wrong.join('\n'));
  return [`${tables.length} tables are as their publishers say.`];
}

const USAGE = `Usage: node scripts/artifacts.mjs add NAME VERSION | check [NAME]   [--mirror URL] [--roles DIR]
NAME is one of ${Object.keys(TABLES).join(', ')}.`;

async function main() {
  const {values, positionals} = parseArgs({
    options: {mirror: {type: 'string'}, roles: {type: 'string', default: ROLES}},
    allowPositionals: true,
  });
  const [command, name, version] = positionals;
  const tables = name === undefined ? Object.values(TABLES).flat() : TABLES[name];
  const read = reader(values.mirror);
  if (tables && command === 'check') return check(values.roles, tables, read);
  if (!tables || command !== 'add' || !valid(version)) throw new Refusal(USAGE);
  return add(values.roles, tables, version, read);
}

try {
  console.log((await main()).join('\n'));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
