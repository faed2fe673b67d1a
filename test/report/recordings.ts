import {Secret} from '../../src/base/secret.ts';
import type {PendingChange} from '../../src/model/change.ts';
import type {Event, EventBody} from '../../src/model/event.ts';
import type {HostName, TaskId} from '../../src/model/names.ts';
import type {Outcome} from '../../src/model/outcome.ts';
import type {Plan, PlannedTask} from '../../src/model/plan.ts';
import type {HostProfile} from '../../src/model/profile.ts';
import {sh} from '../../src/shell/sh.ts';

/** What must never be seen in anything that a reporter writes. */
export const POISON = 'p0ison-77';

export const host = (name: string): HostName => name as HostName;
export const id = (text: string): TaskId => text as TaskId;

export const change = (parts: Partial<PendingChange>): PendingChange => ({
  action: 'update',
  details: [],
  impact: 'none',
  steps: [],
  touches: 'everything',
  predicts: [],
  proof: 'facts',
  ...parts,
});

export const profile: HostProfile = {
  hostname: 'node1',
  os: {id: 'debian', version: '12', family: ['debian']},
  arch: 'amd64',
  kernel: '6.1.0',
  init: 'systemd',
  cgroup: 'v2',
  package_manager: 'apt',
  cpus: 2,
  memory_mb: 2048,
  addresses: ['10.0.0.1'],
  address: '10.0.0.1',
  selinux: 'disabled',
  machine_id: 'm1',
  boot_id: 'b1',
  uid: 0,
};

/** A file with a secret in it: the content, and the token of a command. */
export const secretChange = change({
  action: 'create',
  details: [{attribute: 'content', before: undefined, after: '(secret)'}],
  steps: [
    {
      step: 'write',
      path: '/etc/token',
      content: new Secret(POISON),
      mode: '0600',
      owner: 'root',
      group: 'root',
    },
    sh`login --token ${new Secret(POISON)}`,
  ],
});

const task = (
  where: string,
  name: string,
  kind: string,
): Pick<PlannedTask, 'id' | 'name' | 'kind' | 'host'> => ({
  id: id(`${where}/runtime/containerd/${name.toLowerCase().replaceAll(' ', '-')}`),
  name,
  kind,
  host: host(where),
});

const config = (where: string): PlannedTask => ({
  ...task(where, 'Write the configuration', 'template'),
  status: 'pending',
  change: change({
    action: 'update',
    details: [{attribute: 'mode', before: '0600', after: '0644'}],
    steps: [
      {
        step: 'write',
        path: '/etc/app.conf',
        content: 'b\n',
        mode: '0644',
        owner: 'root',
        group: 'root',
      },
    ],
  }),
  texts: [{path: '/etc/app.conf', before: 'a\n', after: 'b\n'}],
});

const service = (where: string): PlannedTask => ({
  ...task(where, 'Run the service', 'systemd_unit'),
  status: 'pending',
  change: change({
    action: 'run',
    impact: 'restart',
    details: [{attribute: 'restart', before: undefined, after: '/etc/app.conf changed'}],
    steps: [sh`systemctl restart app.service`],
  }),
});

/** Every status that a plan can have. */
export const PLAN: Plan = {
  tasks: [
    config('node1'),
    service('node1'),
    config('node2'),
    service('node2'),
    {...task('node1', 'Write the token', 'copy'), status: 'pending', change: secretChange},
    {
      ...task('node1', 'Initialise', 'command'),
      status: 'pending',
      change: change({action: 'run', steps: [sh`app init --name ${'first one'}`]}),
      at: host('cp1'),
    },
    {
      ...task('node2', 'Remove the old data', 'file'),
      status: 'pending',
      change: change({
        action: 'delete',
        impact: 'loss',
        details: [{attribute: 'state', before: 'directory', after: undefined}],
      }),
    },
    {
      ...task('node2', 'Label the node', 'kubernetes_node'),
      status: 'deferred',
      waitsFor: [id('node2/runtime/containerd/run-the-service'), id('node1/runtime/containerd/initialise')],
      worst: 'drain',
    },
    {
      ...task('node2', 'Read the key', 'file'),
      status: 'unobservable',
      because: 'no permission to look into /etc/secret',
    },
    {
      ...task('node2', 'Join', 'command'),
      status: 'invalid',
      because: '"ttl" is not a duration.',
      place: 'roles/a/tasks/main.yaml:3:5',
    },
    {
      ...task('node1', 'Check the clock', 'check'),
      status: 'findings',
      findings: [
        {
          severity: 'error',
          message: 'The clock is 40 s behind.',
          hint: 'Run a time daemon.',
        },
      ],
    },
    {
      ...task('node1', 'Check the swap', 'check'),
      status: 'unchanged',
      findings: [{severity: 'warning', message: 'Swap is on.'}],
    },
    {...task('node1', 'Make the folder', 'file'), status: 'unchanged'},
    {...task('node2', 'Do what is not asked for', 'file'), status: 'skipped', because: 'not-selected'},
  ],
  brackets: [
    {
      ...task('node1', 'Open a token', 'join_token'),
      at: host('cp1'),
      certain: true,
    },
    {...task('node2', 'Drain the node', 'drain'), certain: false},
  ],
  unreachable: [{host: host('node9'), because: 'connect ECONNREFUSED 10.0.0.9:22'}],
};

export const EMPTY: Plan = {
  tasks: [
    {...task('node1', 'Make the folder', 'file'), status: 'unchanged'},
    {...task('node2', 'Make the folder', 'file'), status: 'unchanged'},
  ],
  brackets: [],
  unreachable: [],
};

const finished = (where: string, name: string, outcome: Outcome): EventBody => ({
  type: 'task-finished',
  task: id(`${where}/runtime/containerd/${name.toLowerCase().replaceAll(' ', '-')}`),
  name,
  host: host(where),
  outcome,
  durationMs: 250,
});

const FAILED: Outcome = {
  status: 'failed',
  failure: {
    reason: 'command-failed',
    command: 'systemctl restart app.service\ntrue',
    exitCode: 143,
    stdout: 'out\n',
    stderr: 'Job failed.\n\u001b[31mSee the log.\u001b[0m\n',
  },
};

const BODIES: readonly EventBody[] = [
  {type: 'run-started', run: 'r1', tasks: 9, hosts: 3},
  {type: 'host-connected', host: host('node1'), profile, durationMs: 120},
  {type: 'host-connected', host: host('node2'), profile, durationMs: 130},
  {
    type: 'host-unreachable',
    host: host('node9'),
    code: 'E801',
    because: 'connection refused',
    hint: 'Is sshd running there?',
  },
  {type: 'plan-ready', plan: PLAN},
  {type: 'lock-busy', host: host('node2'), holder: 'run r0 of ann@desk since 10:00', state: 'held'},
  {type: 'locked', hosts: [host('node1'), host('node2')]},
  {
    type: 'task-started',
    task: id('node1/runtime/containerd/initialise'),
    name: 'Initialise',
    host: host('node1'),
    where: host('cp1'),
  },
  {
    type: 'task-retried',
    task: id('node1/runtime/containerd/initialise'),
    attempt: 2,
    of: 3,
    delayMs: 2_000,
    because: 'exit code 1',
  },
  {
    type: 'task-waiting',
    task: id('node1/runtime/containerd/initialise'),
    host: host('node1'),
    for: 'settle',
  },
  finished('node1', 'Make the folder', {status: 'ok'}),
  finished('node1', 'Check the swap', {
    status: 'ok',
    findings: [{severity: 'warning', message: 'Swap is on.'}],
  }),
  {type: 'bracket-opened', bracket: id('node1/runtime/containerd/token'), host: host('node1')},
  finished('node1', 'Write the token', {status: 'changed', change: secretChange}),
  finished('node1', 'Write the configuration', {status: 'changed', change: change({})}),
  finished('node2', 'Write the configuration', {status: 'changed', change: change({})}),
  finished('node2', 'Run the service', FAILED),
  {type: 'bracket-closed', bracket: id('node1/runtime/containerd/token'), host: host('node1')},
  finished('node2', 'Label the node', {
    status: 'skipped',
    because: 'dependency-failed',
    cause: id('node2/runtime/containerd/run-the-service'),
  }),
  finished('node2', 'Join', {
    status: 'skipped',
    because: 'dependency-failed',
    cause: id('node2/runtime/containerd/run-the-service'),
  }),
  finished('node2', 'Do what is not asked for', {
    status: 'skipped',
    because: 'not-selected',
  }),
  finished('node9', 'Make the folder', {
    status: 'skipped',
    because: 'host-unreachable',
  }),
  {
    type: 'bracket-failed',
    bracket: id('node1/runtime/containerd/drained'),
    host: host('node1'),
    side: 'close',
    outcome: {status: 'failed', failure: {reason: 'timed-out', command: 'uncordon', afterMs: 60_000}},
  },
  {type: 'host-lost', host: host('node1'), because: 'keepalive timed out'},
  {type: 'host-back', host: host('node1'), rebooted: true, afterMs: 42_000},
  {type: 'play-stopped', play: 'runtime', failed: [host('node2')]},
  {type: 'cancelled', force: false},
  {type: 'cancelled', force: true},
  {
    type: 'run-finished',
    summary: {ok: 2, changed: 3, skipped: 4, failed: 1, unreachable: 1},
    exitCode: 1,
    durationMs: 65_000,
  },
];

const recorded = (bodies: readonly EventBody[]): readonly Event[] =>
  bodies.map((body, index) => ({at: Date.UTC(2026, 0, 1) + index * 1_000, ...body}));

/** A run in which every type of event happens, one second apart. */
export const RUN = recorded(BODIES);

/** A run that its plan stops: nothing is begun, and each task ends as the plan has shown it. */
export const REFUSED = recorded([
  {type: 'run-started', run: 'r1', tasks: 4, hosts: 1},
  {type: 'plan-ready', plan: PLAN},
  finished('node1', 'Write the token', {
    status: 'skipped',
    because: 'dependency-failed',
    cause: id('node1/runtime/containerd/check-the-clock'),
  }),
  finished('node1', 'Check the clock', {
    status: 'failed',
    failure: {
      reason: 'check-failed',
      findings: [{severity: 'error', message: 'The clock is 40 s behind.', hint: 'Run a time daemon.'}],
    },
  }),
  finished('node1', 'Check the swap', {
    status: 'ok',
    findings: [{severity: 'warning', message: 'Swap is on.'}],
  }),
  finished('node2', 'Do what is not asked for', {status: 'skipped', because: 'not-selected'}),
  {
    type: 'run-finished',
    summary: {ok: 1, changed: 0, skipped: 2, failed: 1, unreachable: 0},
    exitCode: 1,
    durationMs: 5,
  },
]);
