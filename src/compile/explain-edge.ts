import {didYouMean} from '../base/nearest.ts';
import {unreachable} from '../base/unreachable.ts';
import {placeOf} from '../diagnostics/source.ts';
import {Digraph} from '../graph/digraph.ts';
import {pathBetween} from '../graph/paths.ts';
import type {Edge, Requirement, TaskGraph} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import {wordsFor} from './reasons.ts';

/** Why one task runs before another. */
export type Explanation =
  | {readonly answer: 'path'; readonly steps: readonly Edge[]}
  /** Neither waits for the other. */
  | {readonly answer: 'independent'}
  /** Asked the wrong way round: the steps lead from the second to the first. */
  | {readonly answer: 'reverse'; readonly steps: readonly Edge[]}
  | {readonly answer: 'unknown'; readonly id: string; readonly hint: string | undefined};

/** The shortest way from one task to another, with the reason of each step. */
export function explainEdge(graph: TaskGraph, before: string, after: string): Explanation {
  const digraph = new Digraph<TaskId>([...graph.tasks, ...graph.barriers].map(({id}) => id));
  for (const {from, to} of graph.edges) digraph.addEdge(from, to);
  const [first, second] = [digraph.ids.find((id) => id === before), digraph.ids.find((id) => id === after)];
  if (first === undefined) return unknownTask(before, digraph);
  if (second === undefined) return unknownTask(after, digraph);
  const path = pathBetween(digraph, first, second);
  if (path) return {answer: 'path', steps: stepsOf(path, graph)};
  const back = pathBetween(digraph, second, first);
  return back ? {answer: 'reverse', steps: stepsOf(back, graph)} : {answer: 'independent'};
}

const unknownTask = (id: string, graph: Digraph<TaskId>): Explanation => ({
  answer: 'unknown',
  id,
  hint: didYouMean(id, graph.ids),
});

function stepsOf(path: readonly TaskId[], {edges}: TaskGraph): readonly Edge[] {
  return path
    .slice(1)
    .flatMap((to, index) => edges.find((edge) => edge.to === to && edge.from === path[index]) ?? []);
}

/** The answer for people, one line for each step. */
export function explanationText(explanation: Explanation, before: string, after: string): string {
  switch (explanation.answer) {
    case 'unknown':
      return `There is no task "${explanation.id}".${explanation.hint ? ` ${explanation.hint}` : ''}\n`;
    case 'independent':
      return `${after} does not wait for ${before}, nor the other way round.\n`;
    case 'reverse':
      return `It is the other way round: ${before} waits for ${after}.\n${stepLines(explanation.steps)}`;
    case 'path':
      return `${after} waits for ${before}.\n${stepLines(explanation.steps)}`;
    default:
      return unreachable(explanation);
  }
}

const WORDS: Readonly<Record<Requirement, string>> = {
  success: 'success',
  'no-failure': 'success, unless its host is away,',
  end: 'the end',
};

const stepLines = (steps: readonly Edge[]): string =>
  steps
    .map(({from, to, requires, because}) => {
      const how = WORDS[requires];
      return `  ${to}\n    waits for ${how} of ${from}: ${wordsFor(because)} (${placeOf(because.at)})\n`;
    })
    .join('');
