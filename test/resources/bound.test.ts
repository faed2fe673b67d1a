import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {content} from '../../src/facts/content.ts';
import {digest} from '../../src/facts/digest.ts';
import {output} from '../../src/facts/probe.ts';
import {stat} from '../../src/facts/stat.ts';
import {ABSENT, type Answer, known, unknown} from '../../src/model/answer.ts';
import {isPending} from '../../src/model/change.ts';
import {type FactQuery, fact} from '../../src/model/fact.ts';
import type {Resource} from '../../src/model/resource.ts';
import {type FileWrite, isScript} from '../../src/model/step.ts';
import {bound, contextOf, emptyHost, givenFacts} from '../support/resources.ts';

const factsWith = <Value>(resource: Resource, query: FactQuery<Value>, answer: Answer<Value>) =>
  givenFacts([...resource.facts, ...(resource.preview?.facts ?? [])], [{query, answer}]);

describe('the output of a command', () => {
  const query = output('hostname -f');
  const spec = {cmd: 'true', creates: '/x', read: 'hostname -f'};
  const read = (more: object, answer: Answer<{exit_code: number; stdout: string}>) => {
    const resource = bound('command', {...spec, ...more});
    return resource.outputs(factsWith(resource, query, answer));
  };

  test('is what its reading prints', () => {
    expect(read({}, known({exit_code: 0, stdout: 'node1.example'}))).toEqual({stdout: 'node1.example'});
  });

  test('is a secret where that is said', () => {
    const outputs = read({sensitive: true}, known({exit_code: 0, stdout: 'token'}));
    const stdout: unknown = Object(outputs)['stdout'];
    expect(stdout instanceof Secret && stdout.reveal()).toBe('token');
  });

  test('is unknown where the reading fails, or there is none', () => {
    expect(read({}, known({exit_code: 3, stdout: ''}))).toEqual(unknown('`read` ended with 3'));
    expect(read({}, unknown('gone'))).toEqual(unknown('gone'));
    const other = bound('command', {cmd: 'true', creates: '/x'});
    expect(other.outputs(givenFacts(other.facts, []))).toEqual(unknown('the command has no `read`'));
  });
});

test('a secret of the environment reaches the command on its input alone', () => {
  const spec = {argv: ['login'], creates: '/x', environment: {TOKEN: new Secret("a'b"), PLAIN: 1}};
  const resource = bound('command', spec);
  const verdict = resource.diff(givenFacts(resource.facts, []), contextOf());
  const [step] = isPending(verdict) ? verdict.steps.filter(isScript) : [];
  expect(step?.wire).toBe("export TOKEN='a'\\''b' PLAIN=1; login");
  expect(step?.display).toBe('export TOKEN=*** PLAIN=1; login');
});

describe('the preview of a file', () => {
  const motd = content('/etc/motd');

  test('shows the texts before and after', () => {
    const resource = bound('copy', {dest: '/etc/motd', content: 'new\n'});
    const show = (answer: Answer<string>) => resource.preview?.show(factsWith(resource, motd, answer));
    expect(show(known('old\n'))).toEqual([{path: '/etc/motd', before: 'old\n', after: 'new\n'}]);
    expect(show(ABSENT)).toEqual([{path: '/etc/motd', before: undefined, after: 'new\n'}]);
    expect(show(unknown('not text'))).toEqual([{path: '/etc/motd', before: undefined, after: 'new\n'}]);
  });

  test.each([{content: new Secret('x')}, {content: 'x', sensitive: true}])(
    'neither asks nor shows what is a secret: %#',
    (spec) => {
      const resource = bound('copy', {dest: '/etc/motd', ...spec});
      expect(resource.preview?.facts).toEqual([]);
      expect(resource.preview?.show(givenFacts([], []))).toEqual([]);
    },
  );
});

test('a check of a file gets its path, quoted, wherever it is named', () => {
  const resource = bound('copy', {dest: '/x', content: '', validate: 'check %s && diff %s /y'});
  const verdict = resource.diff(emptyHost(resource.facts), contextOf());
  const [write] = isPending(verdict)
    ? verdict.steps.filter((step): step is FileWrite => 'content' in step)
    : [];
  expect(write?.validate?.("it's").wire).toBe("check 'it'\\''s' && diff 'it'\\''s' /y");
});

test('two spellings of one thing have one key', () => {
  expect(bound('copy', {dest: '/x', content: ''}).key).toBe(bound('file', {path: '/x', state: 'absent'}).key);
});

test('whoever asks whether a manifest is there need not wait for the phase of kubeadm that writes it again', () => {
  const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml';
  const phase = ['init', 'phase', 'control-plane', 'scheduler'];
  const spec = {name: 'scheduler', phase, config: 'a', compare: 'a', files: [manifest]};
  const resource = bound('kubeadm_phase', spec);
  const there = fact(stat(manifest), {type: 'file', mode: '0600', owner: 0, group: 0});
  const verdict = resource.diff(
    givenFacts(resource.facts, [there, fact(digest(manifest), 'other')]),
    contextOf(),
  );
  expect(verdict).toMatchObject({action: 'run', predicts: [there]});
});
