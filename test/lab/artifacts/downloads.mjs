// What publishers publish, from where they do: nothing that can be had there is built.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {ARCH, CACHE, digestOf, HERE} from './cache.mjs';
import {forArch} from './pack.mjs';
import {VERSIONS} from './programs.mjs';

/** @typedef {import('./recipes.mjs').Recipe} Recipe */
/** @typedef {import('./cache.mjs').Built} Built */

const MAIN = fileURLToPath(new URL('../../../dist/bin/provision.js', import.meta.url));
const FIRST = 'https://dl.k8s.io';
const PATIENCE_MS = 5_000;

/** What to download is what an inventory of these versions needs: addresses and digests are the roles'. */
const INVENTORY = {
  all: {
    vars: {
      containerd_version: VERSIONS.containerd,
      runc_version: VERSIONS.runc,
      cni_version: VERSIONS.cniPlugins,
      kube_version: VERSIONS.kubernetes,
      flannel_image_tag: `v${VERSIONS.flannel}`,
      metrics_server_image_tag: `v${VERSIONS.metricsServer}`,
      agnhost_image_tag: VERSIONS.agnhost,
      crictl_enabled: false,
      metrics_server_enabled: true,
      kube_network_plugin: 'flannel',
    },
    children: {
      kube_control_plane: {hosts: {'cp[1:2]': {}}},
      etcd: {hosts: {cp1: {}}},
      kube_node: {hosts: {w1: {}}},
    },
  },
};

const KUBE_VIP = JSON.stringify({kube_vip_enabled: true, kube_vip_arp_enabled: true, kube_vip_address: '192.0.2.99'});

/** The playbooks and settings that need all of a set between them. */
const RUNS = {
  runtime: [['runtime.yaml']],
  kubernetes: [
    [join(HERE, '../../../playbooks/cluster.yaml')],
    [join(HERE, '../../../playbooks/cluster.yaml'), '-e', 'etcd_deployment_type=host'],
    [join(HERE, '../../../playbooks/cluster.yaml'), '-e', KUBE_VIP],
  ],
};
const RUNTIME_PLAYBOOK = '- {play: runtime, hosts: all, roles: [containerd]}\n';

/**
 * How a recipe is called where it is published; `undefined` where that is nowhere.
 * @param {Recipe} recipe
 */
function publishedName({file, image, variables}) {
  if (image) return image.published ?? (image.reference.startsWith('lab.invalid/') ? undefined : repositoryOf(image.reference));
  return variables === undefined ? undefined : forArch(file);
}

/**
 * Without registry and tag.
 * @param {string} reference
 */
const repositoryOf = (reference) => reference.replace(/^[^/]*\//, '').replace(/:[^:/]*$/, '');

/**
 * Changes with what is published under its name.
 * @param {Recipe} recipe
 */
export const publishedInputs = (recipe) => digestOf(['published', recipe.name, recipe.version, ARCH, INVENTORY]);

/**
 * All of these sets, into the cache; empty where there is no way out, or where not all of it can be had. `more` are
 * further words for `provision bundle create`.
 * @param {readonly Recipe[]} recipes
 * @param {{readonly report: (line: string) => void, readonly more: readonly string[]}} options
 * @returns {Promise<ReadonlyMap<string, Built>>} by name
 */
export async function downloaded(recipes, {report, more}) {
  const first = more.map((word) => /^files_repo=(.*)$/.exec(word)?.[1]).find(Boolean) ?? FIRST;
  const found = new Map();
  const wanted = recipes.filter((recipe) => publishedName(recipe) !== undefined);
  if (wanted.length === 0) return found;
  const why = await unreachable(first);
  if (why !== undefined) {
    report(`${first} cannot be reached (${why}): what lab hosts run is built`);
    return found;
  }
  for (const set of new Set(wanted.map((recipe) => recipe.set))) {
    const index = bundled(set, {report, more});
    if (index === undefined) return new Map();
    for (const recipe of wanted.filter((each) => each.set === set)) {
      const built = inIndex(recipe, index);
      if (built) found.set(recipe.name, built);
    }
  }
  return found;
}

/**
 * Any answer is one; the reason, where there is none.
 * @param {string} address
 */
async function unreachable(address) {
  try {
    await fetch(address, {method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS)});
    return undefined;
  } catch (error) {
    return error.cause?.code ?? error.cause?.message ?? error.message;
  }
}

/** @typedef {{readonly files: readonly {sha256: string, size: number, source: string}[], readonly images: readonly {name: string, sha256: string}[]}} Index */

/**
 * The members of a bundle are called as files of the cache are.
 * @param {'runtime' | 'kubernetes'} set
 * @param {{readonly report: (line: string) => void, readonly more: readonly string[]}} options
 * @returns {Index | undefined}
 */
function bundled(set, {report, more}) {
  mkdirSync(CACHE, {recursive: true});
  const folder = mkdtempSync(join(CACHE, '.part-'));
  try {
    writeFileSync(join(folder, 'inventory.yaml'), JSON.stringify(INVENTORY));
    writeFileSync(join(folder, 'runtime.yaml'), RUNTIME_PLAYBOOK);
    const indexes = [];
    for (const playbook of RUNS[set]) {
      report(`downloading what ${set === 'runtime' ? 'containers' : 'Kubernetes'} need${set === 'runtime' ? '' : 's'}`);
      const words = ['bundle', 'create', 'inventory.yaml', '--arch', ARCH, '--out', 'bundle.tar', ...more, '--playbook', ...playbook];
      const {status} = spawnSync(process.execPath, [MAIN, ...words], {cwd: folder, stdio: ['ignore', 'ignore', 'inherit']});
      if (status !== 0) {
        report('not all of it can be had: it is built');
        return undefined;
      }
      const shown = execFileSync(process.execPath, [MAIN, 'bundle', 'show', 'bundle.tar', '--format', 'json'], {cwd: folder});
      indexes.push(JSON.parse(shown.toString()));
      execFileSync('tar', ['-xf', 'bundle.tar', '-C', CACHE, '--skip-old-files', '--exclude', 'bundle.json'], {cwd: folder});
    }
    return {files: indexes.flatMap(({files}) => files), images: indexes.flatMap(({images}) => images)};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/**
 * @param {Recipe} recipe
 * @param {Index} index
 * @returns {Built | undefined}
 */
function inIndex(recipe, {files, images}) {
  const name = publishedName(recipe);
  const image = recipe.image && images.find((each) => repositoryOf(each.name) === name);
  const file = files.find(({sha256, source}) => (recipe.image ? sha256 === image?.sha256 : basename(source) === name));
  if (!file) return undefined;
  return {
    name: recipe.name,
    version: recipe.version,
    arch: ARCH,
    file: forArch(recipe.file),
    sha256: file.sha256,
    size: file.size,
    path: join(CACHE, 'sha256', file.sha256),
    inputs: publishedInputs(recipe),
    published: true,
    ...(image && {reference: image.name}),
  };
}
