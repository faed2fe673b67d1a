import type {SourceRange} from '../diagnostics/source.ts';
import type {GroupName, HostName} from '../model/names.ts';
import type {VariableLayer} from './layer.ts';

/** Which hosts there are, which groups they form, and what the files say about both. Nothing is rendered yet. */
export interface Inventory {
  /** In the order in which they are first named. */
  readonly hosts: ReadonlyMap<HostName, InventoryHost>;
  /** `all`, `ungrouped`, those of Kubernetes even where they are empty, and all that files declare. */
  readonly groups: ReadonlyMap<GroupName, InventoryGroup>;
}

export interface InventoryHost {
  readonly name: HostName;
  /** Where it is named first. */
  readonly at: SourceRange;
  /** All groups that it is in, also through others: `all` first, a parent before its children. */
  readonly groups: readonly GroupName[];
  /** Weakest first. */
  readonly layers: readonly VariableLayer[];
}

export interface InventoryGroup {
  readonly name: GroupName;
  /** Where it is named first; `undefined` for a group that exists without being named. */
  readonly at: SourceRange | undefined;
  /** All below it: its own first, then those of its children, each once, as declared. */
  readonly hosts: readonly HostName[];
  readonly children: readonly GroupName[];
  readonly parents: readonly GroupName[];
  /** Weakest first. */
  readonly layers: readonly VariableLayer[];
}

/** Groups that playbooks may always name: where the inventory has none of that name, it is empty. */
export const WELL_KNOWN_GROUPS = [
  'kube_control_plane',
  'kube_node',
  'etcd',
  'calico_rr',
  'bastion',
  'k8s_cluster',
] as const;

/** Groups that every inventory has. */
export const IMPLICIT_GROUPS = ['all', 'ungrouped', ...WELL_KNOWN_GROUPS] as const;

/** What `k8s_cluster` is made of where the inventory does not say. */
export const CLUSTER_GROUPS = ['kube_control_plane', 'kube_node', 'calico_rr'] as const;
