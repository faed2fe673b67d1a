import type {FactQuery} from '../model/fact.ts';
import {account} from './account.ts';
import {certificate} from './certificate.ts';
import {certificateEndOf} from './certificate-end.ts';
import {clock} from './clock.ts';
import {containerImageOf} from './container-image.ts';
import {content} from './content.ts';
import {digest} from './digest.ts';
import {diskSpace} from './disk-space.ts';
import {hostname} from './hostname.ts';
import {hosts} from './hosts.ts';
import {inode} from './inode.ts';
import {interfaces} from './interfaces.ts';
import {kernelModule} from './kernel-module.ts';
import {kubeletRequestsOf} from './kubelet-requests.ts';
import {kubernetesNodes} from './kubernetes-nodes.ts';
import {kubernetesObjectOf} from './kubernetes-object.ts';
import {listeners} from './listeners.ts';
import {mounts} from './mounts.ts';
import {packageState} from './package.ts';
import {packageCacheOf} from './package-cache.ts';
import {packageUpdateOf} from './package-update.ts';
import {packetFilter} from './packet-filter.ts';
import {port} from './port.ts';
import {privateKey} from './private-key.ts';
import {output, probe} from './probe.ts';
import {reach} from './reach.ts';
import {readlink} from './readlink.ts';
import {route} from './route.ts';
import {routes} from './routes.ts';
import {source} from './source.ts';
import {followed, stat} from './stat.ts';
import {swap} from './swap.ts';
import {sysctl, sysctlAtBoot} from './sysctl.ts';
import {listing, tree} from './tree.ts';
import {unit, unitFile} from './unit.ts';
import {unitStartOf} from './unit-start.ts';
import {user, userPassword} from './user.ts';

/** What a `check` or a role's `present_if` may ask about, by the name of the kind. */
export const FACT_KINDS: ReadonlyMap<string, (key: string) => FactQuery> = new Map<
  string,
  (key: string) => FactQuery
>([
  ['account', account],
  ['certificate', certificate],
  ['certificate_end', certificateEndOf],
  ['clock', clock],
  ['container_image', containerImageOf],
  ['content', content],
  ['digest', digest],
  ['disk_space', diskSpace],
  ['followed', followed],
  ['hostname', hostname],
  ['hosts', hosts],
  ['inode', inode],
  ['interfaces', interfaces],
  ['kernel_module', kernelModule],
  ['kubelet_requests', kubeletRequestsOf],
  ['kubernetes_nodes', kubernetesNodes],
  ['kubernetes_object', kubernetesObjectOf],
  ['listeners', listeners],
  ['listing', listing],
  ['mounts', mounts],
  ['output', output],
  ['package', packageState],
  ['package_cache', packageCacheOf],
  ['package_update', packageUpdateOf],
  ['packet_filter', packetFilter],
  ['port', port],
  ['private_key', privateKey],
  ['probe', probe],
  ['reach', reach],
  ['readlink', readlink],
  ['route', route],
  ['routes', routes],
  ['source', source],
  ['stat', stat],
  ['swap', swap],
  ['sysctl', sysctl],
  ['sysctl_at_boot', sysctlAtBoot],
  ['tree', tree],
  ['unit', unit],
  ['unit_file', unitFile],
  ['unit_start', unitStartOf],
  ['user', user],
  ['user_password', userPassword],
]);
