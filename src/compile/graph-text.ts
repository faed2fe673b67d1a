import {groupedBy} from '../base/grouped.ts';
import type {Edge, TaskGraph, TaskNode} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';

/** A graph for people: play by play and host by host, each task with what it waits for beyond the one above. */
export function graphToText({plays, tasks, brackets, edges}: TaskGraph): string {
  const before = groupedBy(edges, ({to}) => to);
  const lines = plays.flatMap(({id, name, hosts}) => {
    const own = tasks.filter(({play}) => play === id);
    const around = brackets.filter(({play}) => play === id);
    return [
      `play ${id}${name === id ? '' : ` (${name})`}: ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`,
      ...around.map((bracket) => `  [${bracket.id}] ${bracket.kind} around ${bracket.around.length} tasks`),
      ...own.flatMap((task, index) => taskLines(task, own[index - 1], before.get(task.id) ?? [])),
      '',
    ];
  });
  return lines.join('\n');
}

function taskLines(task: TaskNode, above: TaskNode | undefined, before: readonly Edge[]): readonly string[] {
  const others = before.filter(({from}) => from !== above?.id);
  const late = task.when.stage === 'static' ? '' : ' (if its condition holds)';
  return [
    `  ${task.id}  ${task.kind}${late}`,
    ...shortened(others).map(([from, reason]) => `      waits for ${from}: ${reason}`),
  ];
}

const MOST = 4;

/** A barrier or a few tasks are named; of many the first. */
function shortened(edges: readonly Edge[]): readonly (readonly [string, string])[] {
  const named = edges.slice(0, MOST).map(({from, because}) => [from, because.type] as const);
  return edges.length > MOST ? [...named, [`${edges.length - MOST} more`, 'as above']] : named;
}

/** The same for Graphviz: `provision graph --format dot | dot -Tsvg`. */
export function graphToDot({tasks, barriers, brackets, edges}: TaskGraph): string {
  const hosts = groupedBy(tasks, ({host}) => host);
  return [
    'digraph provision {',
    '  rankdir=LR; node [shape=box, fontname="sans-serif", fontsize=10];',
    ...[...hosts].flatMap(([host, own], index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quoted(host)};`,
      ...own.map(({id, name}) => `    ${quoted(id)} [label=${quoted(name)}, tooltip=${quoted(id)}];`),
      '  }',
    ]),
    ...barriers.map(({id}) => `  ${quoted(id)} [shape=diamond];`),
    ...brackets.map(({id, kind}) => `  ${quoted(id)} [shape=ellipse, label=${quoted(kind)}];`),
    ...brackets.flatMap(({id, around}) =>
      around.map((task) => `  ${arrow(id, task)} [style=dotted, arrowhead=none];`),
    ),
    ...edges.map(
      ({from, to, requires, because}) =>
        `  ${arrow(from, to)} [tooltip=${quoted(because.type)}${requires === 'end' ? ', style=dashed' : ''}];`,
    ),
    '}',
    '',
  ].join('\n');
}

const arrow = (from: TaskId, to: TaskId): string => `${quoted(from)} -> ${quoted(to)}`;
const quoted = (text: string): string => JSON.stringify(text);
