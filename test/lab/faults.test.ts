import {setTimeout as after} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {LabProject, type LabRun, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {expectOnlyProcesses, onHost, processesOn, tracesOn} from '../support/leftovers.ts';
import {randomFrom} from '../support/random.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const HOSTS = ['one', 'two'] as const;
const KILLS = 10;
/** Where there is time, the more instants the better. */
const AT_LEAST_MS = process.env['CI'] === 'true' ? 180_000 : 0;

/** Of everything that can be cut in half something: files, a tree, a job apart, a unit, a bracket, an output. */
const TASKS = String.raw`
- id: silence
  around: [config, token, package, unit]
  file_flag: {path: /run/silence, content: "a run is under way"}
- id: folder
  file: {path: /srv/app, state: directory, mode: "0750"}
- id: config
  copy: {dest: /srv/app/app.conf, content: "port = 1\n", mode: "0640"}
- id: parts
  loop: [a, b, c, d, e, f, g, h]
  copy: {dest: "/srv/app/{{ item }}.txt", content: "{{ json inventory_hostname }} {{ item }}\n"}
- id: large
  command: {cmd: "head -c 3000000 /dev/zero >/srv/app/.new && sleep 0.2 && mv /srv/app/.new /srv/app/large", creates: /srv/app/large, touches: [/srv/app]}
- id: token
  run_once: true
  command:
    cmd: "umask 077; sleep 0.2; od -An -N16 -tx1 /dev/urandom >/srv/app/.token && mv /srv/app/.token /srv/app/token"
    creates: /srv/app/token
    read: cat /srv/app/token
    touches: [/srv/app]
- id: shared
  copy: {dest: /srv/app/shared, content: "{{ tasks.token.outputs.stdout }}"}
- id: repository
  package_repository: {name: app, uris: ["file:/srv/repository"], suites: ["./"], options: {Trusted: "yes"}}
- id: package
  package: {name: app-tool}
- id: program
  copy:
    dest: /etc/systemd/system/app.service
    content: "[Service]\nExecStart=/usr/bin/app-tool\n[Install]\nWantedBy=multi-user.target\n"
- id: unit
  systemd_unit: {name: app, state: started, enabled: true, restart_on: [/srv/app/app.conf], settle: {steady: 200ms}}
`;

/** A repository of one package whose installation takes its time. */
const REPOSITORY = String.raw`
rm -f /etc/apt/sources.list
mkdir -p /srv/repository /tmp/app/DEBIAN /tmp/app/usr/bin && cd /tmp/app || exit
printf '#!/bin/sh\nexec sleep infinity\n' >usr/bin/app-tool
printf '#!/bin/sh\nsleep 0.3\n' >DEBIAN/postinst
chmod 755 usr/bin/app-tool DEBIAN/postinst
cat >DEBIAN/control <<'END'
Package: app-tool
Version: 1.0
Architecture: all
Maintainer: Nobody <nobody@localhost>
Description: waits
END
dpkg-deb --build --root-owner-group . /srv/repository/app-tool.deb >/tmp/log || exit
cd /srv/repository && rm -r /tmp/app /tmp/log || exit
{
  dpkg-deb --field app-tool.deb
  echo "Filename: ./app-tool.deb"
  echo "Size: $(stat -c %s app-tool.deb)"
  echo "SHA256: $(sha256sum app-tool.deb | cut -d ' ' -f 1)"
} >Packages
`;

/** As it was before the first run, whatever became of it. */
const RESET = String.raw`
systemctl disable --now --quiet app 2>/dev/null
systemctl reset-failed app 2>/dev/null
rm -rf /srv/app /etc/systemd/system/app.service /run/silence /run/provision/units /etc/apt/sources.list.d/*
systemctl daemon-reload
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a >/dev/null 2>&1
dpkg --purge app-tool >/dev/null 2>&1
rm -rf /var/lib/apt/lists/*
exit 0
`;

/** What the project owns, to the byte and bit, without what is made by chance. */
const STATE = String.raw`
export LC_ALL=C
find /etc/apt /etc/systemd/system /srv /root /tmp /usr/bin/app-tool /run/silence \
  -path '/tmp/systemd-private-*' -prune -o -printf '%p %y %m %U:%G %l\n' 2>/dev/null | sort
cd /srv/app && sha256sum app.conf *.txt
dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\n' app-tool
systemctl show --property=ActiveState,SubState,UnitFileState,NeedDaemonReload app
[ -s /srv/app/shared ] && echo shared
`.replaceAll('\\$', '$');

describe.skipIf(!support.ok)(`a controller killed with -9 at random instants of a first run${reason}`, () => {
  const name = `test-faults-${process.pid}`;
  const random = randomFrom(seed);
  let lab: Lab;
  let project: LabProject;
  let processes: Readonly<Record<string, readonly string[]>>;
  let states: readonly string[];
  let usualMs: number;

  const onAll = <Value>(work: (host: string) => Promise<Value>): Promise<Value[]> =>
    Promise.all(HOSTS.map((host) => work(host)));
  const stateOfAll = () => onAll((host) => onHost(lab, host, STATE));

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    lab = await up({name, hosts: HOSTS});
    project = await LabProject.of(lab, TASKS);
    await onAll((host) => onHost(lab, host, REPOSITORY));
    await undisturbed();
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await down(name);
  });

  /** How it looks where nothing goes wrong, and how long that takes. */
  async function undisturbed(): Promise<void> {
    const run = project.start();
    const startedAt = await run.until(({type}) => type === 'run-started').then(() => Date.now());
    expect(verdictOf(await run.ended)).toMatchObject({code: 0, failed: 0});
    usualMs = Date.now() - startedAt;
    expect(verdictOf(await project.run())).toEqual(NOTHING_TO_DO);
    states = await stateOfAll();
    const found = await onAll(async (host) => [host, await processesOn(lab, host)] as const);
    processes = Object.fromEntries(found);
  }

  /** Kills a first run; `undefined` where it was faster. Says what it was at. */
  async function killed(): Promise<string | undefined> {
    await onAll((host) => onHost(lab, host, RESET));
    const instantMs = random() * usualMs;
    const run: LabRun = project.start();
    await run.until(({type}) => type === 'run-started');
    await Promise.race([after(instantMs), run.ended]);
    if (run.hasEnded) return undefined;
    run.signal('SIGKILL');
    const {events} = await run.ended;
    const {type, task} = events.at(-1) ?? {type: 'nothing'};
    return `${Math.round(instantMs)} of ${Math.round(usualMs)} ms, behind ${type} ${task ?? ''}`;
  }

  async function expectRecovery(instant: string): Promise<void> {
    expect(verdictOf(await project.run()), instant).toMatchObject({code: 0, failed: 0});
    expect(verdictOf(await project.run()), instant).toEqual(NOTHING_TO_DO);
    expect(await stateOfAll(), instant).toEqual(states);
    expect(await onAll((host) => tracesOn(lab, host)), instant).toEqual(HOSTS.map(() => []));
    await onAll((host) => expectOnlyProcesses(lab, host, processes[host] ?? []));
  }

  test(`costs a re-run and nothing else, and leaves nothing behind (SEED=${seed})`, async () => {
    console.log(`SEED=${seed}: what is killed and when`);
    const startedAt = Date.now();
    let kills = 0;
    while (kills < KILLS || Date.now() - startedAt < AT_LEAST_MS) {
      const instant = await killed();
      if (instant === undefined) continue;
      kills += 1;
      console.log(`  ${kills}: after ${instant}`);
      await expectRecovery(`SEED=${seed}, kill ${kills} after ${instant}`);
    }
  }, 420_000);
});
