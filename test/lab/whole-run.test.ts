import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {type EndedRun, LabProject, NOTHING_TO_DO, type ToldTask, verdictOf} from '../support/lab-project.ts';
import {onHost} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const HOSTS = ['one', 'two'] as const;

const SERVICE = [
  '- id: config',
  '  tags: [config]',
  '  copy: {dest: /etc/app.conf, content: "port = {{ port }}\\n"}',
  '- id: program',
  '  copy:',
  '    dest: /etc/systemd/system/app.service',
  '    content: "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n"',
  '- id: unit',
  '  systemd_unit: {name: app, state: started, enabled: true, restart_on: [/etc/app.conf], settle: {steady: 0s}}',
  '',
].join('\n');

/** One of nearly everything that a host can be given. */
const MANY_TYPES = String.raw`
- id: group
  group: {name: staff2, system: true}
- id: user
  user: {name: worker, group: staff2, shell: /bin/sh, create_home: true}
- id: tree
  loop: [a, a/b]
  file: {path: "/srv/tree/{{ item }}", state: directory, owner: worker, group: staff2, mode: "0750"}
- id: copy
  copy: {dest: /srv/tree/a/file, content: "text\n", owner: worker, mode: "u=rw,g=r"}
- id: again
  copy: {dest: /srv/tree/a/file2, content: "text\n", backup: true}
- id: link
  file: {path: /srv/tree/link, src: a/file, state: link}
- id: rendered
  template: {src: file.hbs, dest: /srv/tree/rendered}
- id: entry
  hosts_entry: {address: 10.9.9.9, names: [far.example]}
- id: setting
  sysctl: {name: net.ipv4.ip_forward, value: 1, sysctl_file: /etc/sysctl.d/90-test.conf}
- id: named
  hostname: {name: "{{ inventory_hostname }}.example"}
- id: mark
  command: {cmd: "echo done >/srv/tree/mark", creates: /srv/tree/mark, touches: [/srv/tree]}
- id: port
  check: {facts: {file: {stat: /srv/tree/mark}}, assert: "file != null", message: The mark is not there.}
- id: waiting
  wait_for: {path: /srv/tree/mark, timeout: 5s}
- id: program
  copy:
    dest: /etc/systemd/system/many.service
    content: "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
- id: unit
  systemd_unit: {name: many, state: started, enabled: true, settle: {steady: 0s}}
`;

describe.skipIf(!support.ok)(`a whole run as its user sees it${reason}`, () => {
  const name = `test-whole-${process.pid}`;
  let lab: Lab;
  let project: LabProject;

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name, hosts: HOSTS});
  });
  afterAll(() => down(name));

  const onAll = <Value>(work: (host: string) => Promise<Value>): Promise<Value[]> =>
    Promise.all(HOSTS.map((host) => work(host)));
  const config = () => onAll((host) => onHost(lab, host, 'cat /etc/app.conf 2>/dev/null || echo none'));
  const invocations = () =>
    onAll((host) => onHost(lab, host, 'systemctl show --property=InvocationID --value app'));
  const port = (value: number) => ['-e', `port=${value}`];

  /** Two hosts without the service, and its project. */
  async function bare(): Promise<LabProject> {
    const remove =
      'systemctl disable --now --quiet app 2>/dev/null; rm -f /etc/app.conf /etc/systemd/system/app.service; systemctl daemon-reload';
    await onAll((host) => onHost(lab, host, `${remove}; exit 0`));
    return LabProject.of(lab, SERVICE, {
      'roles/app/schema.json': '{"type": "object", "properties": {"port": {"type": "integer"}}}',
      'roles/app/defaults.yaml': 'port: 1\n',
    });
  }

  describe('of a service', () => {
    beforeEach(async () => {
      project = await bare();
      return () => project[Symbol.asyncDispose]();
    });

    test('more than a pipe holds is told to its end', async () => {
      const tasks = Array.from(
        {length: 1000},
        (_, n) => `- {id: t${n}, copy: {dest: /srv/t${n}, content: x}}\n`,
      );
      await project.write({'roles/app/tasks/main.yaml': tasks.join('')});
      const {stdout, code} = await project.plan('--format', 'json');
      expect(code).toBe(0);
      expect(stdout.length).toBeGreaterThan(1 << 18);
      expect(JSON.parse(stdout)).toHaveProperty('tasks');
    });

    test('a second run changes nothing', async () => {
      expect(verdictOf(await project.run())).toEqual({code: 0, changed: 6, failed: 0});
      const before = await invocations();
      expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
      expect(await invocations()).toEqual(before);
    });

    test('with --check nothing is changed, and the plan is a real one also of a bare host', async () => {
      const run = await project.run('--check');
      expect(run.code).toBe(0);
      expect(planned(run).map(({id, status}) => [id, status])).toEqual(
        HOSTS.flatMap((host) =>
          ['config', 'program', 'unit'].map((task) => [`${host}/app/app/${task}`, 'pending']),
        ),
      );
      expect(await config()).toEqual(['none\n', 'none\n']);
    });

    test('a plan that was saved is applied as it was shown, once', async () => {
      const plan = await project.plan('--out', 'next.plan', '--detailed-exitcode');
      expect(plan).toMatchObject({code: 3, stderr: expect.not.stringContaining('error')});
      expect(plan.stdout).toContain('6 to create');
      expect(await config()).toEqual(['none\n', 'none\n']);
      const apply = () => project.command(['apply', 'next.plan', '--yes', '--output', 'ndjson']).ended;
      expect(verdictOf(await apply())).toEqual({code: 0, changed: 6, failed: 0});
      expect(await project.plan('--detailed-exitcode')).toMatchObject({code: 0});
    });

    test('a plan that was saved is not applied to hosts that have become others since', async () => {
      await project.plan('--out', 'next.plan');
      await onHost(lab, 'two', 'echo "port = 9" >/etc/app.conf');
      const run = await project.command(['apply', 'next.plan', '--yes']).ended;
      expect(run.code).toBe(2);
      expect(run.stderr).toContain('no longer as the plan found them');
      expect(await config()).toEqual(['none\n', 'port = 9\n']);
    });

    test('a restart is planned, not discovered', async () => {
      await project.run();
      const before = await invocations();
      const units = planned(await project.run('--check', ...port(2))).filter(({id}) => id.endsWith('/unit'));
      expect(units).toMatchObject(
        HOSTS.map(() => ({status: 'pending', change: {action: 'update', impact: 'restart'}})),
      );
      expect(await invocations()).toEqual(before);
      expect(verdictOf(await project.run(...port(2)))).toEqual({code: 0, changed: 4, failed: 0});
      const later = await invocations();
      expect(later.every((id, index) => id !== before[index])).toBe(true);
      expect(verdictOf(await project.run(...port(2)))).toEqual(NOTHING_TO_DO);
      expect(await invocations()).toEqual(later);
    });

    test('what somebody changed on a host is put right, and nothing else', async () => {
      await project.run();
      const [, other] = await invocations();
      await onHost(lab, 'one', 'echo mine >/etc/app.conf; systemctl stop app; systemctl disable --quiet app');
      const run = await project.run();
      expect(verdictOf(run)).toEqual({code: 0, changed: 2, failed: 0});
      expect(await config()).toEqual(['port = 1\n', 'port = 1\n']);
      expect(await onHost(lab, 'one', 'systemctl is-active app; systemctl is-enabled app')).toBe(
        'active\nenabled\n',
      );
      expect((await invocations())[1]).toBe(other);
    });

    test('--limit and --tags choose what may change', async () => {
      expect(verdictOf(await project.run('--tags', 'config', '--limit', 'two'))).toMatchObject({
        code: 0,
        changed: 1,
      });
      expect(await config()).toEqual(['none\n', 'port = 1\n']);
      expect(verdictOf(await project.run('--limit', 'one'))).toMatchObject({code: 0, changed: 3});
      expect(verdictOf(await project.run())).toEqual({code: 0, changed: 2, failed: 0});
    });

    test('a person is told what changed, and that there is nothing to do', async () => {
      const plain = ['inventory.yaml', '--playbook', 'playbook.yaml', '--yes', '--output', 'plain'];
      const first = await project.command(plain).ended;
      expect(first.stdout).toContain('Plan: 6 to create');
      expect(first.stdout).toMatch(/^one: unit: changed \(create\)/m);
      const second = await project.command(plain).ended;
      expect(second.stdout).not.toContain('changed (');
      expect(second).toMatchObject({code: 0, stderr: ''});
    });
  });

  test('what changes is what was said, of many types: --audit-touches finds nothing more', async () => {
    await using many = await LabProject.of(lab, MANY_TYPES, {
      'roles/app/templates/file.hbs': 'on {{ profile.arch }}\n',
    });
    expect(verdictOf(await many.run('--audit-touches'))).toMatchObject({code: 0, failed: 0});
    expect(verdictOf(await many.run('--audit-touches'))).toEqual(NOTHING_TO_DO);
  });
});

function planned({events}: EndedRun): readonly ToldTask[] {
  return events.find(({type}) => type === 'plan-ready')?.plan?.tasks ?? [];
}
