import type {Script} from '../../base/script.ts';
import {lines, sh} from '../../shell/sh.ts';
import {FUNCTIONS, LINES} from './functions.ts';
import {PROBES} from './probes.ts';

/** What may be left to others: the network of pods, and what makes addresses of services lead to pods. */
export type Brought = 'network' | 'services';

/** What a cluster has to be like. */
export interface Gate {
  readonly kubeconfig: string;
  /** The names of all nodes that there should be. */
  readonly nodes: readonly string[];
  /** What the API servers answer, without a "v". Empty: any. */
  readonly version: string;
  /** `address:port` of each API server. */
  readonly apiServers: readonly string[];
  /** How many members etcd has, in pods or as a service elsewhere. 0: it is not asked. */
  readonly etcdMembers: number;
  /** All pods in these have to be Ready. */
  readonly namespaces: readonly string[];
  /** `KIND/NAME` of what has to be there in them. */
  readonly workloads: readonly string[];
  /** What others bring. While it is not there, nothing that needs it is looked at. */
  readonly fromOthers: readonly Brought[];
  /** The image of the pods that try the network; empty: none are made. */
  readonly probeImage: string;
  /** Of services; empty: names are not tried. */
  readonly dnsDomain: string;
  readonly timeoutMs: number;
}

/** Succeeds as soon as nothing is wrong; else it says on stderr, at the end of its time, what is. */
export function gateScript(gate: Gate): Script {
  const {kubeconfig, nodes, version, apiServers, etcdMembers, namespaces, probeImage, dnsDomain} = gate;
  const script = lines([
    sh`kubeconfig=${kubeconfig} version=${version} etcd_members=${etcdMembers}
workloads=${gate.workloads.join(' ')} nodes=${nodes.join(' ')} api_servers=${apiServers.join(' ')} namespaces=${namespaces.join(' ')} from_others=${gate.fromOthers.join(' ')} seconds=${Math.ceil(gate.timeoutMs / 1000)}`,
    FUNCTIONS,
    probeImage === ''
      ? sh`prepare() { :; }; probes() { :; }; clean() { :; }`
      : lines([sh`image=${probeImage} domain=${dnsDomain}`, PROBES]),
    MAIN,
  ]);
  const verb = gate.timeoutMs > 0 ? 'wait until' : 'look whether';
  const trying = probeImage === '' ? '' : `, and pods reach each other (${probeImage})`;
  return {
    wire: `(\n${script.wire}\n)`,
    display: `${verb} ${nodes.length} nodes are Ready, with all that belongs to them${trying}`,
  };
}

/**
 * What is cheap to ask comes first, and the rest only when that is right. Whatever fails is asked again: most of it
 * becomes right by itself while the cluster starts.
 */
const MAIN = sh`work=$(mktemp -d) || exit
trap 'clean; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
deadline=$(($(date +%s) + seconds))
prepare
while :; do
  lacking
  problems=$(nodes_and_pods; if_right workloads_are_rolled_out; if_right api_servers_answer; if_right etcd_is_healthy; if_right probes)
  [ -n "$problems" ] || exit 0
  [ "$(date +%s)" -lt "$deadline" ] || break
  sleep 0.5
done
printf '%s\\n' "$problems" >&2
strangers >&2
exit 1`;

/** Prints a line for each node and each pod: `node NAME VERSION READY`, `pod NAMESPACE NAME PHASE READY`. */
export const listScript = (
  kubeconfig: string,
): Script => sh`kubeconfig=${kubeconfig} nodes='' namespaces='' version='' workloads=''
${FUNCTIONS}
k get nodes,pods -A -o go-template=${LINES}`;
