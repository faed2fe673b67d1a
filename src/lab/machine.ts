import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {run} from './run.ts';

/** Kernel features that servers load as modules, and that a host cannot load by itself. */
const MODULES = [
  'overlay br_netfilter bridge veth vxlan nf_conntrack nf_tables nft_chain_nat',
  'ip_tables ip6_tables xt_conntrack xt_MASQUERADE ip_set fuse loop',
]
  .join(' ')
  .split(' ');

/** What hosts need of the machine below them, for all of them together. It stays so when they are gone. */
export async function prepareKernel(): Promise<void> {
  raiseInotify();
  // One that is built in, or that this kernel lacks, must not keep the others from being loaded.
  if (existsSync('/lib/modules')) await Promise.all(MODULES.map((name) => run(['modprobe', '-q', name])));
}

/** The machine's 128 instances are for all hosts together; a control plane alone uses 30. */
function raiseInotify(): void {
  for (const [name, least] of [
    ['max_user_instances', 8192],
    ['max_user_watches', 524_288],
  ] as const) {
    const file = `/proc/sys/fs/inotify/${name}`;
    if (Number(readFileSync(file, 'utf8')) < least) writeFileSync(file, String(least));
  }
}
