import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {LabProject, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const NAME = `test-packages-${process.pid}`;

/** Adds packages to a repository that is a folder of the host, and lists all that it has. */
const REPOSITORY = `mkdir -p /srv/trial && cd /srv/trial || exit
make() {
  root=$(mktemp -d) && mkdir -p "$root/DEBIAN" "$root/etc"
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: T <t@example.com>\\nDescription: T\\n' "$1" "$2" >"$root/DEBIAN/control"
  echo "/etc/$1.conf" >"$root/DEBIAN/conffiles"
  echo "$2" >"$root/etc/$1.conf"
  dpkg-deb --root-owner-group -b "$root" "$1_$2.deb" >/dev/null && rm -r "$root"
}
list() {
  for file in *.deb; do
    dpkg-deb -f "$file"
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$file" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -c1-64)"
  done >Packages
}
`;

const tasks = (one: string, two: string): string => `
- id: repository
  name: Add the repository
  package_repository: {name: trial, uris: ["file:/srv/trial"], suites: ["./"], gpgcheck: false}
- id: one
  name: Hold a version
  package: {name: trial-one, version: "${one}", hold: true}
- id: two
  name: Install the other
  package: {name: [trial-two], ${two}}
`;

describe.runIf(support.ok)(`packages on a real host${reason}`, () => {
  let lab: Lab;

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name: NAME, hosts: ['node1']});
    await run(
      `rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*; ${REPOSITORY} make trial-one 1.0; make trial-two 1.0; list`,
    );
  });
  afterAll(() => down(NAME));

  async function run(command: string): Promise<string> {
    const {code, stdout, stderr} = await lab.exec('node1', command);
    expect({code, stderr}).toMatchObject({code: 0});
    return stdout.trim();
  }

  const versions = (): Promise<string> =>
    run("dpkg-query -W -f '${Package} ${Version} ${db:Status-Want}\\n' trial-one trial-two");

  test('packages are installed, held, edited files kept, brought up to date and removed', async () => {
    await using project = await LabProject.of(lab, tasks('1.0', 'state: present'));
    expect(verdictOf(await project.run('--audit-touches'))).toEqual({code: 0, changed: 3, failed: 0});
    expect(await versions()).toBe('trial-one 1.0 hold\ntrial-two 1.0 install');
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);

    await run(`${REPOSITORY} make trial-one 2.0; make trial-two 2.0; list; echo edited >/etc/trial-two.conf`);
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);

    await project.write({'roles/app/tasks/main.yaml': tasks('2.0', 'state: latest')});
    expect(verdictOf(await project.run())).toEqual({code: 0, changed: 2, failed: 0});
    expect(await versions()).toBe('trial-one 2.0 hold\ntrial-two 2.0 install');
    expect(await run('cat /etc/trial-two.conf')).toBe('edited');
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);

    await project.write({'roles/app/tasks/main.yaml': tasks('2.0', 'state: absent, purge: true')});
    expect(verdictOf(await project.run())).toEqual({code: 0, changed: 1, failed: 0});
    expect(await run('ls /etc/trial-*')).toBe('/etc/trial-one.conf');
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
  });
});
