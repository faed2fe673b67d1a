import {FactStore} from '../../src/facts/fact-store.ts';
import {ABSENT, type Answer, known} from '../../src/model/answer.ts';
import type {FactQuery} from '../../src/model/fact.ts';
import type {HostProfile} from '../../src/model/profile.ts';
import {DIRECTORY, PROFILE} from './resources.ts';

/** A small server on which nothing was done yet, with what is other on it than on the next one. */
export interface BareHost {
  readonly name: string;
  readonly address: string;
  readonly profile?: Partial<HostProfile>;
  /** Answers by the question's id; null is absent. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** What the host is. */
export const profileOf = ({address, profile}: BareHost): HostProfile => ({
  ...PROFILE,
  address,
  addresses: [address],
  ...profile,
});

/** What the host answers to these questions. */
export const factsOf = (host: BareHost, asked: readonly FactQuery[]): FactStore =>
  new FactStore(asked.map((query) => ({query, answer: answerOf(host, query)})));

function answerOf(host: BareHost, query: FactQuery): Answer<unknown> {
  const id = `${query.kind.name} ${query.key}`;
  const {facts = {}} = host;
  const value = Object.hasOwn(facts, id) ? facts[id] : recorded(host, query);
  return value === null ? ABSENT : known(value);
}

/** As small servers answered that a cluster was put on later. */
function recorded({name, address}: BareHost, {kind, key}: FactQuery): unknown {
  switch (kind.name) {
    case 'content':
      return contentOf(name, key);
    case 'interfaces':
      return [{name: 'eth0', mac: `02:00:00:00:00:${address.split('.')[3]}`, addresses: [`${address}/24`]}];
    case 'disk_space':
      return {free_mb: 20_000, total_mb: 40_000, free_inodes: 1_000_000};
    case 'route':
      return {interface: 'eth0', source: address, gateway: key === '127.0.0.1' ? '' : '192.0.2.254'};
    case 'clock':
      return {offset_ms: 520, error_ms: 530};
    case 'followed':
      return FOLDERS.has(key) ? DIRECTORY : null;
    case 'hostname':
      return name;
    case 'swap':
      return {active: ['/swap.img'], fstab: []};
    case 'reach':
      return 'refused';
    case 'probe':
      return PROBES.some((text) => key.includes(text)) ? 0 : 1;
    default:
      return null;
  }
}

/** Every server has these, whatever was installed. */
export const FOLDERS: ReadonlySet<string> = new Set(
  '/ /etc /etc/modules-load.d /etc/security/limits.d /etc/sysctl.d /etc/systemd/system /root /run /tmp /usr/local/bin /var/lib'.split(
    ' ',
  ),
);

/** Of what is tried, that which works: the clock is kept right, and the kernel has its modules. */
const PROBES: readonly string[] = ['modprobe -n', '/run/systemd/timesync/synchronized'];

function contentOf(name: string, path: string): string | null {
  if (path === '/etc/machine-id') return `${name.padEnd(32, '0')}\n`;
  if (path === '/etc/resolv.conf') return '# made by a tool\nsearch example\nnameserver 192.0.2.53\n';
  if (path.endsWith('/product_uuid')) return `${name}-uuid\n`;
  return null;
}
