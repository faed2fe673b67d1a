import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {type EndedRun, LabProject, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

/** What hosts lack is sent to them. */
const INVENTORY = `
all:
  vars: {kube_version: 1.36.3, download_mode: controller, download_container: false}
  children:
    kube_control_plane: {hosts: {one: {ip: 10.77.0.11}}}
    etcd: {hosts: {one: {}}}
    kube_node: {hosts: {two: {ip: 10.77.0.12}}}
`;
const PLAYBOOK = `
- {play: preflight, hosts: k8s_cluster, roles: [preflight]}
- {play: app, hosts: k8s_cluster, roles: [app]}
`;
const TASKS = '- id: file\n  copy: {dest: /srv/changed, content: x}\n';

const SOCKET = '[Socket]\nListenStream=10250\n';
/** Whoever connects starts it, once: a service that ends at once would be started until systemd closes the port. */
const SERVICE = '[Service]\nExecStart=/bin/sleep infinity\n';
const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';

/** Something that is wrong with the host `two`, how it is put right, and what is found. */
interface Fault {
  readonly title: string;
  readonly host?: 'one';
  readonly cause: string;
  readonly repair: string;
  /** `HOST/CHECK: message` of each error. */
  readonly found: readonly string[];
}

const FAULTS: readonly Fault[] = [
  {
    title: 'a port in use',
    cause: `cd /run/systemd/system && printf '${SOCKET}' >squatter.socket && printf '${SERVICE}' >squatter.service &&
      systemctl daemon-reload && systemctl start squatter.socket`,
    repair:
      'systemctl stop squatter.socket squatter.service; rm /run/systemd/system/squatter.*; systemctl daemon-reload',
    found: ['two/ports[10250]: Port 10250 is in use. '],
  },
  {
    title: 'a full disk',
    cause: 'mount -t tmpfs -o size=1m none /var/lib/kubelet',
    repair: 'umount /var/lib/kubelet',
    found: [
      'two/disk[/var/lib/kubelet]: There is too little room for /var/lib/kubelet. 1 MB are free of 1 MB',
    ],
  },
  {
    title: 'no route to the service range',
    cause: 'ip route del 10.233.0.0/18 dev eth0',
    repair: 'ip route add 10.233.0.0/18 dev eth0',
    found: ['two/service_route: The host has no route to 10.233.0.0/18'],
  },
  {
    title: 'no name server',
    cause: 'cp /etc/resolv.conf /srv/resolv && echo "# nameserver 192.0.2.1" >/etc/resolv.conf',
    repair: 'cat /srv/resolv >/etc/resolv.conf && rm /srv/resolv',
    found: ['two/nameserver: /etc/resolv.conf has no nameserver'],
  },
  {
    title: 'no way to the control plane',
    cause: 'ip route add unreachable 10.77.0.11/32',
    repair: 'ip route del unreachable 10.77.0.11/32',
    found: [
      "one/kubelets[two]: The kubelet's port on two cannot be reached from this control plane",
      "two/control_planes[one]: The API server's port on one cannot be reached from this host. At 10.77.0.11:6443 it met: no-route.",
      'two/neighbour[one]: one cannot be reached from this node',
    ],
  },
  {
    title: 'another network plugin than the wanted one',
    cause: 'mkdir -p /etc/cni/net.d && : >/etc/cni/net.d/10-bridge.conflist',
    repair: 'rm -r /etc/cni',
    found: ['two/network_plugin: The pods of this host have another network than flannel'],
  },
  {
    title: 'a host that cannot tell how its network is',
    cause: 'mv /usr/bin/ip /usr/bin/ip.away',
    repair: 'mv /usr/bin/ip.away /usr/bin/ip',
    found: [
      'two/address: This could not be looked at: the host has no ip command',
      'two/mac: This could not be looked at: the host has no ip command',
      'two/own_address: This could not be looked at: the host has no ip command',
      'two/ranges[10.233.0.0/18]: This could not be looked at: the host has no ip command',
      'two/ranges[10.233.64.0/18]: This could not be looked at: the host has no ip command',
      'two/service_route: This could not be looked at: the host has no ip command',
    ],
  },
  {
    title: 'a running cluster of another version',
    host: 'one',
    cause: `mkdir -p /etc/kubernetes/manifests && echo "    image: registry.k8s.io/kube-apiserver:v1.35.4" >${MANIFEST}; touch /etc/kubernetes/manifests/etcd.yaml`,
    repair: 'rm -r /etc/kubernetes',
    found: [
      'one/version: The cluster does not run 1.36.3, the version that kube_version asks for. one runs registry.k8s.io/kube-apiserver:v1.35.4.',
    ],
  },
];

describe.skipIf(!support.ok)(`preflight on real hosts${reason}`, () => {
  const name = `test-preflight-${process.pid}`;
  let lab: Lab;
  let project: LabProject;

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name, hosts: ['one', 'two']});
    project = await LabProject.of(lab, TASKS, {'inventory.yaml': INVENTORY, 'playbook.yaml': PLAYBOOK});
  });
  /** What a run that should have been refused has changed is that test's alone. */
  afterEach(() => Promise.all(['one', 'two'].map((host) => onHost(lab, host, 'rm -f /srv/changed'))));
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await down(name);
  });

  const changed = (): Promise<readonly string[]> =>
    Promise.all(['one', 'two'].map((host) => onHost(lab, host, 'ls /srv/changed 2>&1 || :')));

  async function expectRefused(found: readonly string[], ...words: readonly string[]): Promise<void> {
    const run = await project.run(...words);
    expect(run.code, (run.stdout + run.stderr).slice(-4000)).toBe(1);
    expect(errorsOf(run)).toEqual(found.map((each) => expect.stringContaining(each)));
    expect(await changed()).toEqual([expect.stringContaining('No such'), expect.stringContaining('No such')]);
  }

  test('hosts as they should be are not held up', async () => {
    const run = await project.plan('--output', 'ndjson');
    expect(run.code, run.stdout).toBe(0);
    expect(findingsOf(run)).toEqual([]);
  });

  test.each(FAULTS)(
    '$title is refused, with nothing changed',
    async ({host = 'two', cause, repair, found}) => {
      await onHost(lab, host, cause);
      try {
        await expectRefused(found);
      } finally {
        await onHost(lab, host, repair);
      }
    },
  );

  test('hosts that are to download and cannot are refused, with nothing changed', async () => {
    const what = 'This could not be looked at: neither curl nor wget is there to download with';
    const everywhere = ['cni', 'containerd', 'crictl', 'kubeadm', 'kubectl', 'kubelet', 'runc'];
    const found = [
      ...everywhere.map((each) => `one/downloads[${each}]: ${what}`),
      ...everywhere.filter((each) => each !== 'kubectl').map((each) => `two/downloads[${each}]: ${what}`),
    ];
    await expectRefused(found, '-e', 'download_mode=host');
    const plan = await project.plan(
      '--output',
      'ndjson',
      '-e',
      '{"download_mode": "host", "preflight_ignore": ["sources"]}',
    );
    expect(findingsOf(plan)).toEqual([]);
  });

  test('two hosts with one machine id are refused, and each says which', async () => {
    const [one = '', two = ''] = await Promise.all(
      ['one', 'two'].map((host) => onHost(lab, host, 'cat /etc/machine-id')),
    );
    await onHost(lab, 'two', `echo ${one.trim()} >/etc/machine-id`);
    try {
      const what = 'machine_id: The host has no machine id of its own. These have the same: ';
      await expectRefused([`one/${what}`, `two/${what}`]);
    } finally {
      await onHost(lab, 'two', `echo ${two.trim()} >/etc/machine-id`);
    }
  });

  test('a clock that is off is refused; of two hosts nobody knows whose', async () => {
    await lab.setClock('two', -3600);
    try {
      const what = 'clock: The clock of this host tells another time than those of the others. It is ';
      await expectRefused([`one/${what}`, `two/${what}3`]);
    } finally {
      await lab.setClock('two', 0);
    }
  });

  test.each([
    [
      '10.233.0.0/17',
      'one/service_and_pod_ranges: The addresses of services, 10.233.0.0/18, and of pods, 10.233.0.0/17, overlap.',
    ],
    [
      '10.233.64.0/24',
      'one/node_ranges: 10.233.64.0/24 cannot be cut into ranges with a prefix of 24 for all nodes.',
    ],
  ])('ranges that do not fit are found once, for all hosts: %s', async (range, found) => {
    await expectRefused([found], '-e', `kube_pods_subnet=${range}`);
  });

  test('a range that the hosts themselves live in is found on each of them', async () => {
    const found = 'ranges[10.77.0.0/16]: 10.77.0.0/16 is for the cluster alone';
    await expectRefused([`one/${found}`, `two/${found}`], '-e', 'kube_pods_subnet=10.77.0.0/16');
  });

  test('what is no network is found before any host is asked', async () => {
    const run = await project.run('-e', 'kube_pods_subnet=10.233.0.5/18');
    expect(run.code).toBe(2);
    expect(run.stdout + run.stderr).toContain('must be a network such as 10.233.0.0/18');
    expect(run.events.filter(({type}) => type === 'host-connected')).toEqual([]);
  });

  test('a file that is not what its digest says is found before any host is asked', async () => {
    const tasks = `- id: tool\n  artifact: {src: tool, sha256: ${'a'.repeat(64)}, dest: /srv/changed}\n`;
    const files = {'inventory.yaml': INVENTORY, 'playbook.yaml': PLAYBOOK, 'roles/app/files/tool': 'x'};
    await using other = await LabProject.of(lab, tasks, files);
    const run = await other.run();
    expect(run.code).toBe(2);
    expect(run.stdout + run.stderr).toContain('error[E702]');
    expect(run.events.filter(({type}) => type === 'host-connected')).toEqual([]);
  });

  test('all that is wrong is told at once, and what is ignored by name holds nobody up', async () => {
    await onHost(lab, 'two', 'ip route del 10.233.0.0/18 dev eth0 && ip route add unreachable 10.77.0.11/32');
    try {
      const unreachable = ['one/kubelets[two]', 'two/control_planes[one]', 'two/neighbour[one]'];
      await expectRefused([...unreachable, 'two/service_route']);
      await expectRefused(unreachable, '-e', '{"preflight_ignore": ["service_route"]}');
      const run = await project.run('-e', '{"preflight_ignore": ["service_route", "reachable"]}');
      expect(verdictOf(run)).toMatchObject({code: 0, changed: 2});
    } finally {
      await onHost(
        lab,
        'two',
        'ip route add 10.233.0.0/18 dev eth0 && ip route del unreachable 10.77.0.11/32',
      );
    }
  });
});

interface Found {
  readonly severity: string;
  readonly text: string;
}

/** `HOST/CHECK: message`, sorted, without the cgroups of the lab's machine. */
function findingsOf({events}: EndedRun): readonly Found[] {
  return events
    .flatMap(({plan}) => plan?.tasks ?? [])
    .flatMap((task): readonly Found[] => {
      const {findings = []}: {findings?: readonly {severity: string; message: string}[]} = Object(task);
      const [, check = ''] = /preflight\/preflight\/(.*)$/.exec(task.id) ?? [];
      return findings.map(({severity, message}) => ({severity, text: `${task.host}/${check}: ${message}`}));
    })
    .filter(({text}) => !text.includes('/old_cgroup: '))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1));
}

const errorsOf = (run: EndedRun): readonly string[] =>
  findingsOf(run).flatMap(({severity, text}) => (severity === 'error' ? [text] : []));
