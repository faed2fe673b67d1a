// What the images hold and how they start: as their published counterparts do, as far as a cluster can see.
import {VERSIONS} from './programs.mjs';

/**
 * @typedef {object} Image
 * @property {string} name
 * @property {string} version
 * @property {'runtime' | 'kubernetes'} set
 * @property {string} reference
 * @property {readonly string[]} [debian] packages of a layer below
 * @property {Readonly<Record<string, Content>>} files by path
 * @property {Readonly<Record<string, string>>} [links] targets by path
 * @property {readonly string[]} [open] directories that everybody may write to
 * @property {Readonly<Record<string, unknown>>} config as in the image specification
 * @property {string} [published] its repository where it is published, if that is another
 * @property {Readonly<Record<string, string>>} [tells] see Recipe
 * @property {string} [variables] see Recipe
 */

/**
 * @typedef {{readonly source: string, readonly program: string}
 *   | {readonly folder: string, readonly module: string, readonly published: string}
 *   | {readonly text: string}} Content
 */

const REGISTRY = 'registry.k8s.io';

/** The packages of an extracted layer have run no scripts, so what alternatives would link is linked here. */
const IPTABLES = Object.fromEntries(
  ['iptables', 'ip6tables']
    .flatMap((name) => ['', '-save', '-restore'].map((suffix) => `usr/sbin/${name}${suffix}`))
    .map((path) => [path, 'xtables-nft-multi']),
);
const SHELL = ['dash', 'coreutils', 'libc-bin', 'grep', 'sed'];
const NETWORK = ['iptables', 'nftables', 'conntrack', 'ipset', 'kmod', ...SHELL];
const TOOLS = ['bash', 'bind9-dnsutils', 'curl', 'iperf', 'iproute2', 'netcat-openbsd', 'util-linux'];

const ACCOUNTS = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n';
const GROUPS = 'root:x:0:\nnogroup:x:65534:\n';

/**
 * One of Kubernetes' servers, which kubeadm's manifests call by its bare name.
 * @param {string} name
 * @returns {Image}
 */
const server = (name) => ({
  name: `image-${name}`,
  version: VERSIONS.kubernetes,
  set: 'kubernetes',
  reference: `${REGISTRY}/${name}:v${VERSIONS.kubernetes}`,
  files: {[`usr/local/bin/${name}`]: {source: 'kubernetes', program: name}},
  open: ['tmp'],
  config: {Entrypoint: [`/usr/local/bin/${name}`]},
});

/** @type {readonly Image[]} */
export const IMAGES = [
  {
    name: 'hello',
    version: VERSIONS.hello,
    set: 'runtime',
    reference: `lab.invalid/hello:${VERSIONS.hello}`,
    files: {hello: {source: 'hello', program: 'hello'}},
    config: {Entrypoint: ['/hello'], User: '65534:65534'},
    variables: 'hello_image',
  },
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(server),
  {...server('kube-proxy'), debian: NETWORK, links: IPTABLES, open: []},
  {
    name: 'image-pause',
    version: VERSIONS.pause,
    set: 'kubernetes',
    reference: `${REGISTRY}/pause:${VERSIONS.pause}`,
    files: {pause: {source: 'pause', program: 'pause'}},
    config: {Entrypoint: ['/pause'], User: '65535:65535'},
  },
  {
    name: 'image-etcd',
    version: VERSIONS.etcd,
    set: 'kubernetes',
    reference: `${REGISTRY}/etcd:${VERSIONS.etcd}-0`,
    files: {
      'usr/local/bin/etcd': {source: 'etcd', program: 'server'},
      'usr/local/bin/etcdctl': {source: 'etcd', program: 'etcdctl'},
      'usr/local/bin/etcdutl': {source: 'etcd', program: 'etcdutl'},
    },
    open: ['tmp'],
    config: {Entrypoint: ['/usr/local/bin/etcd']},
  },
  {
    name: 'image-coredns',
    version: VERSIONS.coredns,
    set: 'kubernetes',
    reference: `${REGISTRY}/coredns/coredns:v${VERSIONS.coredns}`,
    files: {coredns: {source: 'coredns', program: 'coredns'}},
    open: ['tmp'],
    config: {Entrypoint: ['/coredns'], User: '65532:65532'},
  },
  {
    name: 'image-flannel',
    version: VERSIONS.flannel,
    set: 'kubernetes',
    reference: `ghcr.io/flannel-io/flannel:v${VERSIONS.flannel}`,
    debian: NETWORK,
    files: {'opt/bin/flanneld': {source: 'flannel', program: 'flannel'}},
    links: IPTABLES,
    config: {Entrypoint: ['/opt/bin/flanneld']},
  },
  {
    name: 'image-flannel-cni-plugin',
    version: VERSIONS.flannelPlugin,
    set: 'kubernetes',
    reference: `ghcr.io/flannel-io/flannel-cni-plugin:v${VERSIONS.flannelPlugin}`,
    debian: NETWORK,
    files: {flannel: {source: 'cni-flannel', program: 'flannel'}},
    config: {},
    tells: {flannel_init_image_tag: `v${VERSIONS.flannelPlugin}`},
  },
  {
    name: 'image-metrics-server',
    version: VERSIONS.metricsServer,
    set: 'kubernetes',
    reference: `${REGISTRY}/metrics-server/metrics-server:v${VERSIONS.metricsServer}`,
    files: {'metrics-server': {source: 'metrics-server', program: 'metrics-server'}},
    open: ['tmp'],
    config: {Entrypoint: ['/metrics-server'], User: '65534:65534'},
  },
  {
    name: 'image-haproxy',
    version: 'debian',
    set: 'kubernetes',
    reference: 'lab.invalid/haproxy:debian',
    published: 'library/haproxy',
    debian: ['haproxy', ...SHELL],
    files: {
      'etc/passwd': {text: `${ACCOUNTS}haproxy:x:99:99::/var/lib/haproxy:/usr/sbin/nologin\n`},
      'etc/group': {text: `${GROUPS}haproxy:x:99:\n`},
    },
    config: {
      Cmd: ['haproxy', '-W', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
      User: '99:99',
      StopSignal: 'SIGUSR1',
    },
    tells: {haproxy_image_repo: 'lab.invalid/haproxy', haproxy_image_tag: 'debian'},
  },
  {
    name: 'image-kube-vip',
    version: VERSIONS.movingAddress,
    set: 'kubernetes',
    reference: `lab.invalid/moving-address:${VERSIONS.movingAddress}`,
    published: 'kube-vip/kube-vip',
    files: {'moving-address': {source: 'moving-address', program: 'moving-address'}},
    config: {Entrypoint: ['/moving-address']},
    tells: {kube_vip_image_repo: 'lab.invalid/moving-address', kube_vip_image_tag: `"${VERSIONS.movingAddress}"`},
  },
  {
    name: 'image-agnhost',
    version: VERSIONS.agnhost,
    set: 'kubernetes',
    reference: `${REGISTRY}/e2e-test-images/agnhost:${VERSIONS.agnhost}`,
    debian: [...NETWORK, ...TOOLS],
    files: {
      agnhost: {source: 'kubernetes', program: 'agnhost'},
      coredns: {source: 'coredns', program: 'coredns'},
      'localhost.crt': published('test/images/agnhost/porter/localhost.crt'),
      'localhost.key': published('test/images/agnhost/porter/localhost.key'),
      'etc/passwd': {text: `${ACCOUNTS}user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh\n`},
      'etc/group': {
        text: [
          `${GROUPS}user-defined-in-image:x:1000:`,
          'group-defined-in-image:x:50000:user-defined-in-image',
          '',
        ].join('\n'),
      },
    },
    links: {...IPTABLES, 'agnhost-2': 'agnhost', 'usr/local/bin/iperf': '/usr/bin/iperf', 'usr/bin/nc': '/bin/nc.openbsd'},
    open: ['tmp', 'uploads'],
    config: {
      Entrypoint: ['/agnhost'],
      Cmd: ['pause'],
      ExposedPorts: Object.fromEntries(['80', '5000', '8080', '8081', '9376'].map((port) => [`${port}/tcp`, {}])),
    },
  },
];

/**
 * A file among those that Kubernetes publishes.
 * @param {string} path
 * @returns {Content}
 */
function published(path) {
  return {folder: 'modules/kubernetes', module: 'k8s.io/kubernetes', published: path};
}
