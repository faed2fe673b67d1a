import {randomBytes} from 'node:crypto';
import {copyFile, mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {hostKey, loginKey} from './keys.ts';
import {hostFolder} from './places.ts';
import type {HostState, LabState} from './state.ts';

/** containerd gives its sandboxes a negative oom score, which needs CAP_SYS_RESOURCE in the whole machine. */
const RESTRICT_OOM_SCORE = `version = 3
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
`;

/** What makes a bare host an individual: its name, machine id, resolver, and the lab's keys. */
export async function layIdentity(lab: LabState, host: HostState): Promise<void> {
  await laySeed(lab, host, {
    'etc/hostname': `${host.name}\n`,
    'etc/hosts': `127.0.0.1\tlocalhost\n127.0.1.1\t${host.name}\n::1\tlocalhost ip6-localhost\n`,
    // An address where nobody answers. CoreDNS ends at once where there is no nameserver at all.
    'etc/resolv.conf': 'nameserver 10.77.0.1\n',
    'etc/machine-id': `${randomBytes(16).toString('hex')}\n`,
    ...((await mayLowerOomScore()) ? {} : {'etc/containerd/conf.d/10-lab.toml': RESTRICT_OOM_SCORE}),
  });
}

/** A host from a snapshot knows who it is, but not this lab's keys. */
export const layKeys = (lab: LabState, host: HostState): Promise<void> => laySeed(lab, host, {});

/** Complete or not there: a seed under its final name is one that a boot may take. */
async function laySeed(
  lab: LabState,
  host: HostState,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const seed = join(hostFolder(lab.name, host.name), 'seed');
  const partial = `${seed}.new`;
  await rm(partial, {recursive: true, force: true});
  const loginKeys = await readFile(`${loginKey(lab.name)}.pub`, 'utf8');
  for (const [path, text] of Object.entries({...files, 'etc/ssh/lab_authorized_keys': loginKeys})) {
    await mkdir(dirname(join(partial, path)), {recursive: true});
    await writeFile(join(partial, path), text);
  }
  for (const ending of ['', '.pub']) {
    await copyFile(
      `${hostKey(lab.name, host.name)}${ending}`,
      join(partial, `etc/ssh/ssh_host_ed25519_key${ending}`),
    );
  }
  await rename(partial, seed);
}

/** Bit 24 of the bounding set. */
async function mayLowerOomScore(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8');
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${bounding}`) >> 24n) & 1n) === 1n;
}
