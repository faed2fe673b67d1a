import {readFileSync} from 'node:fs';
import {beforeAll, describe, expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {FactStore} from '../src/facts/fact-store.ts';
import {isPending, isUnknown} from '../src/model/change.ts';
import type {Facts} from '../src/model/fact.ts';
import type {TaskGraph, TaskNode} from '../src/model/graph.ts';
import type {HostName} from '../src/model/names.ts';
import type {Resource} from '../src/model/resource.ts';
import {type BareHost, bareHost, type FakeHost} from '../src/role-tests/bare-host.ts';
import {barePlan} from './support/bare-plan.ts';
import {TempProject} from './support/project.ts';

const INVENTORY = `
all:
  vars: {kube_version: 1.36.3}
  children:
    kube_control_plane: {hosts: {cp1: {ip: 192.0.2.1}}}
    etcd: {hosts: {cp1: {}}}
    kube_node: {hosts: {w1: {ip: 192.0.2.11}, w2: {ansible_host: 198.51.100.12}}}
`;

const KUBE_VIP = {kube_vip_enabled: true, kube_vip_arp_enabled: true, kube_vip_address: '192.0.2.99'};

/** What is other on a host than on a good one. */
type Oddity = Pick<BareHost, 'profile' | 'facts'>;
type Oddities = Readonly<Record<string, Oddity>>;

const EXTERNAL = INVENTORY.replace('etcd: {hosts: {cp1: {}}}', 'etcd: {hosts: {e1: {ip: 192.0.2.21}}}');

const ADDRESSES: Readonly<Record<string, string>> = {
  cp1: '192.0.2.1',
  w1: '192.0.2.11',
  w2: '192.0.2.12',
  e1: '192.0.2.21',
};

/** What is asked about the endpoint; 0 says that it is another one. */
const OTHER_ENDPOINT = `probe file=/etc/kubernetes/admin.conf
[ -e "$file" ] || file=/etc/kubernetes/kubelet.conf
[ -e "$file" ] && [ ! -e /etc/kubernetes/provision/unfinished ] || exit 1
! grep -q 'server: https://lb-apiserver.kubernetes.local:6443$' "$file"
`;

const CONTROLLER_MANAGER = 'content /etc/kubernetes/manifests/kube-controller-manager.yaml';
const networksOf = (pods: string, services: string): string =>
  `    - --cluster-cidr=${pods}\n    - --cluster-name=kubernetes\n    - --service-cluster-ip-range=${services}\n`;

const NO_PEERS: ReadonlyMap<HostName, Facts> = new Map();

/** All that is found on the hosts, as `HOST CHECK severity: message`. */
class Preflight {
  readonly #graph: TaskGraph;
  readonly #oddities: Oddities;

  constructor(graph: TaskGraph, oddities: Oddities) {
    this.#graph = graph;
    this.#oddities = oddities;
  }

  findings(): readonly string[] {
    return this.#tasks().flatMap((task) => this.#findingsOf(task));
  }

  names(): readonly string[] {
    return this.#tasks().map(nameOf);
  }

  /** Roles that it needs look for what is their own. */
  #tasks(): readonly TaskNode[] {
    return this.#graph.tasks.filter(({id}) => id.includes('/preflight/'));
  }

  #findingsOf(task: TaskNode): readonly string[] {
    if (!this.#isWanted(task)) return [];
    const resource = this.#resourceOf(task);
    const peers = resource.scope === 'play' ? this.#peersOf(task, resource) : NO_PEERS;
    const verdict = resource.diff(this.#factsOf(task.host, resource), {
      profile: this.#hostOf(task.host).profile,
      peers,
    });
    if (isUnknown(verdict)) return [`${nameOf(task)} unknown: ${verdict.reason}`];
    if (isPending(verdict)) throw new Error(`${task.id} would change something`);
    return (verdict.findings ?? []).map(
      ({severity, message, hint}) => `${nameOf(task)} ${severity}: ${message}\n    ${hint}`,
    );
  }

  /** What depends on the profile is decided; what other tasks decide is looked for. */
  #isWanted({when, host}: TaskNode): boolean {
    if (when.stage === 'output') return true;
    const resolved = when.resolve({
      profile: this.#hostOf(host).profile,
      outputsOf: late,
      bracketOutputsOf: late,
    });
    return resolved.ok && resolved.value;
  }

  /** What all hosts of the play say to the same questions. */
  #peersOf({peers}: TaskNode, resource: Resource): ReadonlyMap<HostName, Facts> {
    return new Map(peers.map((peer) => [peer, this.#factsOf(peer, resource)]));
  }

  #factsOf(host: string, {facts}: Resource): Facts {
    const {answer} = this.#hostOf(host);
    return new FactStore(facts.map((query) => ({query, answer: answer(query)})));
  }

  #hostOf(name: string): FakeHost {
    return bareHost({name, address: ADDRESSES[name] ?? '', ...this.#oddities[name]});
  }

  #resourceOf({resource, host, id}: TaskNode): Resource {
    const {profile} = this.#hostOf(host);
    const resolved = resource.resolve({profile, outputsOf: late, bracketOutputsOf: late});
    if (!resolved.ok) throw new Error(`${id}: ${resolved.problem}`);
    return resolved.value;
  }
}

function late(): never {
  throw new Error('This reads an output');
}

/** `cp1 ports[6443]` */
const nameOf = ({id, host}: TaskNode): string => `${host} ${id.split('/preflight/')[1] ?? id}`;

async function graphOf(vars: object, inventory = INVENTORY): Promise<TaskGraph> {
  await using project = await TempProject.of({
    'hosts.yaml': inventory,
    'playbook.yaml': '- {play: hosts, hosts: "k8s_cluster:etcd", roles: [preflight]}',
  });
  const problems = new Problems();
  const extraVars = [JSON.stringify(vars)];
  const loaded = await loadProject({inventoryPaths: [project.path('hosts.yaml')], extraVars}, problems);
  if (!loaded?.graph) throw new Error(problems.all.map(({code, detail}) => `${code} ${detail}`).join('\n'));
  return loaded.graph;
}

describe('good hosts', () => {
  let graph: TaskGraph;
  beforeAll(async () => {
    graph = await graphOf({});
  });
  const headings = (oddities: Oddities): readonly string[] =>
    new Preflight(graph, oddities).findings().map((finding) => finding.split('\n')[0] ?? '');

  test('have no findings', () => {
    expect(headings({})).toEqual([]);
  });

  const TAKEN = [{port: 10_250, address: '0.0.0.0', program: 'haproxy'}];
  const OURS = [{port: 10_250, address: '0.0.0.0', program: 'kubelet'}];
  const MEMBER = {type: 'file', mode: '0600', owner: 0, group: 0};
  const ROOM = (free_mb: number) => ({free_mb, total_mb: 40_000, free_inodes: null});
  const NICS = (...addresses: readonly string[]) => [{name: 'eth0', mac: '02:00:00:00:00:01', addresses}];
  const CNI = [{name: 'cni0', mac: '02:00:00:00:00:11', addresses: ['10.233.65.1/24']}];

  test.each<[string, Oddities, readonly string[]]>([
    [
      'a port that a program has',
      {w1: {facts: {'listeners 10250': TAKEN}}},
      ['w1 ports[10250] error: Port 10250 is in use. haproxy listens at 0.0.0.0.'],
    ],
    ['a port that the kubelet has, of a run that was killed', {w1: {facts: {'listeners 10250': OURS}}}, []],
    [
      'a port on a member',
      {w1: {facts: {'listeners 10250': TAKEN, 'stat /etc/kubernetes/kubelet.conf': MEMBER}}},
      [],
    ],
    [
      'a disk that is too small for a new node',
      {w1: {facts: {'disk_space /var/lib/kubelet': ROOM(400)}}},
      [
        'w1 disk[/var/lib/kubelet] error: There is too little room for /var/lib/kubelet. 400 MB are free of 40000 MB.',
      ],
    ],
    [
      'and large enough for a member',
      {w1: {facts: {'disk_space /var/lib/kubelet': ROOM(400), 'stat /etc/kubernetes/kubelet.conf': MEMBER}}},
      [],
    ],
    ['the disk of etcd where no etcd is', {w1: {facts: {'disk_space /var/lib/etcd': ROOM(1)}}}, []],
    ['a clock that is 4 s off', {w1: {facts: {'clock now': {offset_ms: -4000, error_ms: 600}}}}, []],
    [
      'a clock that is 9 s off, of three',
      {w1: {facts: {'clock now': {offset_ms: -9000, error_ms: 600}}}},
      [
        "w1 clock error: The clock of this host tells another time than those of the others. It is 9 s behind the controller's.",
      ],
    ],
    [
      'a clock that took so long to answer that nobody knows',
      {w1: {facts: {'clock now': {offset_ms: -9000, error_ms: 8000}}}},
      [],
    ],
    [
      'an address that another host has',
      {w2: {profile: {address: '192.0.2.11'}, facts: {'interfaces host': NICS('192.0.2.11/24')}}},
      [
        'w1 address error: Another host has the address 192.0.2.11 too. These have it: w1, w2.',
        'w2 address error: Another host has the address 192.0.2.11 too. These have it: w1, w2.',
      ],
    ],
    [
      'an `ip` that the host does not have',
      {w1: {facts: {'interfaces host': NICS('192.0.2.99/24')}}},
      [
        'w1 own_address error: The host does not have the address that it is to have in the cluster, 192.0.2.11. It has 192.0.2.99/24.',
      ],
    ],
    [
      'the interfaces of a network plugin',
      {w1: {facts: {'interfaces host': [...NICS('192.0.2.11/24'), ...CNI]}}},
      [],
    ],
    ['a kernel as vendors name it', {w1: {profile: {kernel: '5.14.0-427.el9.x86_64'}}}, []],
    [
      'a kernel that knows no nftables for kube-proxy',
      {w1: {profile: {kernel: '5.10.0-30-amd64'}}},
      [
        'w1 kernels error: kube-proxy needs a kernel 5.13 or newer for nftables. Other hosts have one, and this is 5.10.0-30-amd64: there is no mode that is right for all.',
      ],
    ],
    [
      'a cluster of this version',
      {
        cp1: {
          facts: {
            'content /etc/kubernetes/manifests/kube-apiserver.yaml': '    image: x/kube-apiserver:v1.36.3\n',
          },
        },
      },
      [],
    ],
    [
      'a cluster of another version',
      {
        cp1: {
          facts: {
            'content /etc/kubernetes/manifests/kube-apiserver.yaml': '    image: x/kube-apiserver:v1.36.30\n',
          },
        },
      },
      [
        'cp1 version error: The cluster does not run 1.36.3, the version that kube_version asks for. cp1 runs x/kube-apiserver:v1.36.30.',
      ],
    ],
    [
      'a member with another kubelet, of which no control plane tells the version',
      {w1: {facts: {'stat /etc/kubernetes/kubelet.conf': MEMBER, 'digest /usr/local/bin/kubelet': 'other'}}},
      [
        'w1 member_version error: The host is a member with another kubelet than that of 1.36.3, and no control plane says which version its cluster runs.',
      ],
    ],
    [
      'a member with another kubelet, beside a control plane that has this version',
      {
        cp1: {
          facts: {
            'content /etc/kubernetes/manifests/kube-apiserver.yaml': '    image: x/kube-apiserver:v1.36.3\n',
          },
        },
        w1: {facts: {'stat /etc/kubernetes/kubelet.conf': MEMBER, 'digest /usr/local/bin/kubelet': 'other'}},
      },
      [],
    ],
    [
      'networks that are those of the cluster',
      {cp1: {facts: {[CONTROLLER_MANAGER]: networksOf('10.233.64.0/18', '10.233.0.0/18')}}},
      [],
    ],
    [
      'other networks than those of the cluster',
      {cp1: {facts: {[CONTROLLER_MANAGER]: networksOf('10.96.64.0/18', '10.233.0.0/18')}}},
      [
        'cp1 networks error: The cluster has other networks than 10.233.64.0/18 for pods and 10.233.0.0/18 for services, and they cannot be changed while it runs. cp1 has cluster-cidr=10.96.64.0/18 and service-cluster-ip-range=10.233.0.0/18.',
      ],
    ],
    [
      'another domain than that of the cluster',
      {w1: {facts: {'content /var/lib/kubelet/config.yaml': 'a: b\nclusterDomain: corp.test\n'}}},
      [
        'cp1 dns_domain error: The services of this cluster have names in another domain than cluster.local, and it cannot be changed while the cluster runs. w1 has clusterDomain: corp.test.',
      ],
    ],
    [
      'an etcd that is a service, where the inventory has it beside the API server',
      {cp1: {facts: {'stat /etc/kubernetes/manifests/kube-apiserver.yaml': MEMBER}}},
      [
        'cp1 etcd_deployment_type error: The cluster keeps its data in another place than etcd_deployment_type kubeadm says, and it cannot be moved while it runs.',
      ],
    ],
    [
      'another network than that of a running node',
      {w1: {facts: {'listing /etc/cni/net.d': ['10-bridge.conflist', '99-loopback.conf']}}},
      [
        'w1 network_plugin error: The pods of this host have another network than flannel, and it cannot be changed while they run. It has 10-bridge.conflist, 99-loopback.conf.',
      ],
    ],
    [
      'a cluster that is found at another endpoint',
      {cp1: {facts: {[OTHER_ENDPOINT]: 0}}},
      [
        "cp1 endpoint error: The cluster's API has another endpoint than lb-apiserver.kubernetes.local:6443, and it cannot be changed while the cluster runs.",
      ],
    ],
    [
      'the network that it is to have',
      {w1: {facts: {'listing /etc/cni/net.d': ['10-flannel.conflist']}}},
      [],
    ],
    [
      'a container, which has the UUID of its machine',
      {
        w1: {
          facts: {
            'content /sys/class/dmi/id/product_uuid': 'cp1-uuid\n',
            'stat /run/systemd/container': MEMBER,
          },
        },
      },
      [],
    ],
    [
      'a host that can be reached at no address that the inventory gives it',
      {cp1: {facts: {'reach 198.51.100.12:10250': 'silent'}}},
      [
        "cp1 kubelets[w2] warning: The kubelet's port on w2 cannot be reached from this control plane, so that there would be no logs and no exec. At 198.51.100.12:10250 it met: silent.",
      ],
    ],
  ])('%s', (_, oddities, found) => {
    // Copies of an interface share its address, which has a test of its own.
    expect(headings(oddities).filter((each) => !/^\w+ mac /.test(each))).toEqual(found);
  });
});

describe('what hosts would download', () => {
  const RELEASE = 'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet';
  const REGISTRY = 'https://registry.k8s.io/v2/';
  const sourceOf = (address: string): string => `source ${address} http= https= no=`;
  const NOBODY = {status: 0, problem: 'curl: (6) Could not resolve host: dl.k8s.io'};
  const looksAt = (graph: TaskGraph): readonly string[] =>
    new Preflight(graph, {}).names().filter((name) => /^(cp1|e1) (downloads|registries)/.test(name));

  test('is looked at: each release, and each registry that images come from', async () => {
    const graph = await graphOf({});
    expect(looksAt(graph)).toEqual([
      'cp1 downloads[containerd]',
      'cp1 downloads[runc]',
      'cp1 downloads[cni]',
      'cp1 downloads[crictl]',
      'cp1 downloads[kubelet]',
      'cp1 downloads[kubeadm]',
      'cp1 downloads[kubectl]',
      'cp1 registries[kubernetes]',
      'cp1 registries[flannel]',
    ]);
    const facts = {
      [sourceOf(RELEASE)]: NOBODY,
      [sourceOf(RELEASE.replace('kubelet', 'kubeadm'))]: {status: 404, problem: ''},
      [sourceOf(REGISTRY)]: {status: 401, problem: ''},
      [sourceOf('https://ghcr.io/v2/')]: {status: 0, problem: 'curl: (28) Connection timed out'},
    };
    const found = new Preflight(graph, {w1: {facts}}).findings().map((each) => each.split('\n')[0]);
    expect(found).toEqual([
      `w1 downloads[kubelet] error: The host cannot download ${RELEASE}. It was told: ${NOBODY.problem}.`,
      `w1 downloads[kubeadm] error: The host cannot download ${RELEASE.replace('kubelet', 'kubeadm')}. The answer is 404.`,
      'w1 registries[flannel] warning: The host cannot reach ghcr.io, from where ghcr.io/flannel-io/flannel:v0.28.4 is pulled. It was told: curl: (28) Connection timed out.',
    ]);
  });

  test.each([
    [{from_bundle: true}, []],
    [{preflight_ignore: ['sources']}, []],
    [{download_mode: 'controller', download_container: false}, []],
    [{download_mode: 'controller', kube_install_method: 'package', download_container: false}, ['packages']],
    [
      {download_container: false, kube_install_method: 'package', crictl_enabled: false},
      ['containerd', 'runc', 'cni', 'packages'],
    ],
    [
      {download_mode: 'controller', containerd_registries_mirrors: [{prefix: 'ghcr.io', mirrors: []}]},
      ['kubernetes'],
    ],
    [{download_mode: 'controller', containerd_registries_mirrors: [{prefix: '_default', mirrors: []}]}, []],
    [{download_mode: 'controller', ...KUBE_VIP}, ['kubernetes', 'flannel', 'kube_vip']],
    [
      {
        download_mode: 'controller',
        kube_network_plugin: 'none',
        image_archives: {'registry.k8s.io/pause:3.10.2': {src: 'a.tar', sha256: 'a'.repeat(64)}},
      },
      [],
    ],
  ])('is looked at as far as it comes from there: %j', async (vars, left) => {
    const names = looksAt(await graphOf(vars));
    expect(names.map((name) => /\[(.*)\]/.exec(name)?.[1])).toEqual(left);
  });

  test('is asked of the server behind the short name of a registry, and of one with its own name', async () => {
    const asked = async (repo: string): Promise<readonly string[]> => {
      const {tasks} = await graphOf(
        {docker_image_repo: repo, loadbalancer_apiserver_localhost: true},
        EXTERNAL,
      );
      return tasks.flatMap(({id, spec}) =>
        /w1.*registries\[haproxy\]$/.test(id) ? [JSON.stringify(spec())] : [],
      );
    };
    for (const repo of ['docker.io', 'registry-1.docker.io'])
      expect(await asked(repo)).toEqual([expect.stringContaining('"https://registry-1.docker.io/v2/ ')]);
  });

  test('is etcd alone on a host that has nothing else', async () => {
    const graph = await graphOf({etcd_deployment_type: 'host'}, EXTERNAL);
    expect(looksAt(graph).filter((name) => name.startsWith('e1'))).toEqual(['e1 downloads[etcd]']);
  });

  test('is of no interest on a host that has joined, whatever its sources are', async () => {
    const sources = async (found: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
      const gone = {[sourceOf(RELEASE)]: NOBODY, 'stat /etc/kubernetes/kubelet.conf': null, ...found};
      const {tasks} = await barePlan(INVENTORY, 'cluster', gone);
      return tasks.filter(({id}) => id.endsWith('downloads[kubelet]')).map(({status}) => status);
    };
    const file = {type: 'file', mode: '0600', owner: 0, group: 0};
    expect(await sources({})).toEqual(['findings', 'findings', 'findings']);
    expect(await sources({'stat /etc/kubernetes/kubelet.conf': file})).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ]);
  });
});

test('nodes try each other in a ring', async () => {
  const graph = await graphOf({});
  const neighbours = new Preflight(graph, {}).names().filter((name) => name.includes(' neighbour'));
  expect(neighbours).toEqual(['w1 neighbour[w2]', 'w2 neighbour[cp1]']);
  const found = new Preflight(graph, {w2: {facts: {'reach 192.0.2.1:10250': 'no-route'}}}).findings();
  expect(found.map((each) => each.split('\n')[0])).toEqual([
    'w2 neighbour[cp1] error: cp1 cannot be reached from this node, so pods of one would not find those of the other. At 192.0.2.1:10250 it met: no-route.',
  ]);
});

test.each([
  [{kube_network_plugin: 'bridge'}, ['cp1 same_link[w1]', 'w2 same_link[cp1]']],
  [{flannel_backend_type: 'host-gw'}, ['cp1 same_link[w1]', 'w2 same_link[cp1]']],
  [{flannel_backend_type: 'vxlan'}, []],
  [{kube_network_plugin: 'none'}, []],
])('a router between nodes is found where pods have routes: %j', async (vars, found) => {
  const findings = new Preflight(await graphOf(vars), {}).findings();
  expect(findings.filter((each) => each.includes(' error:')).map((each) => each.split(' error:')[0])).toEqual(
    found,
  );
});

describe('what others bring is warned of until it is there', () => {
  const probe = `probe PATH=$PATH:/usr/local/bin kubectl --kubeconfig /etc/kubernetes/admin.conf --server 'https://10.233.0.1:443' --request-timeout 5s get --raw /version`;
  const brought = {'listing /etc/cni/net.d': ['05-cilium.conflist'], [probe]: 0};

  test.each([
    ['a network of pods', {kube_network_plugin: 'none'}, 'network_from_others', 3],
    ['services', {kube_proxy_mode: 'none'}, 'services_from_others', 1],
  ])('%s', async (_, vars, check, hosts) => {
    const graph = await graphOf(vars);
    const found = new Preflight(graph, {}).findings();
    expect(found).toHaveLength(hosts);
    expect(found[0]).toContain(`cp1 ${check} warning: `);
    const there = Object.fromEntries(['cp1', 'w1', 'w2'].map((host) => [host, {facts: brought}]));
    expect(new Preflight(graph, there).findings()).toEqual([]);
    const ignored = await graphOf({...vars, preflight_ignore: [check]});
    expect(new Preflight(ignored, {}).findings()).toEqual([]);
  });
});

describe('a host that has etcd alone', () => {
  let graph: TaskGraph;
  beforeAll(async () => {
    graph = await graphOf({etcd_deployment_type: 'host'}, EXTERNAL);
  });
  const headings = (oddities: Oddities): readonly string[] =>
    new Preflight(graph, oddities).findings().map((finding) => finding.split('\n')[0] ?? '');

  test('is not asked for what only a node needs', () => {
    const nothing = {
      profile: {cgroup: 'v1', kernel: '5.10.0-30-amd64'},
      facts: {
        'content /etc/resolv.conf': '#\n',
        'route 10.233.0.1': null,
        'listeners 30000-32767': [{port: 31_000, address: '::', program: ''}],
        'listeners 10250': [{port: 10_250, address: '::', program: 'other'}],
        'reach 192.0.2.1:6443': 'silent',
      },
    } as const;
    expect(headings({e1: nothing})).toEqual([]);
  });

  test('has its ports, its disk and the ways to it looked at', () => {
    const facts = {
      'listeners 2379': [{port: 2379, address: '::', program: 'other'}],
      'disk_space /var/lib/etcd': {free_mb: 400, total_mb: 40_000, free_inodes: null},
    };
    expect(headings({cp1: {facts: {'reach 192.0.2.21:2379': 'silent'}}, e1: {facts}})).toEqual([
      'e1 disk[/var/lib/etcd] error: There is too little room for /var/lib/etcd. 400 MB are free of 40000 MB.',
      'e1 ports[2379] error: Port 2379 is in use. other listens at ::.',
      'cp1 etcd[e1] error: The port of etcd on e1 cannot be reached from this host. At 192.0.2.21:2379 it met: silent.',
    ]);
  });

  test('needs less room once etcd is there', () => {
    const facts = {
      'stat /etc/systemd/system/etcd.service': {type: 'file', mode: '0644', owner: 0, group: 0},
      'disk_space /var/lib/etcd': {free_mb: 400, total_mb: 40_000, free_inodes: null},
    };
    expect(headings({e1: {facts}})).toEqual([]);
  });
});

test.each([
  ['host', INVENTORY.replace('etcd: {hosts: {cp1: {}}}', 'etcd: {}'), 'No host is in the group etcd'],
  ['kubeadm', EXTERNAL, 'Hosts of the group etcd are no control planes'],
])('etcd where it will not be is found: %s', async (etcd_deployment_type, inventory, found) => {
  const findings = new Preflight(await graphOf({etcd_deployment_type}, inventory), {}).findings();
  expect(findings).toEqual([expect.stringContaining(found)]);
});

test('keys of what is stored cannot be switched off before all is written without them', async () => {
  const graph = await graphOf({});
  const probe =
    "[ -e /etc/kubernetes/encryption/config.yaml ] && ! grep -qs '^identity ' /etc/kubernetes/encryption/written";
  const found = new Preflight(graph, {cp1: {facts: {[`probe ${probe}`]: 0}}}).findings();
  expect(found).toEqual([expect.stringContaining('What this cluster stores is encrypted')]);
});

test.each([
  [{kubelet_max_pods: 254}, 'A node takes 254 pods'],
  [{kube_vip_enabled: true, kube_vip_arp_enabled: true}, 'kube_vip_address is not'],
  [{kube_vip_enabled: true, kube_vip_address: '192.0.2.99'}, 'neither kube_vip_arp_enabled nor'],
  [{...KUBE_VIP, kube_vip_address: '192.0.2.1'}, '192.0.2.1 is the address of this host'],
  [{...KUBE_VIP, kube_proxy_mode: 'ipvs'}, 'every node answers by ARP'],
  [{...KUBE_VIP, apiserver_loadbalancer_domain_name: '192.0.2.99'}, 'endpoint of the API is 192.0.2.99:6443'],
  [{...KUBE_VIP, loadbalancer_apiserver: {address: '192.0.2.99', port: 8443}}, 'answers there at port 6443'],
  [
    {
      ...KUBE_VIP,
      apiserver_loadbalancer_domain_name: 'api',
      populate_loadbalancer_apiserver_to_hosts_file: false,
    },
    'endpoint of the API is api:6443',
  ],
])('settings that cannot work are found: %j', async (vars, found) => {
  const findings = new Preflight(await graphOf(vars), {}).findings();
  expect(findings).toEqual([expect.stringContaining(found)]);
});

test.each([
  {kubelet_max_pods: 253},
  {kubelet_max_pods: 1000, kube_network_node_prefix: 22},
  KUBE_VIP,
  {...KUBE_VIP, loadbalancer_apiserver: {address: '192.0.2.99', port: 6443}},
  {...KUBE_VIP, kube_proxy_mode: 'ipvs', kube_proxy_strict_arp: true},
  {...KUBE_VIP, apiserver_loadbalancer_domain_name: 'api'},
  {upstream_dns_servers: ['192.0.2.53', '192.0.2.54:5353', 'tls://192.0.2.55', 'fd00::53', '[fd00::54]:53']},
  {supplementary_addresses_in_ssl_keys: ['api.example.com', '*.example.com', '192.0.2.1', 'fd00::1']},
])('settings that can work are not: %j', async (vars) => {
  expect(new Preflight(await graphOf(vars), {}).findings()).toEqual([]);
});

test.each([{upstream_dns_servers: ['foo']}, {supplementary_addresses_in_ssl_keys: ['a b']}])(
  'a value of the wrong form is a mistake: %j',
  async (vars) => {
    await expect(graphOf(vars)).rejects.toThrow('E105');
  },
);

const OLD = {profile: {kernel: '4.18.0-553.el8_10.x86_64'}} as const;

test.each<[string, object, Oddities, readonly string[]]>([
  ['all kernels are old: iptables it is', {}, {cp1: OLD, w1: OLD, w2: OLD}, []],
  ['one is old', {}, {w1: OLD}, ['w1 kernels error']],
  ['only one is new', {}, {cp1: OLD, w1: OLD}, ['cp1 kernels error', 'w1 kernels error']],
  ['one is old, and that is said', {kube_proxy_mode: 'iptables'}, {w1: OLD}, []],
  ['one is old, and nftables is asked for', {kube_proxy_mode: 'nftables'}, {w1: OLD}, ['w1 nftables error']],
  ['one is old, and nobody minds', {preflight_ignore: ['nftables']}, {w1: OLD}, []],
])('kube-proxy has a mode that is right for all: %s', async (_, vars, oddities, found) => {
  const findings = new Preflight(await graphOf({...vars}), oddities).findings();
  const proxy = findings.filter((each) => / (kernels|nftables) /.test(each));
  expect(proxy.map((each) => each.split(':')[0])).toEqual(found);
});

test('the kernel of a host that has etcd alone says nothing about kube-proxy', async () => {
  const graph = await graphOf({etcd_deployment_type: 'host'}, EXTERNAL);
  const findings = new Preflight(graph, {cp1: OLD, w1: OLD, w2: OLD}).findings();
  expect(findings.filter((each) => each.includes('kube-proxy'))).toEqual([]);
});

test.each([
  [{}, 'w1 old_cgroup warning'],
  [{kubelet_fail_cgroup_v1: false}, 'w1 old_cgroup warning'],
  [{kubelet_fail_cgroup_v1: true}, 'w1 cgroup error'],
])('old cgroups are told, and refused where the inventory says so: %j', async (vars, found) => {
  const findings = new Preflight(await graphOf(vars), {w1: {profile: {cgroup: 'v1'}}}).findings();
  expect(findings).toEqual([expect.stringContaining(found)]);
});

test('kube-vip has an interface to be told where hosts have no default route', async () => {
  const probe = 'probe ip route show default | grep -q . || ip -6 route show default | grep -q .';
  const without = {cp1: {facts: {[probe]: 1}}};
  expect(new Preflight(await graphOf(KUBE_VIP), without).findings()).toEqual([
    expect.stringMatching(/^cp1 vip_interface error: .*\n.*kube_vip_interface/),
  ]);
  const told = {...KUBE_VIP, kube_vip_interface: 'eth0'};
  expect(new Preflight(await graphOf(told), without).findings()).toEqual([]);
});

test('ipvs is refused on the hosts whose kernel has none, with the mode to take instead', async () => {
  const facts = {'probe [ -e /proc/net/ip_vs ] || modprobe -n -q ip_vs': 1};
  const found = new Preflight(await graphOf({kube_proxy_mode: 'ipvs'}), {w1: {facts}}).findings();
  expect(found).toEqual([
    expect.stringMatching(/^w1 ipvs error: .* has no ip_vs\.\n.*kube_proxy_mode: nftables/),
  ]);
  const ignored = {kube_proxy_mode: 'ipvs', preflight_ignore: ['ipvs']};
  expect(new Preflight(await graphOf(ignored), {w1: {facts}}).findings()).toEqual([]);
});

test('a bridge for pods may have an address of theirs, whatever it is called', async () => {
  const own = {name: 'eth0', mac: '02:00:00:00:00:11', addresses: ['192.0.2.11/24']};
  const bridge = {name: 'pods0', mac: '02:00:00:00:00:44', addresses: ['10.233.65.1/24']};
  const odd = {w1: {facts: {'interfaces host': [own, bridge]}}};
  const found = new Preflight(await graphOf({}), odd).findings();
  expect(found).toEqual([expect.stringContaining('10.233.64.0/18 is for the cluster alone')]);
  expect(new Preflight(await graphOf({bridge_name: 'pods0'}), odd).findings()).toEqual([]);
});

test('neighbours on one link need no router between them', async () => {
  const direct = {interface: 'eth0', source: '', gateway: ''};
  const facts = {'route 192.0.2.1': direct, 'route 192.0.2.11': direct};
  const graph = await graphOf({kube_network_plugin: 'bridge'});
  expect(new Preflight(graph, {cp1: {facts}, w1: {facts}, w2: {facts}}).findings()).toEqual([]);
});

test('all that is wrong is told at once, and each finding has its way out', async () => {
  const graph = await graphOf({
    kube_pods_subnet: '10.233.0.0/17',
    kube_network_node_prefix: 17,
    disable_swap: false,
    override_system_hostname: false,
  });
  const poor = {
    profile: {
      hostname: 'node1',
      cpus: 1,
      memory_mb: 512,
      kernel: '4.18.0-553.el8.x86_64',
      cgroup: 'v1',

      init: 'openrc',
      os: {id: 'alpine', version: '3.20', family: ['alpine']},
    },
    facts: {
      'content /etc/machine-id': 'same\n',
      'content /sys/class/dmi/id/product_uuid': 'same\n',
      'content /etc/resolv.conf': '#\n',
      'hostname now': 'localhost',
      'interfaces host': [
        {name: 'eth0', mac: '02:00:00:00:00:99', addresses: ['192.0.2.1/24', '10.233.9.9/16']},
      ],
      'route 10.233.0.1': null,
      'listeners 30000-32767': [{port: 31_000, address: '::', program: ''}],
      'clock now': {offset_ms: 3_600_000, error_ms: 500},
    },
  } as const;
  const findings = new Preflight(graph, {cp1: poor, w2: poor}).findings();
  expect(findings.filter((each) => !/preflight_ignore|kubelet_fail/.test(each))).toEqual([]);
  await expect(`${findings.join('\n')}\n`).toMatchFileSnapshot('fixtures/roles/preflight-poor.txt');
});

test('one range for services and pods is told as that, and looked for on each host once', async () => {
  const graph = await graphOf({kube_service_addresses: '10.233.64.0/18'});
  const preflight = new Preflight(graph, {});
  expect(preflight.names().filter((name) => name.startsWith('w1 ranges'))).toEqual([
    'w1 ranges[10.233.64.0/18]',
  ]);
  expect(preflight.findings().map((each) => each.split('\n')[0])).toEqual([
    expect.stringContaining(
      'service_and_pod_ranges error: The addresses of services, 10.233.64.0/18, and of pods,',
    ),
  ]);
});

test('every check can be ignored by its name, and by no other word', async () => {
  const unusual = {kube_proxy_mode: 'ipvs', disable_swap: false, override_system_hostname: false};
  const all = await graphOf({...unusual, kubelet_fail_cgroup_v1: true});
  expect(new Preflight(all, {}).names().length).toBeGreaterThan(40);
  const schema: unknown = JSON.parse(readFileSync('roles/preflight/schema.json', 'utf8'));
  const names: unknown = Object(schema).properties.preflight_ignore.items.enum;
  expect(new Preflight(await graphOf({...unusual, preflight_ignore: names}), {}).names()).toEqual([]);
  await expect(graphOf({preflight_ignore: ['all']})).rejects.toThrow('must be one of "overlap"');
});
