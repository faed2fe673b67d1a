import {lstatSync, readdirSync, readFileSync} from 'node:fs';
import process from 'node:process';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Secret} from '../src/base/secret.ts';
import {runCli} from '../src/cli/cli.ts';
import {serializeGraph} from '../src/compile/serialize-graph.ts';
import {isPending} from '../src/model/change.ts';
import {isScript, type Step} from '../src/model/step.ts';
import {savePlan} from '../src/plan/saved-plan.ts';
import {RESOURCES} from '../src/resources/registry.ts';
import {sh} from '../src/shell/sh.ts';
import {FakeWorld} from './cli/fake-world.ts';
import {envOf, fakeIdentity} from './cli/own-machine.ts';
import {graphOf, role} from './compile/harness.ts';
import {aBracket, aGraph, aHost, aTask, edge, id, marker} from './support/graphs.ts';
import {LocalShell} from './support/local-shell.ts';
import {TempProject} from './support/project.ts';
import {bound, contextOf, givenFacts} from './support/resources.ts';
import {run as runStep} from './support/run.ts';
import {SshServer} from './support/ssh-server.ts';
import {statuses, trial} from './support/trial.ts';

const POISON = 'p0ison-4712';

interface Recipe {
  readonly tasks: string;
  /** How the only host is reached, as YAML. Left out: it is this machine. */
  readonly connection?: string;
}

/** A project with one play, one role and one host, whose lock lies in the project's folder. */
async function projectOf({tasks, connection = 'ansible_connection: local'}: Recipe): Promise<TempProject> {
  const project = await TempProject.of({});
  const token = tasks.includes('{{ token }}') ? ', token: !env POISON' : '';
  await project.write({
    'hosts.yaml': [
      'all:',
      `  vars: {${connection}, ansible_become: false, folder: ${project.path('out')}${token}}`,
      '  hosts: {a: {}}',
      '',
    ].join('\n'),
    'out/.kept': '',
    'cluster.yaml': '- {play: p, hosts: all, roles: [r]}\n',
    ...role('r', tasks),
  });
  await fakeIdentity(project);
  return project;
}

async function provision(
  project: TempProject,
  ...words: readonly string[]
): Promise<{readonly code: number; readonly world: FakeWorld}> {
  const world = new FakeWorld({env: {...envOf(project), POISON}});
  const files = ['--playbook', project.path('cluster.yaml'), '-i', project.path('hosts.yaml')];
  return {code: await runCli([...words, ...files], world), world};
}

const overSsh = (server: SshServer): string =>
  `ansible_host: 127.0.0.1, ansible_port: ${server.port}, ansible_ssh_private_key_file: ${server.keyFile}`;

/** All that is below a folder, with everything that a change would leave a trace in. */
function listing(folder: string): readonly string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .toSorted()
    .map((name) => {
      const {mode, uid, gid, size, mtimeMs, ctimeMs, ino} = lstatSync(`${folder}/${name}`);
      return `${name} ${mode.toString(8)} ${uid}:${gid} ${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    });
}

const COPY = `- {id: note, copy: {dest: "{{ folder }}/note", content: "hello\\n"}}\n`;

test.each(['validate', 'graph', 'vars explain a folder'])(
  '1. No contact before consent: %s',
  async (command) => {
    await using server = await SshServer.start();
    await using project = await projectOf({tasks: COPY, connection: overSsh(server)});
    const {code} = await provision(project, ...command.split(' '));
    expect(code).toBe(0);
    expect(server.connections).toBe(0);
  },
);

test('1. No contact before consent: a mistake ends a run before the first connection', async () => {
  await using server = await SshServer.start();
  const tasks = `${COPY}- {id: wrong, copy: {dest: "{{ nothing }}", content: x}}\n`;
  await using project = await projectOf({tasks, connection: overSsh(server)});
  const {code, world} = await provision(project, '--yes', '--known-hosts', server.knownHosts);
  expect(code).toBe(2);
  expect(world.stderr).toContain('nothing');
  expect(server.connections).toBe(0);
});

test('2. Observing changes nothing on a host', async () => {
  await using project = await projectOf({
    tasks: [
      COPY,
      '- {id: link, file: {path: "{{ folder }}/link", state: link, src: note}}',
      '- {id: folder, file: {path: "{{ folder }}/d", state: directory, exclusive: true}}',
      '- {id: guard, command: {cmd: "touch {{ folder }}/ran", unless: "test -e {{ folder }}/ran"}}',
      '- {id: sysctl, sysctl: {name: net.ipv4.ip_forward, value: "1"}}',
      '- {id: user, user: {name: nobody-of-ours}}',
      '',
    ].join('\n'),
  });
  const before = listing(project.folder);
  const {code, world} = await provision(project, 'plan', '--diff');
  expect(code).toBe(0);
  expect(world.stdout).toContain('to create');
  expect(listing(project.folder)).toEqual(before);
});

test('2. Observing changes nothing on a host: programs of facts print, and leave a folder as it is', async () => {
  await using project = await TempProject.of({file: 'x', 'd/inner': 'y'});
  await using shell = new LocalShell();
  const spec = {path: project.path('d'), state: 'directory', exclusive: true, recurse: true};
  const queries = [
    ...bound('file', spec).facts,
    ...bound('copy', {dest: project.path('file'), content: 'z'}).facts,
    ...bound('copy', {dest: project.path('none'), content: 'z'}).facts,
  ];
  const before = listing(project.folder);
  for (const {kind, key} of queries) {
    const {exitCode} = await runStep(shell, sh`${kind.program([key])}`);
    expect(exitCode, kind.name).toBe(0);
  }
  expect(listing(project.folder)).toEqual(before);
});

/** With everything in it: who writes into it afterwards throws. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) {
    return value;
  }
  Object.freeze(value);
  for (const each of Object.values(value)) frozen(each);
  return value;
}

describe('3. Diff and apply are pure', () => {
  const examples = [...RESOURCES].flatMap(([kind, {examples}]) =>
    examples.map((example) => ({kind, example, title: example.title})),
  );

  test.each(examples)('$kind: $title', ({kind, example}) => {
    const facts = frozen(example.facts);
    const shown = [1, 2].map(() => {
      const resource = bound(kind, frozen(example.spec), example.profile);
      const given = givenFacts(resource.facts, facts);
      const peers = resource.scope === 'play' ? new Map([[aHost('peer').name, given]]) : new Map();
      const verdict = resource.diff(given, contextOf(example.profile, peers));
      if (!isPending(verdict)) return JSON.stringify(verdict);
      const steps = verdict.steps.map(writtenOut);
      return JSON.stringify({...verdict, steps});
    });
    expect(shown[0]).toBe(shown[1]);
  });
});

/** All that a step would do, with what is secret in it: examples have no secrets that matter. */
function writtenOut(step: Step): string {
  if (isScript(step)) return step.wire;
  if (step.step !== 'write' || !(step.content instanceof Secret)) return JSON.stringify(step);
  return JSON.stringify({...step, content: step.content.reveal()});
}

test.each(['exit-code', 'facts'] as const)(
  '4. Apply converges, or the task fails as not-converged (proof: %s)',
  async (proof) => {
    const liar = aTask('liar', {wants: marker('liar', {step: 'make other', proof})});
    const honest = aTask('honest', {on: 'b', wants: marker('honest', {proof})});
    const {hosts, go} = trial(aGraph({tasks: [liar, honest]}), 'a', 'b');
    const {outcomes, exitCode} = await go();
    expect(outcomes.get(id('liar'))).toMatchObject({status: 'failed', failure: {reason: 'not-converged'}});
    expect(outcomes.get(id('honest'))).toMatchObject({status: 'changed'});
    expect(hosts.b.has.has('honest')).toBe(true);
    expect(exitCode).toBe(1);
  },
);

test('5. Twice is nothing', async () => {
  const tasks = ['a', 'b', 'a', 'b', 'a'].map((on, index) => {
    const kind = {proof: index % 2 === 0 ? 'facts' : 'exit-code', wild: index === 2} as const;
    return aTask(`${index}`, {on, wants: marker(`${index}`, kind)});
  });
  const {hosts, go} = trial(aGraph({tasks, brackets: [aBracket('window', ['0', '4'])]}), 'a', 'b');
  expect((await go()).summary).toMatchObject({changed: 5, failed: 0});
  const before = [...hosts.a.steps, ...hosts.b.steps];
  const second = await go();
  expect(second.summary).toEqual({ok: 5, changed: 0, skipped: 0, failed: 0, unreachable: 0});
  expect(second.exitCode).toBe(0);
  expect([...hosts.a.steps, ...hosts.b.steps]).toEqual(before);
});

test('5. Twice is nothing: a playbook on this machine', async () => {
  await using project = await projectOf({
    tasks: [
      COPY,
      '- {id: folder, file: {path: "{{ folder }}/d", state: directory, mode: "0750"}}',
      '- {id: link, file: {path: "{{ folder }}/link", state: link, src: note}}',
      '- {id: once, command: {cmd: "touch {{ folder }}/ran", creates: "{{ folder }}/ran"}}',
      '',
    ].join('\n'),
  });
  const first = await provision(project, '--yes');
  expect(first.world.stdout).toContain('4 changed');
  const before = listing(project.path('out'));
  const second = await provision(project, '--yes');
  expect(second.world.stdout).toContain('Nothing to do');
  expect(listing(project.path('out'))).toEqual(before);
});

describe('6. A plan is honest', () => {
  test('apply does what the plan showed', async () => {
    const {hosts, go} = trial(aGraph({tasks: [aTask('one'), aTask('two')]}), 'a');
    const {plan} = await go({mode: 'plan'});
    expect(hosts.a.steps).toEqual([]);
    const shown = plan.tasks.flatMap((task) => (task.status === 'pending' ? [task.id] : []));
    const {outcomes} = await go({bounds: savePlan(plan)});
    expect([...outcomes].flatMap(([task, {status}]) => (status === 'changed' ? [task] : []))).toEqual(shown);
  });

  test('or stops before anything: what was there when it was made is gone', async () => {
    const {hosts, go} = trial(aGraph({tasks: [aTask('one'), aTask('two')]}), 'a');
    hosts.a.has.add('two');
    const {plan} = await go({mode: 'plan'});
    hosts.a.has.delete('two');
    const {exitCode, misfits} = await go({bounds: savePlan(plan)});
    expect(exitCode).toBe(2);
    expect(misfits.join()).toContain('two');
    expect(hosts.a.steps).toEqual([]);
  });

  test('or stops at a change that was decided at its turn and is worse than it allowed', async () => {
    const behind = (impact: 'none' | 'restart') =>
      aGraph({
        tasks: [
          aTask('wild', {wants: marker('wild', {wild: true, proof: 'facts'})}),
          aTask('behind', {wants: marker('behind', {impact})}),
        ],
      });
    const {plan} = await trial(behind('none'), 'a').go({mode: 'plan'});
    expect(plan.tasks[1]).toMatchObject({status: 'deferred', key: 'path:/behind', worst: 'none'});
    const {hosts, go} = trial(behind('restart'), 'a');
    const {outcomes} = await go({bounds: savePlan(plan)});
    expect(outcomes.get(id('behind'))).toMatchObject({failure: {reason: 'beyond-plan'}});
    expect(hosts.a.steps).toEqual(['make wild']);
  });
});

describe('7. Order is data', () => {
  const TWO = 'all: {hosts: {a: {}, b: {}}}\n';

  test('each edge says why, and where it was written', async () => {
    const {edges} = await graphOf({
      files: {
        'inventory.yaml': TWO,
        'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n- {play: q, hosts: all, roles: [s]}\n',
        ...role('r', '- {id: x, note: {path: /x}}\n- {id: y, needs: [x], note: {path: /y}}\n'),
        ...role('s', '- {id: z, note: {path: /z}}\n- {id: w, note: {path: /w}}\n'),
      },
    });
    expect(new Set(edges.map(({because}) => because.type))).toEqual(
      new Set(['needs', 'barrier', 'written-order']),
    );
    for (const {because} of edges) {
      expect(because.at.source.file).toMatch(/\.yaml$/);
      expect(because.at.to).toBeGreaterThan(because.at.from);
    }
  });

  test('two tasks without an edge do not wait for each other, and with one they do', async () => {
    const tasks = [aTask('x', {on: 'a'}), aTask('y', {on: 'b'}), aTask('z', {on: 'b'})];
    const {hosts, go} = trial(aGraph({tasks, edges: [edge('x', 'y')]}), 'a', 'b');
    hosts.a.control = () => 'by-hand';
    const done = go();
    await hosts.a.started('make x');
    while (!hosts.b.has.has('z')) await hosts.b.changed();
    expect(hosts.b.steps).toEqual(['make z']);
    hosts.a.finish('make x');
    expect(statuses(await done)).toEqual({x: 'changed', y: 'changed', z: 'changed'});
    expect(hosts.b.steps).toEqual(['make z', 'make y']);
  });
});

describe('8. Same input, same graph, to the byte', () => {
  const tasks = Array.from({length: 12}, (_, index) => `- {id: t${index}, note: {path: /${index}}}\n`);
  const files = {
    'inventory.yaml': 'all: {hosts: {b: {}, a: {}, c: {}}}\n',
    'playbook.yaml': '- {play: p, hosts: all, roles: [r]}\n- {play: q, hosts: b, roles: [s], needs: [p]}\n',
    ...role('r', tasks.join('')),
    ...role('s', '- {id: t, note: {path: /s}}\n- {id: u, needs: [], note: {path: /u}}\n'),
  };

  test('whichever file was written first', async () => {
    const there = serializeGraph(await graphOf({files}));
    const back = Object.fromEntries(Object.entries(files).toReversed());
    const again = serializeGraph(await graphOf({files: back}));
    const bare = (text: string): string => text.replaceAll(/[^"\s]*provision-project-\w+/g, '');
    expect(bare(again)).toBe(bare(there));
    expect(there).toContain('"a/p/r/t11"');
  });

  test('the order among ready tasks is shuffled, and nothing comes out another way', async () => {
    const all = ['a', 'b', 'c', 'd'] as const;
    const parts = all.flatMap((on) => [
      aTask(`${on}1`, {on, wants: marker(`${on}1`, {proof: 'facts'})}),
      aTask(`${on}2`, {on}),
    ]);
    const edges = [...all.map((on) => edge(`${on}1`, `${on}2`)), edge('a1', 'c2'), edge('d2', 'b2')];
    const order = fc.shuffledSubarray([...all], {minLength: all.length});
    await fc.assert(
      fc.asyncProperty(order, async (first) => {
        const {hosts, go} = trial(aGraph({tasks: parts, edges}), ...all);
        const waiting = new Set<string>(first);
        for (const name of all) hosts[name].control = () => (waiting.has(name) ? 'by-hand' : 'at-once');
        const done = go();
        for (const name of first) {
          await hosts[name].started(`make ${name}1`);
          waiting.delete(name);
          hosts[name].finish(`make ${name}1`);
        }
        const {summary} = await done;
        expect(summary).toEqual({ok: 0, changed: 8, skipped: 0, failed: 0, unreachable: 0});
        for (const name of all) expect(hosts[name].steps).toEqual([`make ${name}1`, `make ${name}2`]);
      }),
      {numRuns: 24},
    );
  });
});

test('9. One failure, one message', async () => {
  await using project = await projectOf({
    tasks: [
      '- {id: bad, command: {cmd: "echo broken >&2; exit 3", creates: "{{ folder }}/never"}}',
      ...['one', 'two', 'three'].map(
        (name) => `- {id: ${name}, copy: {dest: "{{ folder }}/${name}", content: x}}`,
      ),
      '',
    ].join('\n'),
  });
  const {code, world} = await provision(project, '--yes', '--output', 'ndjson');
  expect(code).toBe(1);
  const told = world.stdout.trim().split('\n');
  expect(told.filter((line) => line.includes('"stderr":"broken'))).toHaveLength(1);
  const skipped = {status: 'skipped', because: 'dependency-failed', cause: 'a/p/r/bad'};
  const ends = told
    .filter((line) => line.includes('"task-finished"'))
    .map((line): unknown => JSON.parse(line));
  expect(ends).toMatchObject([{outcome: {status: 'failed'}}, ...[1, 2, 3].map(() => ({outcome: skipped}))]);
});

describe('10. A secret never leaves', () => {
  /** A role that writes a secret, hands it to a program, and looks meanwhile at what everybody can see. */
  const spying = [
    '- {id: file, copy: {dest: "{{ folder }}/token", content: "token: {{ token }}\\n", mode: "0600"}}',
    '- id: command',
    '  command:',
    '    cmd: \'[ -n "$TOKEN" ] && cat /proc/[0-9]*/cmdline >"$FOLDER/seen" 2>/dev/null; true\'',
    '    environment: {TOKEN: "{{ token }}", FOLDER: "{{ folder }}"}',
    '    creates: "{{ folder }}/seen"',
    '',
  ].join('\n');

  test('neither in arguments that everybody on a host can read, nor in what it logs of a connection', async () => {
    await using machine = await TempProject.of({});
    await fakeIdentity(machine);
    await using server = await SshServer.start({env: envOf(machine)});
    await using project = await projectOf({tasks: spying, connection: overSsh(server)});
    const {world} = await provision(project, '--yes', '--diff', '--known-hosts', server.knownHosts);
    expect(world.stdout).toContain('2 changed');
    expect(readFileSync(project.path('out', 'token'), 'utf8')).toBe(`token: ${POISON}\n`);
    const seen = readFileSync(project.path('out', 'seen'), 'utf8');
    expect(seen).toContain('sh');
    expect(seen).not.toContain(POISON);
    expect(server.commands.length).toBeGreaterThan(0);
    expect(server.commands.join('\n')).not.toContain(POISON);
    expect(world.stdout + world.stderr).not.toContain(POISON);
  });

  test('nor in any process behind the run', async () => {
    await using project = await projectOf({tasks: spying});
    await provision(project, '--yes');
    const others = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid);
    const holding = others.filter((pid) =>
      ['cmdline', 'environ'].some((name) => peek(`/proc/${pid}/${name}`).includes(POISON)),
    );
    expect(holding).toEqual([]);
  });
});

/** What a file says; nothing where it went meanwhile. */
function peek(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe('11. A crash costs a re-run and nothing else', () => {
  const graph = aGraph({
    tasks: [
      aTask('1'),
      aTask('2', {wants: marker('2', {proof: 'facts'})}),
      aTask('3', {on: 'b'}),
      aTask('4', {wants: marker('4', {wild: true, proof: 'facts'})}),
      aTask('5', {on: 'b'}),
    ],
    brackets: [aBracket('window', ['2', '4'], {leftOpen: 'window'})],
    edges: [edge('1', '2'), edge('2', '3'), edge('3', '4'), edge('4', '5')],
    hosts: [aHost('a', 0), aHost('b', 0)],
  });
  const commands = ['make 1', 'make window', 'make 2', 'make 4', 'drop window'];

  test.each(commands.flatMap((command) => [`before ${command}`, `behind ${command}`]))(
    'the connection goes for good %s',
    async (instant) => {
      const {hosts, go} = trial(graph, 'a', 'b');
      const [when, ...words] = instant.split(' ');
      const command = words.join(' ');
      hosts.a.control = (given) => (given === command && hosts.a.reachable ? 'by-hand' : 'at-once');
      const dying = go();
      await hosts.a.started(command);
      if (when === 'behind') hosts.a.perform(command);
      hosts.a.reachable = false;
      hosts.a.cut();
      expect((await dying).exitCode).toBe(1);
      hosts.a.reachable = true;
      hosts.a.control = () => 'at-once';
      expect((await go()).exitCode).toBe(0);
      expect([...hosts.a.has].toSorted()).toEqual(['1', '2', '4']);
      expect([...hosts.b.has].toSorted()).toEqual(['3', '5']);
      expect((await go()).summary).toMatchObject({ok: 5, changed: 0});
    },
  );
});

describe('12. Nothing is left behind', () => {
  test.each(['end well', 'fail'])('by a run whose tasks %s', async (how) => {
    const mark = `471${process.pid}`;
    const exit = how === 'fail' ? 'exit 7' : 'touch $FOLDER/done';
    await using project = await projectOf({
      tasks: [
        '- {id: token, copy: {dest: "{{ folder }}/token", content: "{{ token }}", mode: "0600"}}',
        '- id: forks',
        '  command:',
        `    cmd: "sleep ${mark} >/dev/null 2>&1 & ${exit}"`,
        '    environment: {FOLDER: "{{ folder }}"}',
        '    creates: "{{ folder }}/done"',
        '',
      ].join('\n'),
    });
    const {code} = await provision(project, '--yes');
    expect(code).toBe(how === 'fail' ? 1 : 0);
    expect(readdirSync(project.path('out')).toSorted()).toEqual(
      ['.kept', 'token', ...(how === 'fail' ? [] : ['done'])].toSorted(),
    );
    const running = readdirSync('/proc').filter((pid) => peek(`/proc/${pid}/cmdline`).includes(mark));
    expect(running).toEqual([]);
    const left = readdirSync(project.folder, {recursive: true, encoding: 'utf8'});
    expect(left.filter((name) => /\.provision-|jobs\/./.test(name))).toEqual([]);
    await expectUnlocked(project);
  });

  test.each([1, 2])('by a run that is interrupted %d times', async (times) => {
    const tasks = [aTask('one', {wants: marker('one', {proof: 'facts'})}), aTask('two')];
    const graph = aGraph({tasks, brackets: [aBracket('window', ['one', 'two'])]});
    const {hosts, cancel, go} = trial(graph, 'a');
    hosts.a.control = (command) => (command === 'make one' ? 'by-hand' : 'at-once');
    const done = go();
    await hosts.a.started('make one');
    for (let each = 0; each < times; each += 1) cancel.request();
    if (times === 1) hosts.a.finish('make one');
    expect((await done).exitCode).toBe(130);
    expect(hosts.a.lockedBy).toBeUndefined();
    expect(hosts.a.running).toEqual([]);
  });
});

/** Another run can take the lock that lies in the project's folder. */
async function expectUnlocked(project: TempProject): Promise<void> {
  const locks = readdirSync(project.folder, {recursive: true, encoding: 'utf8'}).filter((name) =>
    name.endsWith('/lock'),
  );
  expect(locks).toHaveLength(1);
  await using shell = new LocalShell();
  for (const lock of locks) {
    const {exitCode} = await runStep(shell, sh`flock -n ${project.path(lock)} true`);
    expect(exitCode).toBe(0);
  }
}
