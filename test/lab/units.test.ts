import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {LabProject, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const NAME = `test-units-${process.pid}`;

const tasks = (config: string): string => `
- id: config
  name: Write the configuration
  copy: {dest: /etc/trial.conf, content: "${config}\\n"}
- id: file
  name: Write the unit
  copy:
    dest: /etc/systemd/system/trial.service
    content: |
      [Service]
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
- id: service
  name: Run it
  systemd_unit: {name: trial, state: started, enabled: true, restart_on: [/etc/trial.conf]}
- id: once_file
  name: Write a unit that ends
  copy:
    dest: /etc/systemd/system/once.service
    content: |
      [Service]
      Type=oneshot
      ExecStart=/bin/sh -c 'echo ran >>/run/once'
- id: once
  name: Run it once
  systemd_unit: {name: once, state: started, restart_on: [/etc/trial.conf]}
`;

describe.runIf(support.ok)(`units on a real host${reason}`, () => {
  let lab: Lab;

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name: NAME, hosts: ['node1']});
  });
  afterAll(() => down(NAME));

  async function run(command: string): Promise<string> {
    const {code, stdout, stderr} = await lab.exec('node1', command);
    expect({code, stderr}).toMatchObject({code: 0});
    return stdout.trim();
  }

  const invocation = (): Promise<string> => run('systemctl show --property=InvocationID --value trial');

  test('a restart is planned from the file that will change, and happens once', async () => {
    await using project = await LabProject.of(lab, tasks('one'));
    expect(verdictOf(await project.run('--audit-touches'))).toEqual({code: 0, changed: 5, failed: 0});
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
    const first = await invocation();

    await project.write({'roles/app/tasks/main.yaml': tasks('two')});
    const plan = await project.plan();
    expect(plan.stdout).toContain('3 to update; 2 restarts');
    expect(verdictOf(await project.run('--audit-touches'))).toEqual({code: 0, changed: 3, failed: 0});
    const second = await invocation();
    expect(second).not.toBe(first);
    expect(await run('grep -c ran /run/once')).toBe('2');

    // A file that was edited and repaired before anybody restarted it is the one that it was started with.
    await run('echo by hand >/etc/trial.conf');
    expect(verdictOf(await project.run())).toEqual({code: 0, changed: 1, failed: 0});
    expect(await invocation()).toBe(second);

    // Without a stamp, the time of the file against that of the start decides.
    await run(
      'rm /run/provision/units/trial.service; chmod 0600 /etc/trial.conf; chmod 0644 /etc/trial.conf',
    );
    expect(verdictOf(await project.run())).toEqual({code: 0, changed: 1, failed: 0});
    expect(await invocation()).not.toBe(second);
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
  });
});
