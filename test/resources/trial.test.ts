import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {userInfo} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {FactStore} from '../../src/facts/fact-store.ts';
import {isPending, type PendingChange, type Verdict} from '../../src/model/change.ts';
import {covers} from '../../src/model/fact.ts';
import type {Resource} from '../../src/model/resource.ts';
import {isScript, type Step} from '../../src/model/step.ts';
import {ask} from '../../src/observe/ask.ts';
import {receiveFile} from '../../src/shell/receive-file.ts';
import type {Shell} from '../../src/shell/shell.ts';
import {writeFiles} from '../../src/shell/write-files.ts';
import {askShell, sessionOf} from '../support/ask.ts';
import {LocalShell, SHELLS} from '../support/local-shell.ts';
import {bound, contextOf} from '../support/resources.ts';
import {TempDir} from '../support/temp-dir.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const {uid, gid} = userInfo();
const OURS = {owner: uid, group: gid};

/** What is below a directory: types, modes, owners, contents. Times are no matter. */
function snapshot(root: string, below = ''): Readonly<Record<string, string>> {
  const entries = readdirSync(join(root, below)).map((name) => {
    const at = join(below, name);
    const {mode, uid: owner, gid: group} = lstatSync(join(root, at));
    const type = mode & 0o170000;
    const inside =
      type === 0o120000 ? readlinkSync(join(root, at)) : type === 0o100000 ? hashOf(join(root, at)) : '';
    const record = {[join(root, at)]: `${mode.toString(8)} ${owner}:${group} ${inside}`};
    return type === 0o040000 ? {...record, ...snapshot(root, at)} : record;
  });
  return Object.fromEntries(entries.flatMap((entry) => Object.entries(entry)));
}

const hashOf = (path: string): string => sha256(readFileSync(path));

async function verdictOf(resource: Resource, shell: Shell): Promise<Verdict> {
  const facts = new FactStore(await ask(resource.facts, sessionOf(shell), undefined));
  return resource.diff(facts, contextOf());
}

async function perform(step: Step, shell: Shell): Promise<void> {
  if (!isScript(step) && step.step === 'send') {
    const input = 'file' in step.from ? readFileSync(step.from.file) : '';
    const {status, stderr} = spawnSync('sh', ['-c', receiveFile(step).wire], {input});
    expect([status, stderr.toString()]).toEqual([0, '']);
    return;
  }
  if (!isScript(step) && step.step !== 'write') throw new Error('nobody tries that here');
  const script = isScript(step) ? step : writeFiles([step], 'f00d');
  const result = await shell.send(script, {onFailure: 'go-on'});
  const printed = result === 'skipped' ? result : new TextDecoder().decode(result.stderr);
  expect({
    script: script.display,
    ...(result === 'skipped' ? {} : {exitCode: result.exitCode, printed}),
  }).toMatchObject({
    exitCode: 0,
  });
}

/** Asks, applies, asks again. Looking changes nothing, and what changes is what the change said. */
async function converge(resource: Resource, root: TempDir, shell: Shell): Promise<PendingChange> {
  const before = snapshot(root.path);
  const verdict = await verdictOf(resource, shell);
  expect(snapshot(root.path)).toEqual(before);
  if (!isPending(verdict)) throw new Error(`nothing to do: ${JSON.stringify(verdict)}`);
  for (const step of verdict.steps) await perform(step, shell);
  expect(strayChanges(before, snapshot(root.path), verdict)).toEqual([]);
  const predicted = verdict.predicts.map(({query}) => query);
  expect(await askShell(predicted, shell)).toEqual(verdict.predicts.map(({answer}) => answer));
  expect(await verdictOf(resource, shell)).toMatchObject({action: 'none'});
  return verdict;
}

function strayChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  {touches}: PendingChange,
): readonly string[] {
  const changed = Object.keys({...before, ...after}).filter((path) => before[path] !== after[path]);
  if (touches === 'everything') return [];
  return changed.filter((path) => !touches.some((touched) => covers(touched, `path:${path}`)));
}

type Trial = (root: TempDir) => {readonly kind: string; readonly spec: object; readonly proof?: () => void};

const ODD = "it's -n\n odd";

const TRIALS: Readonly<Record<string, Trial>> = {
  'a new file with an odd name': (root) => ({
    kind: 'copy',
    spec: {dest: root.at(ODD), content: 'hello\n', mode: '0600', ...OURS},
    proof: () => expect(readFileSync(root.at(ODD), 'utf8')).toBe('hello\n'),
  }),
  'a file with a secret, in place of another': (root) => {
    writeFileSync(root.at('key'), 'old', {mode: 0o644});
    return {
      kind: 'template',
      spec: {src: 'key.hbs', dest: root.at('key'), content: new Secret('s3cret'), mode: 'u=rw,go=', ...OURS},
      proof: () => expect(readFileSync(root.at('key'), 'utf8')).toBe('s3cret'),
    };
  },
  'a file behind a link, with a check and a backup': (root) => {
    writeFileSync(root.at('real'), 'old');
    symlinkSync('real', root.at('link'));
    return {
      kind: 'copy',
      spec: {dest: root.at('real'), content: 'new', validate: 'grep -q new %s', mode: '0644', ...OURS},
    };
  },
  'the attributes alone': (root) => {
    writeFileSync(root.at('file'), 'same', {mode: 0o600});
    return {kind: 'copy', spec: {dest: root.at('file'), content: 'same', mode: '0640', ...OURS}};
  },
  'a large file from the controller': (root) => {
    mkdirSync(root.at('controller'));
    writeFileSync(root.at('controller/src'), 'binary');
    return {
      kind: 'artifact',
      spec: {
        dest: root.at('dest'),
        src: root.at('controller/src'),
        sha256: sha256('binary'),
        mode: '0755',
        ...OURS,
      },
    };
  },
  'directories down to one with an odd name': (root) => ({
    kind: 'file',
    spec: {path: root.at('a', ODD, 'c'), state: 'directory', mode: '2750', ...OURS},
  }),
  'a directory below one whose group is inherited': (root) => {
    mkdirSync(root.at('d'));
    chmodSync(root.at('d'), 0o2755);
    return {kind: 'file', spec: {path: root.at('d/e'), state: 'directory', mode: '0755', ...OURS}};
  },
  'a directory that shall no longer give its group away': (root) => {
    mkdirSync(root.at('d'));
    chmodSync(root.at('d'), 0o2755);
    return {kind: 'file', spec: {path: root.at('d'), state: 'directory', mode: '0755', ...OURS}};
  },
  'all below a directory': (root) => {
    mkdirSync(root.at('d/e'), {recursive: true});
    writeFileSync(root.at('d/e/plain'), '', {mode: 0o600});
    writeFileSync(root.at('d/e/program'), '', {mode: 0o700});
    symlinkSync('/etc/passwd', root.at('d/link'));
    return {
      kind: 'file',
      spec: {path: root.at('d'), state: 'directory', recurse: true, mode: 'u=rwX,go=rX', ...OURS},
      proof: () => {
        const modes = ['d/e', 'd/e/plain', 'd/e/program'].map((at) =>
          (lstatSync(root.at(at)).mode & 0o777).toString(8),
        );
        expect(modes).toEqual(['755', '644', '755']);
      },
    };
  },
  'what is not declared in an exclusive directory': (root) => {
    for (const at of ['d/keep', 'd/.hidden/x', `d/${ODD}`, 'd/sub/x'])
      mkdirSync(root.at(at), {recursive: true});
    return {
      kind: 'file',
      spec: {path: root.at('d'), state: 'directory', exclusive: true, keep: ['keep']},
      proof: () => expect(readdirSync(root.at('d'))).toEqual(['keep']),
    };
  },
  'an empty file': (root) => ({kind: 'file', spec: {path: root.at('-empty'), ...OURS}}),
  'a link': (root) => ({
    kind: 'file',
    spec: {path: root.at('link'), state: 'link', src: `-../${ODD}`},
    proof: () => expect(readlinkSync(root.at('link'))).toBe(`-../${ODD}`),
  }),
  'a link in place of one to a directory': (root) => {
    mkdirSync(root.at('old'));
    symlinkSync('old', root.at('link'));
    return {kind: 'file', spec: {path: root.at('link'), state: 'link', src: 'new', ...OURS}};
  },
  'a link in place of a directory': (root) => {
    mkdirSync(root.at('link/below'), {recursive: true});
    return {kind: 'file', spec: {path: root.at('link'), state: 'link', src: 'new', force: true}};
  },
  'another name of a file': (root) => {
    writeFileSync(root.at('file'), 'one');
    writeFileSync(root.at('other'), 'other');
    return {kind: 'file', spec: {path: root.at('other'), state: 'hard', src: root.at('file'), force: true}};
  },
  'no file': (root) => {
    writeFileSync(root.at(ODD), '');
    linkSync(root.at(ODD), root.at('other'));
    return {kind: 'file', spec: {path: root.at(ODD), state: 'absent'}};
  },
  'no directory': (root) => {
    mkdirSync(root.at('d/e'), {recursive: true});
    writeFileSync(root.at('d/e/file'), '');
    return {kind: 'file', spec: {path: root.at('d'), state: 'absent'}};
  },
  'a command that makes a file': (root) => ({
    kind: 'command',
    spec: {argv: ['touch', '--', root.at(ODD)], creates: root.at(ODD), touches: [root.at(ODD)]},
  }),
  'a command with a secret in its environment': (root) => ({
    kind: 'command',
    spec: {
      cmd: 'printf %s "$TOKEN" >token',
      unless: 'test -s token',
      chdir: root.path,
      environment: {TOKEN: new Secret("it's")},
    },
    proof: () => expect(readFileSync(root.at('token'), 'utf8')).toBe("it's"),
  }),
  'a command until what it reads is as expected': (root) => ({
    kind: 'command',
    spec: {cmd: `echo two >'${root.at('value')}'`, read: `cat '${root.at('value')}'`, expect: 'two'},
  }),
};

const SOME = SHELLS.filter(([name]) => name === 'dash' || name.startsWith('busybox'));

describe.each(SOME)('%s', (_, open) => {
  test.each(Object.entries(TRIALS))('converges on %s', async (_title, trial) => {
    await using shell = open();
    using root = new TempDir();
    const {kind, spec, proof} = trial(root);
    await converge(bound(kind, spec), root, shell);
    proof?.();
  });
});

/** Archives with the same members, made with the tools of this machine. */
function archives(root: TempDir): void {
  mkdirSync(root.at('made/top/bin'), {recursive: true});
  mkdirSync(root.at('made/top/share'), {recursive: true});
  writeFileSync(root.at('made/top/bin/tool'), 'tool', {mode: 0o755});
  writeFileSync(root.at('made/top/share/read me'), 'text', {mode: 0o644});
  symlinkSync('tool', root.at('made/top/bin/alias'));
  const make = (command: string) => spawnSync('sh', ['-c', command], {cwd: root.at('made')}).status;
  expect(make('tar cf ../plain.tar top && tar czf ../gz.tgz top && tar cJf ../xz.txz top')).toBe(0);
  expect(make('tar --zstd -cf ../zst.any top && zip -q -r -y ../zip.any top')).toBe(0);
}

const archiveSpec = (root: TempDir, name: string, more: object = {}) => ({
  path: root.at(name),
  sha256: hashOf(root.at(name)),
  dest: root.at('dest'),
  stamps: root.at('stamps'),
  ...OURS,
  ...more,
});

const BY_BUSYBOX = ['plain.tar', 'gz.tgz', 'xz.txz'];
const FORMATS: Readonly<Record<string, readonly string[]>> = {dash: [...BY_BUSYBOX, 'zst.any', 'zip.any']};

describe.each(SOME)('formats of archives in %s', (shellName, open) => {
  test.each(FORMATS[shellName] ?? BY_BUSYBOX)('unpacks %s', async (name) => {
    await using shell = open();
    using root = new TempDir();
    archives(root);
    await converge(bound('archive', archiveSpec(root, name, {strip: 1})), root, shell);
    expect(readdirSync(root.at('dest')).sort()).toEqual(['bin', 'share']);
    expect(readlinkSync(root.at('dest/bin/alias'))).toBe('tool');
    expect(lstatSync(root.at('dest/bin/tool')).mode & 0o777).toBe(0o755);
    expect(lstatSync(root.at('dest')).mode & 0o777).toBe(0o755);
  });
});

describe.each(SHELLS)('archives in %s', (_, open) => {
  test('are unpacked again where a member was altered, removed, or may be read by others', async () => {
    await using shell = open();
    using root = new TempDir();
    archives(root);
    const resource = bound('archive', archiveSpec(root, 'gz.tgz', {strip: 1}));
    await converge(resource, root, shell);
    writeFileSync(root.at('dest/bin/unrelated'), '');
    expect(await verdictOf(resource, shell)).toMatchObject({action: 'none'});
    writeFileSync(root.at('dest/bin/tool'), 'evil');
    expect(await converge(resource, root, shell)).toMatchObject({
      action: 'update',
      details: [{attribute: 'members', before: 'altered'}],
    });
    expect(readFileSync(root.at('dest/bin/tool'), 'utf8')).toBe('tool');
    rmSync(root.at('dest/bin/alias'));
    expect(await verdictOf(resource, shell)).toMatchObject({action: 'update'});
    symlinkSync('tool', root.at('dest/bin/alias'));
    expect(await verdictOf(resource, shell)).toMatchObject({action: 'none'});
    chmodSync(root.at('dest/share/read me'), 0o666);
    expect(await converge(resource, root, shell)).toMatchObject({action: 'update'});
    expect(existsSync(root.at('dest/bin/unrelated'))).toBe(true);
  });
});

describe('archives', () => {
  test('a newer one takes away what it no longer holds, and leaves what others put there', async () => {
    await using shell = new LocalShell();
    using root = new TempDir();
    archives(root);
    const open = (include: readonly string[]) =>
      bound('archive', archiveSpec(root, 'gz.tgz', {strip: 1, include}));
    await converge(open([]), root, shell);
    writeFileSync(root.at('dest/share/other'), '');
    await converge(open(['bin/*']), root, shell);
    expect(readdirSync(root.at('dest/bin')).sort()).toEqual(['alias', 'tool']);
    expect(readdirSync(root.at('dest/share'))).toEqual(['other']);
    await converge(open(['share/read*']), root, shell);
    expect(readdirSync(root.at('dest/bin'))).toEqual([]);
    expect(readdirSync(root.at('dest')).sort()).toEqual(['bin', 'share']);
  });

  test('one whose members are named touches these and those that go, and predicts them', async () => {
    await using shell = new LocalShell();
    using root = new TempDir();
    archives(root);
    mkdirSync(root.at('dest/bin'), {recursive: true});
    mkdirSync(root.at('stamps'));
    const open = (include: readonly string[]) =>
      bound('archive', archiveSpec(root, 'gz.tgz', {strip: 1, include}));
    const {touches, predicts} = await converge(open(['bin/tool', 'share/read me']), root, shell);
    expect(touches).not.toContain(`tree:${root.at('dest')}`);
    expect(predicts).toHaveLength(1);
    await converge(open(['bin/alias']), root, shell);
    expect(readdirSync(root.at('dest/bin'))).toEqual(['alias']);
    expect(readdirSync(root.at('dest/share'))).toEqual([]);
  });

  test('one that is sent leaves nothing but its members and its proof', async () => {
    await using shell = new LocalShell();
    using root = new TempDir();
    archives(root);
    const {path: src, ...spec} = archiveSpec(root, 'gz.tgz');
    await converge(bound('archive', {...spec, src}), root, shell);
    expect(readdirSync(root.at('dest'))).toEqual(['top']);
    expect(readdirSync(root.at('stamps'))).toHaveLength(1);
  });

  test('one with another digest, or without a member that is wanted, changes nothing', async () => {
    await using shell = new LocalShell();
    using root = new TempDir();
    archives(root);
    const other = bound('archive', archiveSpec(root, 'gz.tgz', {sha256: '0'.repeat(64)}));
    expect(await verdictOf(other, shell)).toMatchObject({state: 'unknown'});
    const none = await verdictOf(
      bound('archive', archiveSpec(root, 'gz.tgz', {include: ['top/bin/tool', 'nothing']})),
      shell,
    );
    const steps = isPending(none) ? none.steps.filter(isScript) : [];
    const results = await Promise.all(steps.map((step) => shell.send(step, {onFailure: 'go-on'})));
    expect(results.at(-1)).toMatchObject({exitCode: 66});
    expect(readdirSync(root.at('dest'))).toEqual([]);
  });

  test('one that somebody touched without altering it is intact', async () => {
    await using shell = new LocalShell();
    using root = new TempDir();
    archives(root);
    const resource = bound('archive', archiveSpec(root, 'gz.tgz'));
    await converge(resource, root, shell);
    spawnSync('touch', [root.at('dest/top/bin/tool')]);
    expect(await verdictOf(resource, shell)).toMatchObject({action: 'none'});
  });
});

test('a wait ends when the port answers', async () => {
  await using shell = new LocalShell();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const resource = bound('wait_for', {port: typeof address === 'object' ? address?.port : 0});
  expect(await verdictOf(resource, shell)).toMatchObject({action: 'none'});
  server.close();
  await once(server, 'close');
  expect(await verdictOf(resource, shell)).toMatchObject({action: 'run', steps: []});
  expect(resource.settle).toEqual({timeoutMs: 300_000, steadyMs: 0});
});

test('a check reads real facts', async () => {
  await using shell = new LocalShell();
  using root = new TempDir();
  writeFileSync(root.at('key'), '', {mode: 0o644});
  const spec = {facts: {key: {stat: root.at('key')}}, assert: 'key.mode == "0600"', message: 'Too open.'};
  const resource = bound('check', spec);
  expect(await verdictOf(resource, shell)).toMatchObject({
    findings: [{severity: 'error', message: 'Too open.'}],
  });
  chmodSync(root.at('key'), 0o600);
  expect(await verdictOf(resource, shell)).toEqual({action: 'none'});
});
