import {Problems} from '../diagnostics/diagnostic.ts';
import type {TaskGraph} from '../model/graph.ts';
import type {Draft} from './draft.ts';
import {EdgeList} from './edge-list.ts';
import {freeze} from './freeze.ts';
import type {CompileInput} from './input.ts';
import {PASSES} from './passes.ts';
import {PRESENCE_KIND, presenceType} from './presence.ts';
import {World} from './world.ts';

/** Playbook x roles x hosts, to a graph. Talks to no host; `undefined` after mistakes, which are in `problems`. */
export function compile(input: CompileInput, problems: Problems): TaskGraph | undefined {
  const found = new Problems();
  const draft = draftOf(input, found);
  for (const pass of PASSES) {
    pass.run(draft);
    if (found.hasErrors) break;
  }
  const graph = found.hasErrors ? undefined : freeze(draft);
  tellOnce(found, problems);
  return found.hasErrors ? undefined : graph;
}

/** A template that is wrong is wrong for each host that has values of its own, and told once. */
function tellOnce({all}: Problems, problems: Problems): void {
  const told = new Set<string>();
  for (const {code, severity, ...problem} of all) {
    const {range, detail} = problem;
    const key = `${code} ${range?.source.file} ${range?.from} ${detail}`;
    if (told.has(key)) continue;
    told.add(key);
    if (severity === 'error') problems.report(code, problem);
    else problems.warn(code, problem);
  }
}

const draftOf = (input: CompileInput, problems: Problems): Draft => ({
  input,
  problems,
  world: new World(input, problems),
  resources: new Map([...input.resources, [PRESENCE_KIND, presenceType(input.factKinds)]]),
  plays: [],
  tasks: [],
  brackets: [],
  producers: new Map(),
  barriers: [],
  edges: new EdgeList(),
  hosts: new Map(),
  order: [],
});
