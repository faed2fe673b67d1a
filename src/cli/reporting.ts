import {createWriteStream} from 'node:fs';
import {finished} from 'node:stream/promises';
import type {Plan} from '../model/plan.ts';
import {ndjsonReporter} from '../report/ndjson.ts';
import {type Palette, paletteFor} from '../report/palette.ts';
import {plainReporter} from '../report/plain.ts';
import {type PlanTextOptions, planText} from '../report/plan-text.ts';
import {type Reporter, together} from '../report/reporter.ts';
import type {OutputFlags} from './flags.ts';
import {commandLineMistake} from './mistakes.ts';
import type {Output, World} from './world.ts';

/** Where a run is told, and whether the plan is part of it or is printed by the command itself. */
export interface Telling {
  readonly on: 'out' | 'err';
  readonly plan: 'told' | 'left out';
  /** What programs read beside it; see `recorded`. */
  readonly record: Reporter;
}

export const paletteOf = ({isTTY}: Output, {env}: World): Palette => paletteFor({isTTY, env});

/** How much of a plan the flags ask for. */
export const planDetail = ({diff, verbose = 0}: OutputFlags): PlanTextOptions['detail'] => {
  if (verbose >= 2) return 'commands';
  return diff === true ? 'texts' : 'values';
};

/** The view that was asked for, and beside it what programs read. */
export async function reporterFor(flags: OutputFlags, world: World, telling: Telling): Promise<Reporter> {
  if (flags.output === 'ndjson') return telling.record;
  return together([await viewFor(flags, world, telling), telling.record]);
}

async function viewFor(flags: OutputFlags, world: World, {on, plan}: Telling): Promise<Reporter> {
  const output = world[on];
  const form = flags.output ?? (output.isTTY ? 'terminal' : 'plain');
  const palette = paletteOf(output, world);
  const lines = (flags.verbose ?? 0) > 0 ? 'everything' : 'changes';
  const detail = planDetail(flags);
  const writePlan = (each: Plan): string => (plan === 'told' ? planText(each, {palette, detail}) : '');
  if (form === 'plain') {
    const time = flags.timestamps === true ? 'utc' : 'none';
    return plainReporter(output.write, {palette, lines, time, plan: writePlan});
  }
  return terminal(output, {palette, lines, plan: writePlan});
}

/** Loaded only here: other views need none of it. */
async function terminal(
  output: Output,
  options: {
    readonly palette: Palette;
    readonly lines: 'changes' | 'everything';
    readonly plan: (plan: Plan) => string;
  },
): Promise<Reporter> {
  const {terminalReporter} = await import('../report/terminal.ts');
  return terminalReporter(output.write, {...options, size: output.size, now: Date.now, every});
}

/** Does not keep the program alive. */
function every(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms).unref();
  return () => clearInterval(timer);
}

/** Opened before the run: a report that cannot be written is a mistake, not a surprise at the end. */
export async function fileReporter(file: string): Promise<Reporter> {
  const stream = createWriteStream(file, {mode: 0o600});
  try {
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve());
      stream.once('error', reject);
    });
  } catch (error) {
    throw commandLineMistake(`The report cannot be written: ${String(error)}.`);
  }
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  const {listen} = ndjsonReporter((text) => void stream.write(text));
  const close = async (): Promise<void> => {
    stream.end();
    await finished(stream).catch(() => undefined); // Its error is kept above.
    if (failure) throw commandLineMistake(`The report ${file} is not complete: ${failure.message}.`);
  };
  return {listen, close};
}
