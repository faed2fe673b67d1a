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

/** What runs a program where only the lab is: no route leads out of it. */
export const inLab = (lab: string, argv: readonly string[]): Argv => inNamespace(labNamespace(lab), argv);

/** What runs a program in a network namespace, with all else as it is. */
export const inNamespace = (name: string, argv: readonly string[]): Argv => [
  'nsenter',
  `--net=${namespacePath(name)}`,
  '--',
  ...argv,
];

/** The lab's own network namespace, with the bridge that all hosts are plugged into. Twice is once. */
export async function makeBridge(lab: string): Promise<void> {
  const namespace = labNamespace(lab);
  await makeNamespaces([namespace]);
  await batch(namespace, [
    'link set lo up',
    ...(linksIn(await links(namespace)).has('bridge') ? [] : ['link add bridge type bridge']),
    'address replace 10.77.0.1/16 dev bridge',
    'link set bridge up',
  ]);
  // Frames between hosts are not packets of this namespace: its filters must not see them.
  const settings = ['net.bridge.bridge-nf-call-iptables=0', 'net.ipv4.ip_forward=0'];
  await run(inNamespace(namespace, ['sysctl', '-q', '-w', ...settings]));
}

/** Gives hosts a namespace, a cable to the bridge, an address and the routes that a server would have. */
export async function plugIn(lab: string, ports: readonly Port[]): Promise<void> {
  const namespace = labNamespace(lab);
  await makeNamespaces(ports.map(({host}) => hostUnit(lab, host)));
  const present = linksIn(await links(namespace));
  const missing = ports.filter((port) => !present.has(cable(port)));
  await batch(
    namespace,
    missing.flatMap((port) => cableCommands(lab, port)),
  );
  await Promise.all(ports.map((port) => batch(hostUnit(lab, port.host), hostCommands(port))));
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
  await batchDelete(names);
}

/** Removes one host's namespace, so that the next boot has a new network, as a real one has. */
export async function unplug(lab: string, port: Port): Promise<void> {
  await run(['ip', '-n', labNamespace(lab), 'link', 'delete', cable(port)]);
  if (namespaces().includes(hostUnit(lab, port.host))) await batchDelete([hostUnit(lab, port.host)]);
}

/** Whether the lab has its namespace. */
export const hasNamespace = (lab: string): boolean => namespaces().includes(labNamespace(lab));

const cable = ({index}: Port): string => `host${index}`;

function cableCommands(lab: string, port: Port): readonly string[] {
  return [
    `link add ${cable(port)} type veth peer name eth0 netns ${hostUnit(lab, port.host)}`,
    `link set ${cable(port)} master bridge up`,
  ];
}

function hostCommands({index}: Port): readonly string[] {
  return [
    `address replace ${addressOf(index)}/16 dev eth0`,
    'link set eth0 up',
    'link set lo up',
    ...SERVICE_RANGES.map((range) => `route replace ${range} dev eth0`),
  ];
}

const namespaces = (): readonly string[] => (existsSync('/run/netns') ? readdirSync('/run/netns') : []);

/** A name without a mount behind it is what a killed `ip netns add` leaves. */
async function makeNamespaces(names: readonly string[]): Promise<void> {
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8');
  const sound = new Set(namespaces().filter((name) => mounted.includes(`/netns/${name} `)));
  const missing = names.filter((name) => !sound.has(name));
  for (const name of missing) rmSync(namespacePath(name), {force: true});
  if (missing.length > 0)
    await must(['ip', '-batch', '-'], missing.map((name) => `netns add ${name}\n`).join(''));
}

async function batchDelete(names: readonly string[]): Promise<void> {
  if (names.length > 0)
    await must(['ip', '-batch', '-'], names.map((name) => `netns delete ${name}\n`).join(''));
}

async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  if (commands.length > 0) await must(['ip', '-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`);
}

const links = (namespace: string): Promise<string> => must(['ip', '-n', namespace, '-o', 'link']);

/** `3: host0@if2: <BROADCAST,…` */
export function linksIn(output: string): ReadonlySet<string> {
  return new Set([...output.matchAll(/^\d+: ([^@:]+)/gm)].map(([, name = '']) => name));
}
