import {once} from 'node:events';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {allLabs, down, type Lab, openLab, up} from '../../src/lab/lab.ts';
import {lockFile} from '../../src/lab/lock.ts';
import {hostUnit, labFolder, labNamespace} from '../../src/lab/places.ts';
import {run} from '../../src/lab/run.ts';
import {removeSnapshot, takeSnapshot} from '../../src/lab/snapshot.ts';
import {labSupport} from '../../src/lab/support.ts';
import {spawnTypescript} from '../support/spawn-typescript.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url);
const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

/** Names of this process alone, so that runs side by side do not meet. */
const labName = (what: string): string => `test-${what}-${process.pid}`;

async function stdoutOf(lab: Lab, host: string, command: string, user?: string): Promise<string> {
  const {code, stdout, stderr} = await lab.exec(host, command, user);
  expect({code, stderr}, command).toEqual({code: 0, stderr: ''});
  return stdout.trim();
}

const initPid = (lab: Lab, name: string) => lab.hosts.find((host) => host.name === name)?.pid;

/** Everything by which a lab could be noticed. */
async function tracesOf(name: string): Promise<readonly string[]> {
  const unit = hostUnit(name, '');
  const {stdout: namespaces} = await run(['ip', 'netns', 'list']);
  const cgroups = readdirSync('/sys/fs/cgroup', {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [entry.name, ...readdirSync(`/sys/fs/cgroup/${entry.name}`)]);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...namespaces.split('\n').filter((line) => line.startsWith(unit) || line.startsWith(labNamespace(name))),
    ...cgroups.filter((cgroup) => cgroup.startsWith(unit)),
    ...mounts.filter((mount) => mount.includes(labFolder(name)) || mount.includes(unit)),
    ...commandLines().filter((line) => line.includes(labFolder(name))),
    ...[labFolder(name), lockFile(name)].filter((path) => existsSync(path)),
  ];
}

function commandLines(): readonly string[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  });
}

/** A number generator with a seed, so that a failure can be seen again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

beforeAll(async () => {
  if (support.ok) await prepareMachine(() => Promise.resolve(true));
});

describe.skipIf(!support.ok)(`a lab of systemd hosts${reason}`, () => {
  const name = labName('main');
  let lab: Lab;

  beforeAll(async () => {
    lab = await up({name, hosts: ['a', 'b']});
  });
  afterAll(() => down(name));

  test('each host is a server of its own, with nothing left to start and nothing failed', async () => {
    for (const host of ['a', 'b']) {
      expect(await stdoutOf(lab, host, 'hostname; systemctl is-system-running; cat /proc/1/comm')).toBe(
        `${host}\nrunning\nsystemd`,
      );
    }
    const ids = await Promise.all(['a', 'b'].map((host) => stdoutOf(lab, host, 'cat /etc/machine-id')));
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('root, a user with sudo and a user with a password for sudo can log in', async () => {
    expect(await stdoutOf(lab, 'a', 'id -un')).toBe('root');
    expect(await stdoutOf(lab, 'a', 'sudo -n id -un', 'ops')).toBe('root');
    expect((await lab.exec('a', 'sudo -n id -un', 'opspw')).code).toBe(1);
    const password = `'${lab.sudoPassword.replaceAll("'", `'\\''`)}'`;
    const {stdout} = await lab.exec('a', `printf '%s\\n' ${password} | sudo -S -p '' id -un`, 'opspw');
    expect(stdout).toBe('root\n');
  });

  test('hosts reach each other, and nothing outside', async () => {
    expect(await stdoutOf(lab, 'a', 'ping -q -c 1 -W 2 10.77.0.12 | grep -c " 0% packet loss"')).toBe('1');
    expect((await lab.exec('a', 'ping -c 1 -W 1 192.0.2.1')).stderr).toContain('Network is unreachable');
    const {stdout} = await run(lab.inside(['ip', 'route', 'show', 'default']));
    expect(stdout).toBe('');
  });

  test('what a host writes into settings of the whole machine stays in the host', async () => {
    const files = ['vm/swappiness', 'kernel/panic', 'fs/inotify/max_user_instances', 'vm/overcommit_memory'];
    const before = files.map((file) => readFileSync(`/proc/sys/${file}`, 'utf8'));
    for (const file of files) {
      expect(await stdoutOf(lab, 'a', `sysctl -q -w ${file}=77; cat /proc/sys/${file}`)).toBe('77');
      expect(await stdoutOf(lab, 'b', `cat /proc/sys/${file}`)).not.toBe('77');
    }
    expect(files.map((file) => readFileSync(`/proc/sys/${file}`, 'utf8'))).toEqual(before);
  });

  test('date in a host can be set off, and no other clock with it', async () => {
    const [real, shown] = [() => Date.now() / 1000, async () => Number(await stdoutOf(lab, 'a', 'date +%s'))];
    await lab.setClock('a', -86_400);
    expect(Math.abs((await shown()) - real() + 86_400)).toBeLessThan(60);
    await lab.setClock('a', 0);
    expect(Math.abs((await shown()) - real())).toBeLessThan(60);
  });

  test('a host cannot set the clock of the machine', async () => {
    expect((await lab.exec('a', 'date -s 2001-01-01')).stderr).toContain('Operation not permitted');
  });

  test("swap in fstab is on after a boot, and swapoff switches off the host's own alone", async () => {
    const machine = readFileSync('/proc/swaps', 'utf8');
    await stdoutOf(
      lab,
      'a',
      'truncate -s 64M /swapfile; chmod 600 /swapfile; mkswap -q /swapfile; echo "/swapfile none swap sw 0 0" >> /etc/fstab',
    );
    await lab.kill('a');
    await lab.boot('a');
    expect(await stdoutOf(lab, 'a', 'swapon --show=NAME,SIZE --noheadings')).toMatch(/^\/swapfile\s+64M$/);
    expect((await lab.exec('a', 'swapoff /other')).code).toBe(4);
    await stdoutOf(lab, 'a', 'swapoff -a && sed -i "/ swap /d" /etc/fstab');
    expect(await stdoutOf(lab, 'a', 'tail -n +2 /proc/swaps')).toBe('');
    expect(readFileSync('/proc/swaps', 'utf8')).toBe(machine);
  });

  test('a host that lost its power comes back with its files, and as a new boot', async () => {
    const bootId = await stdoutOf(lab, 'b', 'echo kept > /root/file; cat /proc/sys/kernel/random/boot_id');
    const pid = initPid(lab, 'b');
    await lab.kill('b');
    expect(initPid(lab, 'b')).toBeUndefined();
    const status = (await allLabs()).find((candidate) => candidate.name === name);
    expect(status?.hosts.slice(0, 2).map(({state}) => state)).toEqual(['up', 'off']);
    await lab.boot('b');
    expect(initPid(lab, 'b')).not.toBe(pid);
    expect(await stdoutOf(lab, 'b', 'cat /root/file')).toBe('kept');
    expect(await stdoutOf(lab, 'b', 'cat /proc/sys/kernel/random/boot_id')).not.toBe(bootId);
  });

  test('a host that reboots comes back by itself, with a new network', async () => {
    const read = async () => (await lab.exec('b', 'cat /proc/sys/kernel/random/boot_id')).stdout;
    const before = await read();
    await stdoutOf(lab, 'b', 'sysctl -q -w net.ipv4.ip_forward=1; ip link add left type bridge');
    await lab.exec('b', 'systemctl reboot');
    await expect.poll(async () => [before, ''].includes(await read()), {timeout: 60_000}).toBe(false);
    expect(await stdoutOf(lab, 'b', 'sysctl -n net.ipv4.ip_forward; ip -o link | grep -c left || true')).toBe(
      '0\n0',
    );
  });

  test('a host whose cable is out does not answer until it is in again', async () => {
    await lab.linkDown('b');
    expect((await lab.exec('b', 'true')).code).toBe(255);
    await lab.linkUp('b');
    await expect.poll(async () => (await lab.exec('b', 'true')).code, {timeout: 30_000}).toBe(0);
  });

  test('up leaves running hosts as they are and adds what is missing', async () => {
    const pid = initPid(lab, 'a');
    const more = await up({name, hosts: ['a', 'c']});
    expect(more.hosts.map(({address}) => address)).toEqual(['10.77.0.11', '10.77.0.12', '10.77.0.13']);
    expect(initPid(more, 'a')).toBe(pid);
    expect(await stdoutOf(more, 'c', 'hostname')).toBe('c');
  });

  test('the inventory that a lab writes names each host with its address', () => {
    const text = readFileSync(lab.inventoryFile, 'utf8');
    expect(text).toContain('    a: {ansible_host: 10.77.0.11}\n    b: {ansible_host: 10.77.0.12}\n');
    expect(text).toContain(`ansible_ssh_private_key_file: "${lab.keyFile}"`);
  });
});

describe.skipIf(!support.ok)(`a snapshot${reason}`, () => {
  const name = labName('snap');

  afterAll(async () => {
    await down(name);
    await removeSnapshot(name);
  });

  test('brings hosts back as they were, on new keys, and takes new ones beside them', async () => {
    const first = await up({name, hosts: ['cp1']});
    const machineId = await stdoutOf(first, 'cp1', 'cat /etc/machine-id');
    await stdoutOf(
      first,
      'cp1',
      'rm /etc/motd; rm -r /etc/apt; mkdir /etc/apt; echo 1 > /var/lib/etcd/member',
    );
    const stop = "--property=RemainAfterExit=yes --property='ExecStop=touch /root/stopped'";
    await stdoutOf(first, 'cp1', `systemd-run --quiet ${stop} true`);
    await takeSnapshot(name, name);
    await stdoutOf(first, 'cp1', 'echo 2 > /var/lib/etcd/member');
    await down(name);
    const second = await up({name, from: name, hosts: ['cp1', 'w1']});
    expect(await stdoutOf(second, 'cp1', 'cat /etc/machine-id')).toBe(machineId);
    expect(
      await stdoutOf(
        second,
        'cp1',
        'cat /var/lib/etcd/member; ls -A /etc/apt; test -e /etc/motd || echo no motd',
      ),
    ).toBe('1\nno motd');
    // Its services were stopped in order, and not cut off.
    expect((await second.exec('cp1', 'test -e /root/stopped')).code).toBe(0);
    expect(await stdoutOf(second, 'w1', 'cat /etc/machine-id')).not.toBe(machineId);
    await expect(removeSnapshot(name)).rejects.toThrow(`is what the lab "${name}" stands on`);
  });
});

describe.skipIf(!support.ok)(`light hosts${reason}`, () => {
  const name = labName('light');
  let lab: Lab;

  beforeAll(async () => {
    lab = await up({name, kind: 'light', hosts: 6});
  });
  afterAll(() => down(name));

  test('have a name, a boot and processes of their own', async () => {
    const commands =
      'hostname; cat /proc/1/comm; ls /proc | grep -c "^[0-9]*$"; cat /proc/sys/kernel/random/boot_id';
    const answers = await Promise.all(lab.hosts.map((host) => stdoutOf(lab, host.name, commands)));
    const boots = new Set(answers.map((answer) => answer.split('\n')[3]));
    expect(boots.size).toBe(6);
    expect(answers[5]).toMatch(/^node6\nlight-init\n\d\n/);
  });

  test('end and come back one by one', async () => {
    await lab.kill('node3');
    expect(lab.hosts.filter(({pid}) => pid === undefined).map((host) => host.name)).toEqual(['node3']);
    await lab.boot('node3');
    expect(await stdoutOf(lab, 'node3', 'sudo -n hostname', 'ops')).toBe('node3');
  });
});

describe.skipIf(!support.ok)(`a lab that was killed${reason}`, () => {
  const name = labName('kill');
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

  afterAll(() => down(name));

  test(`at any instant comes up the next time, and goes without a trace (SEED=${seed})`, async () => {
    const random = randomFrom(seed);
    for (let round = 0; round < 5; round++) {
      const program = spawnTypescript(MAIN, ['lab', 'up', '--hosts', '2', '--lab', name, '--yes']);
      const ended = once(program, 'close');
      await delay(500 + random() * 2_500);
      program.kill('SIGKILL');
      await ended;
      if (round % 2 === 1) {
        await down(name);
        expect(await tracesOf(name)).toEqual([]);
      }
    }
    const lab = await up({name, hosts: 2});
    expect(await stdoutOf(lab, 'node2', 'systemctl is-system-running')).toBe('running');
    const opened = await openLab(name);
    expect(opened.hosts).toEqual(lab.hosts);
    await down(name);
    expect(await tracesOf(name)).toEqual([]);
  });

  test('and was never there is none, and going down is no mistake', async () => {
    const other = labName('none');
    await expect(openLab(other)).rejects.toThrow(`There is no lab "${other}"`);
    await down(other);
    expect(await tracesOf(other)).toEqual([]);
  });
});
