import {explainEdge, explanationText} from '../compile/explain-edge.ts';
import {graphToDot, graphToText} from '../compile/graph-text.ts';
import {serializeGraph} from '../compile/serialize-graph.ts';
import type {TaskGraph} from '../model/graph.ts';
import {EXIT} from './exit-codes.ts';
import type {ProjectFlags, SelectionFlags} from './flags.ts';
import {graphToSvg} from './graph-svg.ts';
import {commandLineMistake} from './mistakes.ts';
import {load, withInventory} from './project.ts';
import type {World} from './world.ts';

export type GraphFlags = ProjectFlags &
  SelectionFlags & {readonly format: 'text' | 'dot' | 'json' | 'svg'; readonly why?: readonly string[]};

const FORMATS: Readonly<Record<GraphFlags['format'], (graph: TaskGraph) => string>> = {
  text: graphToText,
  dot: graphToDot,
  json: serializeGraph,
  svg: graphToSvg,
};

/** `provision graph INVENTORY`: the tasks and what each waits for, or why one waits for another. */
export async function graph(inventory: readonly string[], given: GraphFlags, world: World): Promise<number> {
  // An option that takes several words takes the inventory behind them, too.
  const [before, after, ...rest] = given.why ?? [];
  const flags = withInventory(given, [...inventory, ...rest], world);
  const {graph: found} = await load(flags, world);
  if (before === undefined) {
    world.out.write(FORMATS[flags.format](found));
    return EXIT.done;
  }
  if (after === undefined) {
    throw commandLineMistake(
      '--why needs two tasks.',
      'Write: provision graph --why EARLIER LATER INVENTORY',
    );
  }
  return why(before, after, {found, world});
}

function why(
  before: string,
  after: string,
  {found, world}: {readonly found: TaskGraph; readonly world: World},
): number {
  const explanation = explainEdge(found, before, after);
  if (explanation.answer === 'unknown') {
    throw commandLineMistake(`There is no task "${explanation.id}".`, explanation.hint);
  }
  world.out.write(explanationText(explanation, before, after));
  return EXIT.done;
}
