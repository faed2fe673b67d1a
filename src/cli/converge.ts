import type {RunResult} from '../execute/run.ts';
import type {Plan} from '../model/plan.ts';
import {planJson} from '../report/display-json.ts';
import {count} from '../report/host-list.ts';
import {hasPending} from '../report/plan-counts.ts';
import {planText} from '../report/plan-text.ts';
import type {Reporter} from '../report/reporter.ts';
import {supplyOf} from './bundle-flag.ts';
import {consentOf} from './consent.ts';
import {EXIT} from './exit-codes.ts';
import type {ConnectionFlags, ConvergeFlags, OutputFlags} from './flags.ts';
import {misfit, mustBeWritable, projectOf, readPlanFile, writePlanFile} from './plan-file.ts';
import {load, withInventory} from './project.ts';
import {recorded} from './recorded.ts';
import {paletteOf, planDetail, reporterFor} from './reporting.ts';
import {type RunRequest, runGraph} from './run-graph.ts';
import type {World} from './world.ts';

/** `provision INVENTORY`: shows the plan, asks, applies it. With `--check` it ends behind the plan. */
export async function converge(
  inventory: readonly string[],
  given: ConvergeFlags,
  world: World,
): Promise<number> {
  return recorded(given, world, async (record) =>
    convergeAfter(undefined, withInventory(given, inventory, world), {world, record}),
  );
}

/** What `provision reset` takes: it has a playbook of its own, and no part of it makes sense alone. */
export type ResetFlags = Omit<ConvergeFlags, 'playbook' | 'tags' | 'skipTags' | 'target'>;

/** `provision reset INVENTORY`: takes hosts out of their cluster, and removes all that was installed on them. */
export async function reset(inventory: readonly string[], given: ResetFlags, world: World): Promise<number> {
  const flags = {...given, playbook: 'reset', tags: [], skipTags: [], target: []};
  const question = 'All pods on these hosts end, and what the cluster keeps on them is lost. Reset them?';
  return recorded(flags, world, async (record) =>
    convergeAfter(question, withInventory(flags, inventory, world), {world, record}),
  );
}

/** Where a command runs, and what programs read of it. */
interface Scene {
  readonly world: World;
  readonly record: Reporter;
}

async function convergeAfter(
  question: string | undefined,
  flags: ConvergeFlags,
  {world, record}: Scene,
): Promise<number> {
  const isCheck = flags.check === true;
  const approve = isCheck ? undefined : consentOf(flags, world, question);
  const {graph} = await load(flags, world);
  const mode = isCheck ? 'plan' : 'apply';
  const request = {...requestOf(flags, mode, approve), supply: await supplyOf(flags, world)};
  const reporter = await reporterFor(flags, world, {on: 'out', plan: 'told', record});
  const {exitCode} = await runGraph(graph, request, {flags, world, reporter});
  return exitCode;
}

export interface PlanFlags extends ConvergeFlags {
  readonly format: 'text' | 'json';
  readonly out?: string;
  readonly detailedExitcode?: boolean;
}

/** `provision plan INVENTORY`: the plan on stdout, all else on stderr. Changes nothing. */
export async function plan(inventory: readonly string[], given: PlanFlags, world: World): Promise<number> {
  return recorded(given, world, async (record) =>
    planOnly(withInventory(given, inventory, world), {world, record}),
  );
}

async function planOnly(flags: PlanFlags, {world, record}: Scene): Promise<number> {
  const {graph} = await load(flags, world);
  if (flags.out !== undefined) await mustBeWritable(flags.out);
  const isEvents = flags.output === 'ndjson';
  const reporter = await reporterFor(flags, world, {on: 'err', plan: 'left out', record});
  const request = {...requestOf(flags, 'plan'), supply: await supplyOf(flags, world)};
  const result = await runGraph(graph, request, {flags, world, reporter});
  // What was not looked at to the end is no plan, and "nothing to do" least of all.
  if (result.exitCode === EXIT.interrupted) return result.exitCode;
  if (!isEvents) writePlan(result.plan, flags, world);
  if (flags.out !== undefined) await writePlanFile(flags.out, result.plan, projectOf(flags));
  const isPending = flags.detailedExitcode === true && hasPending(result.plan);
  return result.exitCode === EXIT.done && isPending ? EXIT.pending : result.exitCode;
}

function writePlan(each: Plan, flags: PlanFlags, world: World): void {
  const palette = paletteOf(world.out, world);
  const text =
    flags.format === 'json'
      ? `${JSON.stringify(planJson(each), undefined, 2)}\n`
      : planText(each, {palette, detail: planDetail(flags)});
  world.out.write(text);
}

export type ApplyFlags = ConnectionFlags &
  OutputFlags & {
    readonly extraVars: readonly string[];
    readonly bundle?: string;
    readonly yes?: boolean;
    readonly auditTouches?: boolean;
  };

/** `provision apply PLAN`: does what a saved plan showed, or stops. The plan was consent enough. */
export async function apply(file: string, flags: ApplyFlags, world: World): Promise<number> {
  return recorded(flags, world, async (record) => applyPlan(file, flags, {world, record}));
}

async function applyPlan(file: string, flags: ApplyFlags, {world, record}: Scene): Promise<number> {
  const {project, plan: bounds} = await readPlanFile(file);
  if (project.hasExtraVars && flags.extraVars.length === 0) {
    throw misfit('The plan was made with -e, whose values it does not hold. Give the same -e again.');
  }
  const {playbook, limit, bundle: planned, ...rest} = project;
  const bundle = flags.bundle ?? planned;
  const from = bundle === undefined ? {} : {bundle};
  const selection = {
    ...from,
    ...(playbook === undefined ? {} : {playbook}),
    ...(limit === undefined ? {} : {limit}),
  };
  const {graph} = await load({...rest, ...selection, extraVars: flags.extraVars}, world);
  const supply = await supplyOf(from, world);
  const reporter = await reporterFor(flags, world, {on: 'out', plan: 'told', record});
  const request = {...requestOf(flags, 'apply'), bounds, supply};
  const result = await runGraph(graph, request, {flags, world, reporter});
  refuseMisfits(result);
  return result.exitCode;
}

/** A plan that was carried out already does not fit at all: a few tasks say as much as hundreds. */
const MOST_MISFITS = 5;

/** Nothing was changed: what hosts have become since needs a new plan. */
function refuseMisfits({misfits}: RunResult): void {
  if (misfits.length === 0) return;
  const others = misfits.length - MOST_MISFITS;
  const more = others > 0 ? [`So it is with ${count(others, 'other task')}.`] : [];
  const told = [...misfits.slice(0, MOST_MISFITS), ...more].join(' ');
  throw misfit(`The hosts are no longer as the plan found them. ${told}`);
}

function requestOf(
  flags: {readonly diff?: boolean; readonly verbose?: number; readonly auditTouches?: boolean},
  mode: RunRequest['mode'],
  approve?: (plan: Plan) => Promise<boolean>,
): RunRequest {
  return {
    mode,
    texts: flags.diff === true || (flags.verbose ?? 0) >= 2,
    auditTouches: flags.auditTouches === true,
    ...(approve ? {approve} : {}),
  };
}
