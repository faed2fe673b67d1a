import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {JsonObject} from '../../src/base/json.ts';
import {kubernetesObject} from '../../src/facts/kubernetes-object.ts';
import {askShell} from '../support/ask.ts';
import {LocalShell, SHELL_COMMANDS} from '../support/local-shell.ts';
import {TempDir} from '../support/temp-dir.ts';

/** As kubectl does: of many objects it prints all, or none where one is refused. Each call is noted. */
const KUBECTL = `#!${process.execPath}
import('node:fs').then(({appendFileSync, readFileSync}) => {
  const {items = [undefined], ...one} = JSON.parse(readFileSync(0, 'utf8'));
  const objects = items[0] ? items : [one];
  const word = process.argv.includes('apply') ? 'apply' : 'get';
  appendFileSync(process.env.CALLS, word + ' ' + objects.length + '\\n');
  const bad = objects.filter(({metadata}) => word === 'apply' && metadata.name.startsWith('bad'));
  for (const {kind, metadata} of bad) console.error('The ' + kind + ' "' + metadata.name + '" is invalid: it is bad');
  if (process.env.AWAY) console.error('Unable to connect to the server: dial tcp: i/o timeout');
  if (bad.length > 0 || process.env.AWAY) process.exit(1);
  console.log(JSON.stringify(objects.length > 1 ? {kind: 'List', items: objects} : objects[0]));
});
`;

const map = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name, namespace: 'app'},
  data: {text: 'it\'s \\ "quoted" %s'},
});

/** What it is asked for by name. */
const bare = (name: string): JsonObject => {
  const {data: _, ...rest} = map(name);
  return rest;
};

describe.each(SHELL_COMMANDS)('in %s', (_name, command) => {
  /** What is told of these objects, and how often kubectl was asked. */
  async function told(names: readonly string[], env: NodeJS.ProcessEnv = {}) {
    using directory = new TempDir();
    const [program, calls] = [directory.at('kubectl'), directory.at('calls')];
    writeFileSync(program, KUBECTL);
    chmodSync(program, 0o755);
    writeFileSync(calls, '');
    await using shell = new LocalShell(command, {
      PATH: `${directory.path}:${process.env['PATH'] ?? ''}`,
      CALLS: calls,
      ...env,
    });
    const access = {kubeconfig: '/admin.conf', manager: 'provision'};
    const answers = await askShell(
      names.map((name) => kubernetesObject(access, map(name))),
      shell,
    );
    return {answers, calls: readFileSync(calls, 'utf8').trim().split('\n')};
  }

  const shown = (name: string) => ({
    state: 'known',
    value: {live: bare(name), owned: {}, tried: {live: map(name), owned: {}}},
  });
  const refused = (name: string) => ({
    state: 'known',
    value: {live: bare(name), owned: {}, tried: {refused: `The ConfigMap "${name}" is invalid: it is bad`}},
  });

  test('many objects are two calls', async () => {
    const {answers, calls} = await told(['a', 'b', 'c']);
    expect(answers).toEqual([shown('a'), shown('b'), shown('c')]);
    expect(calls).toEqual(['get 3', 'apply 3']);
  });

  test('a refusal is told of the object that it is about, and of no other one', async () => {
    const {answers, calls} = await told(['a', 'bad', 'c', 'bad-too']);
    expect(answers).toEqual([shown('a'), refused('bad'), shown('c'), refused('bad-too')]);
    expect(calls).toEqual(['get 4', 'apply 4', 'apply 1', 'apply 1', 'apply 1', 'apply 1']);
  });

  test('one object that is refused is not shown twice', async () => {
    const {answers, calls} = await told(['bad']);
    expect(answers).toEqual([refused('bad')]);
    expect(calls).toEqual(['get 1', 'apply 1']);
  });

  test('an API server that is away is not asked about each', async () => {
    const {answers, calls} = await told(['a', 'b'], {AWAY: '1'});
    const reason = 'Unable to connect to the server: dial tcp: i/o timeout';
    expect(answers).toEqual([
      {state: 'unknown', reason},
      {state: 'unknown', reason},
    ]);
    expect(calls).toEqual(['get 2', 'apply 2']);
  });
});
