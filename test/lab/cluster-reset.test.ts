import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {labSupport} from '../../src/lab/support.ts';
import {ClusterLab, changedBy, expectSuccess, ONE_AND_ONE} from '../support/cluster-lab.ts';
import {stateOf} from '../support/host-state.ts';
import {NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const HOSTS = ['cp1', 'w1'] as const;

/** What is somebody else's on a host, where a reset could take it for ours. */
const FOREIGN = String.raw`
nft 'table inet theirs { chain input { type filter hook input priority 5; tcp dport 9999 counter drop; }; }'
iptables -A INPUT -p tcp --dport 9998 -m comment --comment 'a rule of theirs' -j ACCEPT
iptables -N THEIRS && iptables -A THEIRS -j RETURN && iptables -A FORWARD -j THEIRS
ip link add br-theirs type bridge
mkdir -p /opt/cni/bin /etc/cni/net.d && echo theirs >/opt/cni/bin/theirs && echo theirs >/etc/cni/net.d/99-theirs.conf.off
echo '10.9.9.9 db.example # theirs' >>/etc/hosts
`;

describe.skipIf(!support.ok)(`hosts that were a cluster are reset${reason}`, () => {
  const name = `test-reset-${process.pid}`;
  let cluster: ClusterLab;
  let before: readonly string[];

  const stateOfAll = (): Promise<readonly string[]> =>
    Promise.all(HOSTS.map((host) => stateOf(cluster.lab, host)));
  const reset = (...words: readonly string[]) =>
    cluster.project.command(['reset', 'inventory.yaml', '--yes', '--output', 'ndjson', ...words]).ended;
  const nodes = () => cluster.kubectl('cp1', 'get nodes -o name');

  // The tests change one cluster in turn, so they are one.
  beforeAll(async () => {
    cluster = await ClusterLab.of(name, HOSTS, ONE_AND_ONE, 'bare');
    await Promise.all(HOSTS.map((host) => onHost(cluster.lab, host, FOREIGN)));
    before = await stateOfAll();
    expectSuccess(await cluster.run());
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  test('a worker leaves, comes back, and in the end nothing of ours is left on any host', async () => {
    expectSuccess(await reset('--limit', 'w1'));
    expect(await nodes()).toBe('node/cp1\n');
    expect(await stateOf(cluster.lab, 'w1')).toBe(before[1]);

    const again = await cluster.run();
    expectSuccess(again);
    expect(changedBy(again).filter((task) => task.startsWith('cp1/'))).toEqual([]);
    expect(await nodes()).toBe('node/cp1\nnode/w1\n');

    expectSuccess(await reset());
    expect(await stateOfAll()).toEqual(before);
    expect(verdictOf(await reset())).toEqual(NOTHING_TO_DO);

    expectSuccess(await cluster.run());
    expect(verdictOf(await cluster.run())).toEqual(NOTHING_TO_DO);
  });
});
