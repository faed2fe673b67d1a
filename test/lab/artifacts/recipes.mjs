// What is built, from which modules, into which layout.

const CONTAINERD = '2.2.1';
const RUNC = '1.4.3';
const CNI_PLUGINS = '1.9.1';
const HELLO = '1.0';

/**
 * @typedef {object} Recipe
 * @property {string} name
 * @property {string} version
 * @property {string} folder where its module is, beside this file
 * @property {string} ldflags
 * @property {string[]} tags
 * @property {boolean} cgo
 * @property {(arch: string) => string} file the name of the release file
 * @property {'tar' | 'file' | 'image'} pack
 * @property {string} [prefix] of the members of an archive
 * @property {{readonly src: string, readonly checksum: string}} variables of the roles
 */

/** @type {readonly Recipe[]} */
export const RECIPES = [
  {
    name: 'containerd',
    version: CONTAINERD,
    folder: 'modules/containerd',
    ldflags: `-X github.com/containerd/containerd/v2/version.Version=v${CONTAINERD}`,
    tags: [],
    cgo: false,
    file: (arch) => `containerd-${CONTAINERD}-linux-${arch}.tar.gz`,
    pack: 'tar',
    prefix: 'bin/',
    variables: {src: 'containerd_archive_src', checksum: 'containerd_archive_checksum'},
  },
  {
    name: 'runc',
    version: RUNC,
    folder: 'modules/runc',
    ldflags: `-X main.version=${RUNC} -extldflags -static`,
    tags: ['seccomp', 'netgo', 'osusergo'],
    cgo: true,
    file: (arch) => `runc.${arch}`,
    pack: 'file',
    variables: {src: 'runc_binary_src', checksum: 'runc_binary_checksum'},
  },
  {
    name: 'cni-plugins',
    version: CNI_PLUGINS,
    folder: 'modules/cni-plugins',
    ldflags: `-X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=v${CNI_PLUGINS}`,
    tags: [],
    cgo: false,
    file: (arch) => `cni-plugins-linux-${arch}-v${CNI_PLUGINS}.tgz`,
    pack: 'tar',
    prefix: '',
    variables: {src: 'cni_archive_src', checksum: 'cni_archive_checksum'},
  },
  {
    name: 'hello',
    version: HELLO,
    folder: 'hello',
    ldflags: '',
    tags: [],
    cgo: false,
    file: (arch) => `hello-${HELLO}-${arch}.tar`,
    pack: 'image',
    variables: {src: 'hello_image_src', checksum: 'hello_image_checksum'},
  },
];
