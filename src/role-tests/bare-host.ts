import {ABSENT, type Answer, known} from '../model/answer.ts';
import {type FactQuery, idOf} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';

/** A small server on which nothing was done yet, with what is other on it than on the next one. */
export interface BareHost {
  readonly name: string;
  readonly address: string;
  /** What it reaches without a router. */
  readonly neighbours?: readonly string[];
  readonly profile?: Partial<HostProfile>;
  /** Answers by the question's id; null is absent. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export const DIRECTORY = {type: 'directory', mode: '0755', owner: 0, group: 0} as const;

/** A small ordinary server. */
export const PROFILE: HostProfile = {
  hostname: 'node1',
  os: {id: 'debian', version: '12', family: ['debian']},
  arch: 'amd64',
  kernel: '6.1.0-13-amd64',
  init: 'systemd',
  cgroup: 'v2',
  package_manager: 'apt',
  cpus: 2,
  memory_mb: 4096,
  addresses: ['192.0.2.7'],
  address: '192.0.2.7',
  selinux: 'disabled',
  machine_id: '0123456789abcdef0123456789abcdef',
  boot_id: '00000000-0000-4000-8000-000000000001',
  uid: 0,
};

/** A host that nobody has to reach: it answers from what is recorded. */
export interface FakeHost {
  readonly profile: HostProfile;
  readonly answer: (query: FactQuery) => Answer<unknown>;
}

export function bareHost(host: BareHost): FakeHost {
  const {name, address, profile, facts = {}} = host;
  return {
    profile: {...PROFILE, hostname: name, address, addresses: [address], ...profile},
    answer(query) {
      const id = idOf(query);
      return answerOf(Object.hasOwn(facts, id) ? facts[id] : recorded(host, query));
    },
  };
}

/** As tests write it: null is absent. */
export const answerOf = (value: unknown): Answer<unknown> => (value === null ? ABSENT : known(value));

/** As small servers answered that a cluster was put on later. */
function recorded({name, address, profile, neighbours = []}: BareHost, {kind, key}: FactQuery): unknown {
  switch (kind.name) {
    case 'content':
      return key === '/proc/sys/kernel/osrelease'
        ? `${profile?.kernel ?? PROFILE.kernel}\n`
        : contentOf(name, key);
    case 'interfaces':
      return [
        {name: 'eth0', mac: `02:00:00:00:00:${address.split(/[.:]/).at(-1)}`, addresses: [`${address}/24`]},
      ];
    case 'disk_space':
      return {free_mb: 20_000, total_mb: 40_000, free_inodes: 1_000_000};
    case 'route':
      return {interface: 'eth0', source: address, gateway: isDirect(key, neighbours) ? '' : '192.0.2.254'};
    case 'clock':
      return {offset_ms: 520, error_ms: 530};
    case 'followed':
      return FOLDERS.has(key) ? DIRECTORY : null;
    case 'hostname':
      return name;
    case 'swap':
      return {active: ['/swap.img'], fstab: []};
    case 'source':
      return {status: 200, problem: ''};
    case 'reach':
      return 'refused';
    case 'output':
      return {exit_code: 127, stdout: ''};
    case 'probe':
      return PROBES.some((text) => key.includes(text)) ? 0 : 1;
    default:
      return null;
  }
}

const isDirect = (address: string, neighbours: readonly string[]): boolean =>
  address === '127.0.0.1' || neighbours.includes(address);

/** Every server has these, whatever was installed. */
const FOLDERS: ReadonlySet<string> = new Set(
  '/ /etc /etc/modules-load.d /etc/security/limits.d /etc/sysctl.d /etc/systemd/system /root /run /tmp /usr/local/bin /var/lib'.split(
    ' ',
  ),
);

/** Of what is tried, that which works: the clock is kept right, the kernel has its modules, and packets a way out. */
const PROBES: readonly string[] = [
  'modprobe -n',
  '/run/systemd/timesync/synchronized',
  'ip route show default',
];

function contentOf(name: string, path: string): string | null {
  if (path === '/etc/machine-id') return `${name.padEnd(32, '0')}\n`;
  if (path === '/etc/resolv.conf') return '# made by a tool\nsearch example\nnameserver 192.0.2.53\n';
  if (path.endsWith('/product_uuid')) return `${name}-uuid\n`;
  return null;
}
