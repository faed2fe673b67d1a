import type {Gate} from '../brackets/cluster-gate/script.ts';
import clusterGate, {gateOf} from '../brackets/cluster-gate.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import type {Host} from '../model/host.ts';
import {isObject} from '../yaml/inline.ts';
import {checkValue} from '../yaml/schema.ts';
import type {ConnectionFlags, ProjectFlags} from './flags.ts';
import {hostsOfEach} from './hosts.ts';
import {readProject} from './project.ts';
import type {World} from './world.ts';

export interface WatchFlags extends ProjectFlags, ConnectionFlags {
  readonly probe?: boolean;
  readonly probeImage?: string;
  readonly kubeconfig?: string;
}

/** Who can be asked about a cluster, and what it has to be like. */
export interface WatchedCluster {
  readonly controlPlanes: readonly Host[];
  readonly gate: Gate;
}

/** The image of pods that try the network, where the playbook names none. */
const PROBE_IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';

/** Who asks wants to know how it is now; only pods that try the network need time to start. */
const PROBE_MS = 60_000;

/** As the gate of the playbook describes it; where that says nothing, as the inventory does. */
export async function watchedCluster(flags: WatchFlags, world: World): Promise<WatchedCluster> {
  const patterns = ['kube_control_plane', 'k8s_cluster', 'kube_control_plane:etcd'] as const;
  const [controlPlanes = [], members = [], storing = []] = await hostsOfEach(patterns, flags, world);
  const usual = {nodes: members.map(({name}) => name), etcd_members: stackedMembers(controlPlanes, storing)};
  const spec = {...usual, ...(await declared(flags, world))};
  const gate = gateOf(checkValue(spec, clusterGate.schema).value);
  const {probe = false, probeImage = gate.probeImage || PROBE_IMAGE, kubeconfig = gate.kubeconfig} = flags;
  return {
    controlPlanes,
    gate: {...gate, kubeconfig, probeImage: probe ? probeImage : '', timeoutMs: probe ? PROBE_MS : 0},
  };
}

/** Members of etcd that run beside the API servers, one beside each; on hosts of their own they are no pods. */
const stackedMembers = (controlPlanes: readonly Host[], storing: readonly Host[]): number =>
  storing.length === controlPlanes.length ? controlPlanes.length : 0;

/**
 * What the gate of the playbook says of the cluster. Who is paged at night sees the rest also where the playbook has
 * a mistake, or no gate.
 */
async function declared(flags: WatchFlags, world: World): Promise<object> {
  const project = await readProject(flags, world, new Problems());
  if (!project) {
    world.err.write(
      'The playbook cannot be read (see `provision validate`), so versions and API servers are not compared.\n',
    );
    return {};
  }
  const gate = project.graph.brackets.find(({kind}) => kind === clusterGate.kind);
  const shown = gate?.spec();
  return isObject(shown) ? Object.fromEntries(Object.entries(shown).filter(isKnown)) : {};
}

/** What only a run could tell is shown as it is written. */
const isKnown = ([, value]: readonly [string, unknown]): boolean => !JSON.stringify(value).includes('{{');
