import {open, readFile, stat, unlink, writeFile} from 'node:fs/promises';
import type {Plan} from '../model/plan.ts';
import {readSavedPlan, type SavedPlan, savePlan} from '../plan/saved-plan.ts';
import type {ProjectFlags, SelectionFlags} from './flags.ts';
import {commandLineMistake, Mistake} from './mistakes.ts';

/**
 * What has to be compiled again to apply a plan. Values of `-e` are not among it: they may be secret, and a plan
 * holds none.
 */
export interface PlannedProject {
  readonly inventory: readonly string[];
  readonly playbook: string | undefined;
  readonly limit: string | undefined;
  readonly bundle: string | undefined;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly target: readonly string[];
  readonly hasExtraVars: boolean;
}

export interface PlanFile {
  readonly project: PlannedProject;
  readonly plan: SavedPlan;
}

export const projectOf = (flags: ProjectFlags & SelectionFlags): PlannedProject => ({
  inventory: flags.inventory,
  playbook: flags.playbook,
  limit: flags.limit,
  bundle: flags.bundle,
  tags: flags.tags,
  skipTags: flags.skipTags,
  target: flags.target,
  hasExtraVars: flags.extraVars.length > 0,
});

/**
 * Said before any host is looked at: a plan that cannot be written is a mistake, not a surprise at the end. Where there is no
 * such file yet, there is none behind this either.
 */
export async function mustBeWritable(file: string): Promise<void> {
  try {
    const isThere = await stat(file).then(
      () => true,
      () => false,
    );
    const handle = await open(file, 'a', 0o600);
    await handle.close();
    if (!isThere) await unlink(file);
  } catch (error) {
    throw commandLineMistake(`The plan cannot be written: ${String(error)}.`);
  }
}

/** Only for its owner: a plan tells much about its hosts. */
export async function writePlanFile(file: string, plan: Plan, project: PlannedProject): Promise<void> {
  const text = JSON.stringify({...savePlan(plan), project}, undefined, 2);
  await writeFile(file, `${text}\n`, {mode: 0o600});
}

export async function readPlanFile(file: string): Promise<PlanFile> {
  const value = parse(await read(file));
  const plan = readSavedPlan(value);
  const project = isObject(value) ? readProject(value['project']) : undefined;
  if (!plan || !project) throw misfit(`"${file}" is not a plan of this program.`);
  return {plan, project};
}

/** A mistake about a plan, with the way out that always works. */
export const misfit = (detail: string): Mistake =>
  new Mistake({
    code: 'E604',
    severity: 'error',
    detail,
    hint: 'Make a new plan: provision plan INVENTORY --out FILE',
  });

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new Mistake({code: 'E101', severity: 'error', detail: `The plan cannot be read: ${why}.`});
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const isTextOrNone = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

function readProject(value: unknown): PlannedProject | undefined {
  if (!isObject(value)) return undefined;
  const {inventory, playbook, limit, bundle, tags, skipTags, target, hasExtraVars} = value;
  if (!isTexts(inventory) || !isTexts(tags) || !isTexts(skipTags) || !isTexts(target)) return undefined;
  if (
    !isTextOrNone(playbook) ||
    !isTextOrNone(limit) ||
    !isTextOrNone(bundle) ||
    typeof hasExtraVars !== 'boolean'
  )
    return undefined;
  return {inventory, playbook, limit, bundle, tags, skipTags, target, hasExtraVars};
}
