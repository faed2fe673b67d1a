// What is compiled, from which modules. Every module is pinned by the go.sum of its folder.

export const VERSIONS = {
  containerd: '2.2.1',
  runc: '1.4.3',
  cniPlugins: '1.9.1',
  hello: '1.0',
  movingAddress: '1.0',
  kubernetes: '1.36.3',
  pause: '3.10.2',
  etcd: '3.6.8',
  coredns: '1.14.2',
  flannel: '0.28.4',
  flannelPlugin: '0.9.1',
  metricsServer: '0.9.0',
  agnhost: '2.63.0',
};

/**
 * @typedef {object} Source
 * @property {string} folder where its module is, beside this file
 * @property {string} [ldflags]
 * @property {string[]} [tags]
 * @property {boolean} [cgo]
 * @property {{readonly module?: string, readonly file: string, readonly flags: readonly string[]}} [c] a C program among
 *   the files of a module, or in the folder itself, instead of Go programs
 */

const STATIC = ['-Wall', '-Werror', '-static', '-s', '-Wl,--build-id=none'];
const KUBERNETES = 'k8s.io/component-base/version';
const [MAJOR, MINOR] = VERSIONS.kubernetes.split('.');

/** @type {Readonly<Record<string, Source>>} */
export const SOURCES = {
  containerd: {
    folder: 'modules/containerd',
    ldflags: `-X github.com/containerd/containerd/v2/version.Version=v${VERSIONS.containerd}`,
  },
  runc: {
    folder: 'modules/runc',
    ldflags: `-X main.version=${VERSIONS.runc} -extldflags -static`,
    tags: ['seccomp', 'netgo', 'osusergo'],
    cgo: true,
  },
  'cni-plugins': {
    folder: 'modules/cni-plugins',
    ldflags: `-X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=v${VERSIONS.cniPlugins}`,
  },
  hello: {folder: 'hello', c: {file: 'hello.c', flags: ['-Os', ...STATIC]}},
  'moving-address': {folder: 'moving-address'},
  kubernetes: {
    folder: 'modules/kubernetes',
    ldflags: [
      `-X ${KUBERNETES}.gitVersion=v${VERSIONS.kubernetes}`,
      `-X ${KUBERNETES}.gitMajor=${MAJOR}`,
      `-X ${KUBERNETES}.gitMinor=${MINOR}`,
      `-X ${KUBERNETES}.gitTreeState=clean`,
      `-X ${KUBERNETES}.gitCommit=${'0'.repeat(40)}`,
      `-X ${KUBERNETES}.buildDate=1970-01-01T00:00:00Z`,
    ].join(' '),
  },
  pause: {
    folder: 'modules/kubernetes',
    c: {
      module: 'k8s.io/kubernetes',
      file: 'build/pause/linux/pause.c',
      flags: ['-Os', ...STATIC, `-DVERSION=v${VERSIONS.pause}`],
    },
  },
  etcd: {folder: 'modules/etcd'},
  coredns: {
    folder: 'modules/coredns',
    ldflags: `-X github.com/coredns/coredns/coremain.GitCommit=v${VERSIONS.coredns}`,
  },
  flannel: {
    folder: 'modules/flannel',
    ldflags: `-X github.com/flannel-io/flannel/pkg/version.Version=v${VERSIONS.flannel} -extldflags -static`,
    tags: ['netgo', 'osusergo'],
    cgo: true,
  },
  'cni-flannel': {folder: 'modules/cni-flannel'},
  'metrics-server': {
    folder: 'modules/metrics-server',
    ldflags: `-X ${KUBERNETES}.gitVersion=v${VERSIONS.metricsServer}`,
  },
};
