/** What a host prints when it is asked what it is. */
export function profileRecord({name, bootId}: {readonly name: string; readonly bootId: string}): Uint8Array {
  const lines = [
    `uname ${name} 6.1.0 x86_64`,
    'os debian',
    'version 12',
    'like ',
    'init systemd',
    'cgroup v2',
    'package_manager apt',
    'cpus 0-1',
    'memory MemTotal: 4194304 kB',
    'selinux ',
    'machine_id 0123456789abcdef',
    `boot_id ${bootId}`,
    'uid 0',
    'address 192.0.2.7',
  ];
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}
