import {readFile} from 'node:fs/promises';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {type EndedRun, LabProject, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {expectOnlyProcesses, onHost, processesOn, tracesOn} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const HOSTS = ['one', 'two'] as const;

const FILE = '- id: file\n  copy: {dest: /srv/file, content: "text\\n"}\n';

/** Two commands, the first of which takes as long as the test wants. */
const GATED = String.raw`
- id: gated
  command: {cmd: "mkdir -p /srv/at; touch /srv/at/gate; until [ -e /srv/go ]; do sleep 0.05; done; : >/srv/gated", creates: /srv/gated, touches: [/srv]}
- id: behind
  command: {cmd: ": >/srv/behind", creates: /srv/behind, touches: [/srv]}
`;

/** Files that travel one by one, since their folders take turns; the check of the first takes as long as the test wants. */
const LONG_PIPELINE = [
  String.raw`- id: gated
  copy:
    dest: /srv/gated
    content: x
    validate: sh -c 'mkdir -p /srv/at; touch /srv/at/gate; until [ -e /srv/go ]; do sleep 0.05; done' %s
`,
  ...Array.from(
    {length: 59},
    (_, index) =>
      `- {id: f${index}, copy: {dest: /srv/${index % 2 === 0 ? 'a' : 'b'}/${index}, content: x}}\n`,
  ),
].join('');

describe.skipIf(!support.ok)(`connections to hosts${reason}`, () => {
  const name = `test-connections-${process.pid}`;
  let lab: Lab;

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name, hosts: HOSTS});
  });
  afterAll(() => down(name));
  beforeEach(() => onAll((host) => onHost(lab, host, 'rm -rf /srv/*')));

  const onAll = <Value>(work: (host: string) => Promise<Value>): Promise<Value[]> =>
    Promise.all(HOSTS.map((host) => work(host)));
  const found = () => onAll((host) => onHost(lab, host, 'ls /srv'));
  /** Waits until the gated command of each host stands at its gate. */
  const atTheGate = () =>
    expect
      .poll(() => onAll((host) => onHost(lab, host, 'ls -A /srv/at 2>/dev/null || :')), {
        timeout: 30_000,
        interval: 100,
      })
      .toEqual(HOSTS.map(() => 'gate\n'));
  const openGate = () => onAll((host) => onHost(lab, host, ': >/srv/go'));

  test('a user with sudo leaves what root would leave', async () => {
    await using project = await LabProject.of(lab, FILE);
    expect(verdictOf(await project.run('-u', 'ops'))).toEqual({code: 0, changed: 2, failed: 0});
    expect(await onHost(lab, 'one', 'stat -c %U:%G /srv/file')).toBe('root:root\n');
    expect(verdictOf(await project.run('-u', 'ops'))).toEqual(NOTHING_TO_DO);
  });

  test('a password for sudo is given to sudo alone, and a wrong one is a clear error that changes nothing', async () => {
    await using project = await LabProject.of(lab, FILE, {
      right: `${lab.sudoPassword}\n`,
      wrong: 'guess\n',
    });
    const withPassword = (file: string) => ['-u', 'opspw', '--become-password-file', file];
    const refused = await project.run(...withPassword('wrong'));
    expect(verdictOf(refused)).toMatchObject({code: 4, changed: 0});
    expect(unreachable(refused)).toEqual(new Set(HOSTS));
    expect(whyUnreachable(refused)).toMatch(/password/i);
    expect(refused.stdout + refused.stderr).not.toContain('guess');
    expect(await found()).toEqual(['', '']);
    const run = await project.run(...withPassword('right'));
    expect(verdictOf(run)).toEqual({code: 0, changed: 2, failed: 0});
    expect(run.stdout + run.stderr).not.toContain(lab.sudoPassword);
  });

  test('a host that does not answer keeps no other from its work', async () => {
    await using project = await LabProject.of(lab, FILE);
    await lab.linkDown('two');
    const run = await project.run();
    await lab.linkUp('two');
    expect(verdictOf(run)).toMatchObject({code: 4, changed: 1, failed: 0});
    expect(unreachable(run)).toEqual(new Set(['two']));
    await expect.poll(async () => (await lab.exec('two', 'true')).code, {timeout: 30_000}).toBe(0);
    expect(await found()).toEqual(['file\n', '']);
  });

  test('a host with another key than the known one is refused, with a way out', async () => {
    const keys = await readFile(lab.knownHostsFile, 'utf8');
    await using project = await LabProject.of(lab, FILE, {known_hosts: swapped(keys)});
    const run = await project.run('--known-hosts', project.path('known_hosts'));
    expect(verdictOf(run)).toMatchObject({code: 4, changed: 0});
    expect(whyUnreachable(run)).toMatch(/key/);
    expect(run.events.find(({type}) => type === 'host-unreachable')?.hint).toContain('ssh-keygen -R');
    expect(await found()).toEqual(['', '']);
  });

  test('a lost connection resumes: what it was at is done, and what came behind it', async () => {
    await using project = await LabProject.of(lab, GATED);
    const before = await onAll((host) => processesOn(lab, host));
    const run = project.start();
    await atTheGate();
    // The server's end of the connection ends, as when a host runs out of memory.
    await onHost(lab, 'one', "pkill -KILL -f '^sshd: root@notty'");
    await run.until(({type}) => type === 'host-lost');
    await openGate();
    expect(verdictOf(await run.ended)).toEqual({code: 0, changed: 4, failed: 0});
    expect(await found()).toEqual(HOSTS.map(() => 'at\nbehind\ngated\ngo\n'));
    for (const [index, host] of HOSTS.entries()) await expectOnlyProcesses(lab, host, before[index] ?? []);
  });

  test('a host that restarts as a step comes back, and the run goes on', async () => {
    const tasks =
      '- id: reboot\n  reboot: {}\n- id: behind\n  copy: {dest: /srv/behind, content: "text\\n"}\n';
    await using project = await LabProject.of(lab, tasks);
    const boots = () => onAll((host) => onHost(lab, host, 'cat /proc/sys/kernel/random/boot_id'));
    const before = await boots();
    await onHost(lab, 'one', ': >/run/reboot-required');
    const run = await project.run();
    expect(verdictOf(run)).toEqual({code: 0, changed: 3, failed: 0});
    expect(run.events.find(({type}) => type === 'host-back')).toMatchObject({host: 'one', rebooted: true});
    const after = await boots();
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(await found()).toEqual(['behind\n', 'behind\n']);
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
  });

  test('of two runs at once the second changes nothing and names the first', async () => {
    await using project = await LabProject.of(lab, GATED);
    const first = project.start();
    await atTheGate();
    const second = await project.run();
    expect(second.code).toBe(5);
    expect(second.events.find(({type}) => type === 'lock-busy')?.holder).toMatch(
      /^\w+@\S+, process \d+, since /,
    );
    await openGate();
    expect(verdictOf(await first.ended)).toEqual({code: 0, changed: 4, failed: 0});
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
  });

  test('Ctrl-C once lets finish what runs, and starts nothing new', async () => {
    await using project = await LabProject.of(lab, GATED);
    const run = project.start();
    await atTheGate();
    run.signal('SIGINT');
    await run.until(({type}) => type === 'cancelled');
    await openGate();
    expect(verdictOf(await run.ended)).toMatchObject({code: 130, changed: 2, failed: 0});
    expect(await found()).toEqual(HOSTS.map(() => 'at\ngated\ngo\n'));
    expect(await onAll((host) => tracesOn(lab, host))).toEqual(HOSTS.map(() => []));
  });

  test('Ctrl-C once in a long pipeline: what has left is finished, and nothing else has begun', async () => {
    await using project = await LabProject.of(lab, LONG_PIPELINE);
    await onAll((host) => onHost(lab, host, 'mkdir /srv/a /srv/b'));
    const run = project.start();
    await atTheGate();
    run.signal('SIGINT');
    await run.until(({type}) => type === 'cancelled');
    await openGate();
    const ended = await run.ended;
    const files = await onAll((host) => onHost(lab, host, 'ls /srv/gated /srv/a/* /srv/b/*'));
    const there = files.map((each) => each.trim().split('\n').length);
    expect(Math.min(...there)).toBeGreaterThan(1);
    expect(Math.max(...there)).toBeLessThanOrEqual(16);
    const changed = there.reduce((sum, each) => sum + each);
    expect(verdictOf(ended)).toEqual({code: 130, changed, failed: 0});
    expect(ended.events.filter(({type}) => type === 'task-started')).toHaveLength(changed);
    expect(await onAll((host) => tracesOn(lab, host))).toEqual(HOSTS.map(() => []));
    expect(verdictOf(await project.run())).toEqual({code: 0, changed: 120 - changed, failed: 0});
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
  });

  test('Ctrl-C twice ends on the hosts what runs there', async () => {
    await using project = await LabProject.of(lab, GATED);
    const before = await onAll((host) => processesOn(lab, host));
    const run = project.start();
    await atTheGate();
    run.signal('SIGINT');
    await run.until(({type}) => type === 'cancelled');
    run.signal('SIGINT');
    expect((await run.ended).code).toBe(130);
    for (const [index, host] of HOSTS.entries()) await expectOnlyProcesses(lab, host, before[index] ?? []);
    expect(await found()).toEqual(HOSTS.map(() => 'at\n'));
    expect(await onAll((host) => tracesOn(lab, host))).toEqual(HOSTS.map(() => []));
    await openGate();
    expect(verdictOf(await project.run())).toEqual({code: 0, changed: 4, failed: 0});
  });
});

const unreachable = ({events}: EndedRun): ReadonlySet<string | undefined> =>
  new Set(events.filter(({type}) => type === 'host-unreachable').map(({host}) => host));

const whyUnreachable = ({events}: EndedRun): string =>
  events.find(({type}) => type === 'host-unreachable')?.because ?? 'all hosts were reached';

/** Each host gets the key of the other. */
function swapped(knownHosts: string): string {
  const lines = knownHosts
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const keys = lines.map(([, ...key]) => key.join(' ')).toReversed();
  return lines.map(([host = ''], index) => `${host} ${keys[index] ?? ''}\n`).join('');
}
