import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {type EndedRun, LabProject, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {expectOnlyProcesses, onHost, processesOn, tracesOn} from '../support/leftovers.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const ESCAPE = '\u001B';

describe.skipIf(!support.ok)(`hosts that behave badly${reason}`, () => {
  const name = `test-bad-${process.pid}`;
  let lab: Lab;
  let processes: readonly string[];

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name, hosts: ['one']});
    processes = await processesOn(lab, 'one');
  });
  afterAll(() => down(name));
  beforeEach(async () => {
    await onHost(lab, 'one', 'rm -rf /srv/*');
    return expectNothingLeft;
  });

  async function expectNothingLeft(): Promise<void> {
    await expectOnlyProcesses(lab, 'one', processes);
    expect(await tracesOn(lab, 'one')).toEqual([]);
  }

  test('a full disk fails the task, keeps the file that was there, and leaves no half of the new one', async () => {
    const size = 200_000;
    await using project = await LabProject.of(
      lab,
      `- id: file\n  copy: {dest: /srv/small/file, content: "${'x'.repeat(size)}"}\n`,
    );
    await onHost(
      lab,
      'one',
      'mkdir /srv/small && mount -t tmpfs -o size=64k none /srv/small && echo old >/srv/small/file',
    );
    const run = await project.run();
    const left = await onHost(lab, 'one', 'ls -A /srv/small; cat /srv/small/file; umount /srv/small');
    expect(verdictOf(run)).toMatchObject({code: 1, changed: 0, failed: 1});
    expect(run.stdout).toMatch(/No space left on device|Wrote only/);
    expect(left).toBe('file\nold\n');
    expect(verdictOf(await project.run())).toMatchObject({code: 0, changed: 1});
  });

  test('a command that prints 1 GB is read to its end, and only the beginning is kept', async () => {
    await using project = await LabProject.of(
      lab,
      '- id: loud\n  command: {cmd: "head -c 1000000000 /dev/zero | tr \'\\\\0\' x; false", creates: /srv/never}\n',
    );
    const run = await project.run();
    expect(verdictOf(run)).toMatchObject({code: 1, failed: 1});
    const stdout = expect.stringMatching(/^x{1000}/);
    expect(failure(run)).toMatchObject({reason: 'command-failed', exitCode: 1, stdout});
    expect(run.stdout.length).toBeLessThan(5_000_000);
  });

  test('bytes that are no text and sequences that drive a terminal are shown, and not obeyed', async () => {
    const print = String.raw`printf "\\033]0;owned\\007\\033[2Jhello\\000\\377\\r\\n" >&2; exit 3`;
    await using project = await LabProject.of(
      lab,
      `- id: rude\n  command: {cmd: '${print.replaceAll('\\\\', '\\')}', creates: /srv/never}\n`,
    );
    const plain = ['inventory.yaml', '--playbook', 'playbook.yaml', '--yes', '--output', 'plain'];
    for (const run of [await project.run(), await project.command(plain).ended]) {
      expect(run.code).toBe(1);
      expect(run.stdout).toContain('hello');
      expect(run.stdout + run.stderr).not.toContain(ESCAPE);
      expect(run.stdout + run.stderr).not.toContain('\u0007');
    }
  });

  test('what hangs is ended when its time is over, with all that it started', async () => {
    await using project = await LabProject.of(
      lab,
      '- id: hung\n  timeout: 2s\n  command: {cmd: "sleep 1000 & sleep 1000", creates: /srv/never}\n' +
        '- id: behind\n  copy: {dest: /srv/behind, content: x}\n',
    );
    const run = await project.run();
    expect(verdictOf(run)).toMatchObject({code: 1, changed: 0, failed: 1});
    expect(failure(run)).toMatchObject({reason: 'timed-out'});
    expect(await onHost(lab, 'one', 'ls /srv')).toBe('');
  });

  test('an unreadable file is not an absent one', async () => {
    await onHost(lab, 'one', 'mkdir -m 0700 /srv/closed && echo theirs >/srv/closed/file');
    await using project = await LabProject.of(
      lab,
      '- id: file\n  copy: {dest: /srv/closed/file, content: "ours\\n"}\n',
      {'direct.yaml': '{ansible_become: false}\n'},
    );
    const run = await project.run('-u', 'ops', '-e', '@direct.yaml');
    expect(verdictOf(run)).toMatchObject({code: 1, changed: 0, failed: 1});
    expect(failure(run)).toMatchObject({reason: 'unobservable'});
    expect(await onHost(lab, 'one', 'cat /srv/closed/file')).toBe('theirs\n');
    expect(verdictOf(await project.run())).toMatchObject({code: 0, changed: 1});
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
  });
});

function failure({events}: EndedRun): unknown {
  return events.find(({outcome}) => outcome?.status === 'failed')?.outcome?.failure;
}
