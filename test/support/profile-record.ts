/** What a host prints when it is asked what it is. */
export function profileRecord({name, bootId}: {readonly name: string; readonly bootId: string}): Uint8Array {
  const lines = [
    `hostname=${name}`,
    'os=debian',
    'version=12',
    'like=',
    'kernel=6.1.0',
    'machine=x86_64',
    'init=systemd',
    'cgroup=v2',
    'packages=apt',
    'cpus=2',
    'memory=4194304',
    'address=192.0.2.7',
    'machine_id=0123456789abcdef',
    `boot_id=${bootId}`,
    'uid=0',
  ];
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}
