import {diagnosticsJson} from '../diagnostics/render.ts';
import {count} from '../report/host-list.ts';
import {EXIT} from './exit-codes.ts';
import type {ProjectFlags, SelectionFlags} from './flags.ts';
import {Mistake} from './mistakes.ts';
import {load, withInventory} from './project.ts';
import type {World} from './world.ts';

export type ValidateFlags = ProjectFlags & SelectionFlags & {readonly format: 'text' | 'json'};

/** `provision validate INVENTORY`: all mistakes in what was written, or how much it comes to. */
export async function validate(
  inventory: readonly string[],
  given: ValidateFlags,
  world: World,
): Promise<number> {
  const flags = withInventory(given, inventory, world);
  return flags.format === 'json' ? asJson(flags, world) : asText(flags, world);
}

async function asText(flags: ValidateFlags, world: World): Promise<number> {
  const {graph} = await load(flags, world);
  const {hosts, plays, tasks} = graph;
  const parts = [count(hosts.length, 'host'), count(plays.length, 'play'), count(tasks.length, 'task')];
  world.out.write(`No mistakes: ${parts.join(', ')}.\n`);
  return EXIT.done;
}

/** For editors and pipelines: an array, empty where nothing is wrong. */
async function asJson(flags: ValidateFlags, world: World): Promise<number> {
  try {
    await load(flags, world);
    world.out.write('[]\n');
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    world.out.write(`${JSON.stringify(diagnosticsJson(error.diagnostics), undefined, 2)}\n`);
    return EXIT.mistake;
  }
}
