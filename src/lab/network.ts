import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {hostUnit, labNamespace, namespacePath} from './places.ts';
import {type Argv, must, run} from './run.ts';

/** A host's place in the lab's network. */
export interface Port {
  readonly host: string;
  /** Counts from 0; gives the address and the name of the port on the bridge. */
  readonly index: number;
}

/** Addresses of a Kubernetes service network, by kubeadm's and by kubespray's habit. */
const SERVICE_RANGES = ['10.96.0.0/12', '10.233.0.0/18'];
/** The bridge of Linux has 1024 ports. */
export const MAX_HOSTS = 1000;

/** 10.77.0.11 for the first host of a lab, and onward. */
export const addressOf = (index: number): string => `10.77.${(index + 11) >> 8}.${(index + 11) & 255}`;

/** The same after each boot, as a card's is: else the others would ask the old one for half a minute. */
const macOf = (index: number): string => {
  const [high, low] = [index >> 8, index & 255].map((part) => part.toString(16).padStart(2, '0'));
  return `02:00:0a:4d:${high}:${low}`;
};

/** What runs a program where only the lab is: no route leads out of it. */
export const inLab = (lab: string, argv: readonly string[]): Argv => inNamespace(labNamespace(lab), argv);

/** What runs a program in a network namespace, with all else as it is. */
const inNamespace = (name: string, argv: readonly string[]): Argv => [
  'nsenter',
  `--net=${namespacePath(name)}`,
  '--',
  ...argv,
];

/** The lab's own network namespace, with the bridge that all hosts are plugged into. Twice is once. */
export async function makeBridge(lab: string): Promise<void> {
  const namespace = labNamespace(lab);
  await makeNamespace(namespace);
  const hasBridge = (await run(['ip', '-n', namespace, 'link', 'show', 'bridge'])).code === 0;
  if (!hasBridge) await must(['ip', '-n', namespace, 'link', 'add', 'bridge', 'type', 'bridge']);
  const commands = ['link set lo up', 'address replace 10.77.0.1/16 dev bridge', 'link set bridge up'];
  await must(['ip', '-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`);
  // Frames between hosts are not packets of this namespace: its filters must not see them.
  const settings = ['net.bridge.bridge-nf-call-iptables=0', 'net.ipv4.ip_forward=0'];
  await run(inNamespace(namespace, ['sysctl', '-q', '-w', ...settings]));
}

/**
 * The shell program that gives a host a new namespace, a cable to the bridge, an address and the routes that
 * a server would have. What an earlier boot left in its network is gone, as on a real host.
 */
export function plugScript(lab: string, port: Port): string {
  const [unit, namespace] = [hostUnit(lab, port.host), labNamespace(lab)];
  return [
    `ip -n ${namespace} link delete ${cable(port)} 2> /dev/null`,
    `ip netns delete ${unit} 2> /dev/null`,
    `ip netns add ${unit} && ip -n ${namespace} -batch - <<END && ip -n ${unit} -batch - <<END`,
    `link add ${cable(port)} type veth peer name eth0 address ${macOf(port.index)} netns ${unit}`,
    `link set ${cable(port)} master bridge up`,
    'END',
    `address add ${addressOf(port.index)}/16 dev eth0`,
    'link set eth0 up',
    'link set lo up',
    ...SERVICE_RANGES.map((range) => `route add ${range} dev eth0`),
    'END',
  ].join('\n');
}

/** As pulling the cable out of the switch, and as putting it back. */
export async function setLink(lab: string, port: Port, state: 'up' | 'down'): Promise<void> {
  await must(['ip', '-n', labNamespace(lab), 'link', 'set', cable(port), state]);
}

/** Removes all namespaces of a lab, whoever made them; cables and the bridge go with them. */
export async function removeNamespaces(lab: string): Promise<void> {
  const names = namespaces().filter(
    (name) => name === labNamespace(lab) || name.startsWith(hostUnit(lab, '')),
  );
  if (names.length > 0)
    await must(['ip', '-batch', '-'], names.map((name) => `netns delete ${name}\n`).join(''));
}

/** Whether the lab has its namespace. */
export const hasNamespace = (lab: string): boolean => namespaces().includes(labNamespace(lab));

const cable = ({index}: Port): string => `host${index}`;

const namespaces = (): readonly string[] => (existsSync('/run/netns') ? readdirSync('/run/netns') : []);

/** A name without a mount behind it is what a killed `ip netns add` leaves. */
async function makeNamespace(name: string): Promise<void> {
  if (readFileSync('/proc/self/mountinfo', 'utf8').includes(`/netns/${name} `)) return;
  rmSync(namespacePath(name), {force: true});
  await must(['ip', 'netns', 'add', name]);
}
