import {Problems} from '../../src/diagnostics/diagnostic.ts';
import type {SourceRange} from '../../src/diagnostics/source.ts';
import type {Resolution, Scope} from '../../src/expression/scope.ts';
import {staged} from '../../src/expression/staged.ts';
import type {Late, Staged} from '../../src/model/graph.ts';
import type {TaskId} from '../../src/model/names.ts';
import type {Outputs} from '../../src/model/resource.ts';
import {PROFILE} from '../../src/role-tests/bare-host.ts';
import type {YamlNode} from '../../src/yaml/node.ts';
import {parseYaml} from '../../src/yaml/parse.ts';

/** The value of one key of a small YAML file. */
export function yamlOf(text: string): YamlNode {
  const problems = new Problems();
  const node = parseYaml({file: 'test.yaml', text}, problems);
  if (!node || problems.hasErrors) throw new Error(JSON.stringify(problems.all.map(({detail}) => detail)));
  return node;
}

/** Variables, `hosts.<name>.vars.<name>`, a profile and outputs of tasks: what a role sees. */
export function scopeOf(
  variables: {readonly [name: string]: unknown},
  hosts: {readonly [host: string]: object} = {},
): Scope {
  return {
    resolve: (path) => resolve(path, variables, hosts),
    names: () => [...Object.keys(variables), 'hosts', 'profile', 'tasks'],
  };
}

function resolve(
  path: readonly string[],
  variables: {readonly [name: string]: unknown},
  hosts: object,
): Resolution {
  const [root = '', first = '', , third = ''] = path;
  if (Object.hasOwn(variables, root)) return {found: true, value: staged(variables[root]), used: 1};
  if (root === 'profile') return {found: true, value: profile, used: 1};
  if (root === 'tasks' && path.length >= 4) return {found: true, value: outputOf(first, third), used: 4};
  const host: unknown = root === 'hosts' ? Reflect.get(hosts, first) : undefined;
  if (typeof host === 'object' && host !== null && path.length >= 4)
    return {found: true, value: staged<unknown>(Reflect.get(host, third)), used: 4};
  return {found: false};
}

const profile: Staged<unknown> = {
  stage: 'profile',
  reads: [],
  resolve: (late) => ({ok: true, value: late.profile}),
};

const outputOf = (task: string, name: string): Staged<unknown> => ({
  stage: 'output',
  reads: [taskId(task)],
  resolve: (late) => ({ok: true, value: late.outputsOf(taskId(task))[name]}),
});

/** A task by a short name. */
export const taskId = (name: string): TaskId => name as TaskId; // oxlint-disable-line typescript/no-unsafe-type-assertion

/** What a host and earlier tasks told. */
export function lateOf(host: object, outputs: {readonly [task: string]: Outputs} = {}): Late {
  return {
    profile: {...PROFILE, ...host},
    outputsOf: (task) => outputs[task] ?? {},
    bracketOutputsOf: () => ({}),
  };
}

/** `code "what is underlined" detail` of each mistake. */
export const told = (problems: Problems): readonly string[] =>
  problems.all.map(({code, range, detail}) => `${code} "${range ? textAt(range) : ''}" ${detail}`);

export const textAt = ({source, from, to}: SourceRange): string => source.text.slice(from, to);
