// What is packed, out of which programs, into which layout. The images stand in images.mjs.
import {IMAGES} from './images.mjs';
import {VERSIONS} from './programs.mjs';

/**
 * @typedef {object} Recipe
 * @property {string} name
 * @property {string} version
 * @property {'runtime' | 'kubernetes'} set
 * @property {string} file the name of the release file; `ARCH` stands for the architecture
 * @property {'tar' | 'file' | 'image'} pack
 * @property {string} [source] of all that an archive holds
 * @property {string} [program] the file itself
 * @property {string} [prefix] of the members of an archive; `ARCH` as above
 * @property {Readonly<Record<string, string>>} [names] of members that are called otherwise than their programs
 * @property {import('./images.mjs').Image} [image]
 * @property {Readonly<Record<string, string>>} [tells] variables that are otherwise than with published releases
 * @property {Readonly<Record<string, string>>} [states] variables that say which version it is
 * @property {string} [variables] how the variables of the roles begin: `_src` and `_checksum` follow
 */

/** @type {readonly Recipe[]} */
const RUNTIME = [
  {
    name: 'containerd',
    version: VERSIONS.containerd,
    set: 'runtime',
    file: `containerd-${VERSIONS.containerd}-linux-ARCH.tar.gz`,
    pack: 'tar',
    source: 'containerd',
    prefix: 'bin/',
    variables: 'containerd_archive',
  },
  {
    name: 'runc',
    version: VERSIONS.runc,
    set: 'runtime',
    file: 'runc.ARCH',
    pack: 'file',
    source: 'runc',
    program: 'runc',
    variables: 'runc_binary',
  },
  {
    name: 'cni-plugins',
    version: VERSIONS.cniPlugins,
    set: 'runtime',
    file: `cni-plugins-linux-ARCH-v${VERSIONS.cniPlugins}.tgz`,
    pack: 'tar',
    source: 'cni-plugins',
    prefix: '',
    variables: 'cni_archive',
  },
];

/**
 * A program that is released as it is.
 * @param {string} name
 * @returns {Recipe}
 */
const kubernetesProgram = (name) => ({
  name,
  version: VERSIONS.kubernetes,
  set: 'kubernetes',
  file: name,
  pack: 'file',
  source: 'kubernetes',
  program: name,
  states: {kube_version: VERSIONS.kubernetes},
  variables: `${name}_binary`,
});

/** @type {readonly Recipe[]} */
const KUBERNETES = [
  ...['kubeadm', 'kubelet', 'kubectl'].map(kubernetesProgram),
  {
    name: 'etcd',
    version: VERSIONS.etcd,
    set: 'kubernetes',
    file: `etcd-v${VERSIONS.etcd}-linux-ARCH.tar.gz`,
    pack: 'tar',
    source: 'etcd',
    prefix: `etcd-v${VERSIONS.etcd}-linux-ARCH/`,
    names: {server: 'etcd'},
    // What the pinned module says of itself; the release that it stands for is an earlier one.
    tells: {etcd_version: '3.7.3'},
    variables: 'etcd_archive',
  },
];

/** @type {readonly Recipe[]} */
const PACKED_IMAGES = IMAGES.map((image) => ({
  name: image.name,
  version: image.version,
  set: image.set,
  file: `${image.name}-${image.version}-ARCH.tar`,
  pack: 'image',
  image,
  tells: image.tells,
  variables: image.variables,
}));

export const RECIPES = [...RUNTIME, ...KUBERNETES, ...PACKED_IMAGES];
