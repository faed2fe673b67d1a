import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {text} from 'node:stream/consumers';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {TempProject} from '../support/project.ts';
import {spawnTypescript} from '../support/spawn-typescript.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url);
const BUILD = new URL('artifacts/build.mjs', import.meta.url);
const LAB = `test-roles-${process.pid}`;
const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;

const INVENTORY = `
all:
  vars: {containerd_version: 2.2.1, crictl_enabled: false, time_sync_check: "off"}
  children:
    kube_node: {hosts: {node1: {}}}
`;
const PLAYBOOK = '- {play: hosts, hosts: all, roles: [host_baseline, containerd, hello]}';
const WITHOUT_HELLO = `
- play: hosts
  hosts: all
  roles: [host_baseline, containerd, {role: hello, when: "false"}]
`;

interface Ran {
  readonly exitCode: number;
  /** What the tasks ended as, by their place in their role. */
  readonly changed: readonly string[];
  readonly summary: Readonly<Record<string, number>>;
}

describe.runIf(support.ok)(`the roles on a real host${reason}`, () => {
  let lab: Lab;
  let project: TempProject;

  beforeAll(async () => {
    await prepareMachine(async () => true);
    project = await TempProject.of({'inventory.yaml': INVENTORY, 'playbook.yaml': PLAYBOOK});
    const variables = project.path('group_vars', 'all', 'artifacts.yaml');
    execFileSync(process.execPath, [BUILD.pathname, '--vars', variables], {stdio: 'inherit'});
    lab = await up({name: LAB, hosts: ['node1']});
  });

  // In whichever order they run, each begins with a host as it should be.
  beforeEach(async () => {
    const ran = await provision();
    expect(ran).toMatchObject({exitCode: 0, summary: {failed: 0, skipped: 0, unreachable: 0}});
  });

  afterAll(async () => {
    await down(LAB);
    await project[Symbol.asyncDispose]();
  });

  async function provision(...more: readonly string[]): Promise<Ran> {
    const words = [
      'lab',
      'run',
      '--lab',
      LAB,
      '--',
      project.path('inventory.yaml'),
      '--yes',
      '--output',
      'ndjson',
    ];
    const child = spawnTypescript(MAIN, [...words, ...more]);
    const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return ranOf(child.exitCode ?? -1, stdout);
  }

  const onHost = async (command: string): Promise<string> => (await lab.exec('node1', command)).stdout.trim();

  const answer = (): Promise<string> =>
    onHost(
      `bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; tail -n1 <&3'`,
    );

  test('a container runs, and a second run has nothing to do', async () => {
    expect(await answer()).toBe('hello from node1');
    expect(await provision()).toMatchObject({exitCode: 0, changed: [], summary: {changed: 0, failed: 0}});
  });

  test('a large program that was unpacked has a seal, and is not read in every run', async () => {
    const sealed = await onHost('cat /var/lib/provision/seals/*');
    const now = await onHost(
      'f=/usr/local/bin/containerd; echo "$(stat -c "%s %i %z=%n" $f) $(sha256sum <$f)"',
    );
    const [kept = '', digest = ''] = now.split(/ (?=[0-9a-f]{64} )/);
    expect(sealed.split('\n')).toContain(`${digest.slice(0, 64)} ${kept}`);
  });

  test('what somebody altered is put right, and nothing else is touched', async () => {
    await onHost('systemctl stop hello; rm /opt/cni/bin/bridge; mkdir /etc/containerd/certs.d/other.invalid');
    await onHost('ctr --namespace hello images remove lab.invalid/hello:1.0; echo >>/etc/crictl.yaml');
    const {exitCode, changed} = await provision('--audit-touches');
    expect(exitCode).toBe(0);
    expect(changed.toSorted()).toEqual([
      'containerd/cni_plugins',
      'containerd/crictl_config',
      'containerd/registries',
      'hello/image',
      'hello/service',
    ]);
    expect(await answer()).toBe('hello from node1');
    expect(await onHost('ls /etc/containerd/certs.d')).toBe('');
  });

  test('another configuration restarts containerd, once', async () => {
    const invocation = () => onHost('systemctl show --property=InvocationID --value containerd');
    const before = await invocation();
    const other = ['-e', 'containerd_debug_level=warn'];
    expect(await provision(...other)).toMatchObject({exitCode: 0, summary: {failed: 0}});
    const after = await invocation();
    expect(after).not.toBe(before);
    expect(await provision(...other)).toMatchObject({exitCode: 0, changed: []});
    expect(await invocation()).toBe(after);
  });

  test('a role that is switched off goes from the host, once', async () => {
    await project.write({'playbook.yaml': WITHOUT_HELLO});
    expect(await provision()).toMatchObject({exitCode: 0, summary: {failed: 0}});
    expect(await onHost('systemctl is-active hello; ls /etc/systemd/system/hello.service 2>&1')).toContain(
      'No such',
    );
    expect(await provision()).toMatchObject({exitCode: 0, changed: []});
    await project.write({'playbook.yaml': PLAYBOOK});
  });
});

function ranOf(exitCode: number, stdout: string): Ran {
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
  const changed = events.flatMap((event) => changedTask(event) ?? []);
  const last: unknown = events.at(-1);
  const summary: unknown = Reflect.get(Object(last), 'summary');
  return {exitCode, changed, summary: {...Object(summary)}};
}

function changedTask(event: unknown): string | undefined {
  const {type, task, outcome}: {type?: unknown; task?: unknown; outcome?: {status?: unknown}} = Object(event);
  if (type !== 'task-finished' || outcome?.status !== 'changed') return undefined;
  return String(task).split('/').slice(2).join('/');
}
