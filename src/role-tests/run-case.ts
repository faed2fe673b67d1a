import {dirname, join} from 'node:path';
import {BRACKETS} from '../brackets/registry.ts';
import {loadCatalog} from '../catalog/load-catalog.ts';
import {rolesPathsFor} from '../compile/find-playbook.ts';
import {compileProject} from '../compile/project.ts';
import {type Diagnostic, Problems} from '../diagnostics/diagnostic.ts';
import type {VariableLayer} from '../inventory/layer.ts';
import type {TaskGraph} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import type {Plan} from '../model/plan.ts';
import {planOutline} from '../report/plan-outline.ts';
import {scrubPlan} from '../report/scrub.ts';
import {RESOURCES} from '../resources/registry.ts';
import {createVariables} from '../variables/variables.ts';
import type {Environment} from '../yaml/conversion.ts';
import {answerOf, bareHost, type FakeHost} from './bare-host.ts';
import type {FoundCase} from './find-cases.ts';
import {LeftByRun, runOn} from './left-by-run.ts';
import {planFor} from './plan-for.ts';
import {type RoleCase, readRoleCase} from './role-case.ts';
import {ToldFacts} from './told-facts.ts';

/** How a case ended. */
export interface CaseResult {
  readonly summary: string;
  /** What the file says. */
  readonly expected: string | undefined;
  /** What the plan says now; `undefined` after mistakes. */
  readonly now: string | undefined;
  readonly read: RoleCase | undefined;
  readonly problems: readonly Diagnostic[];
}

const KINDS = {resources: RESOURCES, brackets: BRACKETS};

/** Reads a case and makes its plan. Contacts no host. */
export async function runCase(
  {role, folder, file}: FoundCase,
  environment: Environment,
): Promise<CaseResult> {
  const problems = new Problems();
  const read = await readRoleCase(file, {role, kinds: KINDS, environment}, problems);
  const now = read && (await planOfCase(read, folder, problems));
  return {
    summary: read?.summary ?? '',
    expected: read?.plan,
    now: problems.hasErrors || !now ? undefined : planOutline(scrubPlan(now)),
    read,
    problems: problems.all,
  };
}

async function planOfCase(read: RoleCase, folder: string, problems: Problems): Promise<Plan | undefined> {
  const {inventory, playbook} = read;
  const rolesPaths = rolesPathsBeside(folder);
  const catalog = await loadCatalog(rolesPaths, playbook, KINDS, problems);
  const graphWith = (commandLine: readonly VariableLayer[]): TaskGraph | undefined => {
    const variables = createVariables(inventory, commandLine, problems);
    // Files that are sent are known by their digests: a test needs none of them.
    const options = {offered: () => true};
    return compileProject({inventory, playbook, catalog, commandLine, variables}, options, problems)?.graph;
  };
  if (problems.hasErrors) return undefined;
  const graph = graphWith([]);
  const before = read.convergedWith && graphWith([read.convergedWith]);
  if (!graph || problems.hasErrors) return undefined;
  return planOn(new CaseHosts(read), graph, before, problems);
}

/** The role itself is found first, then what every playbook beside it finds. */
function rolesPathsBeside(folder: string): readonly string[] {
  const roles = dirname(folder);
  const playbook = join(dirname(roles), 'playbooks', 'playbook.yaml');
  return [...new Set([roles, ...rolesPathsFor(playbook, [process.cwd()])])];
}

async function planOn(
  hosts: CaseHosts,
  graph: TaskGraph,
  before: TaskGraph | undefined,
  problems: Problems,
): Promise<Plan | undefined> {
  try {
    const left = before ? await runOn(before, (each) => hosts.after(each)) : new LeftByRun();
    const plan = await planFor(graph, hosts.after(left));
    hosts.reportUnused(problems);
    return plan;
  } catch (error) {
    // Nobody checks what a told fact holds before a resource reads it.
    const isOurs = !(error instanceof Error) || error.message.startsWith('Internal error');
    if (isOurs || !hosts.reportUnreadable(error, problems)) throw error;
    return undefined;
  }
}

interface CaseHost {
  readonly bare: FakeHost;
  /** Even where a run was on others. */
  readonly isBare: boolean;
  readonly told: ToldFacts;
}

/** The hosts of a case: bare ones of one network, but for what it tells of them. */
class CaseHosts {
  readonly #hosts: ReadonlyMap<HostName, CaseHost>;
  readonly #read: RoleCase;

  constructor(read: RoleCase) {
    this.#read = read;
    const names = [...read.inventory.hosts.keys()];
    const neighbours = names.map((name, index) => addressOf(read, name) ?? `192.0.2.${index + 1}`);
    this.#hosts = new Map(
      names.map((name, index) => {
        const {profile = {}, facts = [], isBare = false} = read.hosts.get(name) ?? {};
        const bare = bareHost({name, address: neighbours[index] ?? '', neighbours, profile});
        return [name, {bare, isBare, told: new ToldFacts(facts)}];
      }),
    );
  }

  /** What is told of a host is true whatever a run has left there. */
  after(left: LeftByRun): ReadonlyMap<HostName, FakeHost> {
    return new Map(
      [...this.#hosts].map(([name, {bare, isBare, told}]) => {
        const {profile, answer} = isBare ? bare : left.on(name, bare);
        const host: FakeHost = {
          profile,
          answer(query) {
            const fact = told.find(query);
            return fact ? answerOf(fact.value) : answer(query);
          },
        };
        return [name, host];
      }),
    );
  }

  reportUnused(problems: Problems): void {
    for (const [name, {told}] of this.#hosts) told.reportUnused(name, problems);
  }

  /** Whether there are told facts that may have been the reason. */
  reportUnreadable({message}: Error, problems: Problems): boolean {
    const [first] = [...this.#read.hosts.values()].filter(({facts}) => facts.length > 0);
    if (!first) return false;
    problems.report('E105', {
      range: first.at,
      detail: `With the facts of this test no plan can be made: ${message}.`,
      hint: 'Their values have the form in which `provision facts --kind KIND --key KEY --format json` prints them.',
    });
    return true;
  }
}

/** What its profile tells, else the address that the inventory gives it in the cluster. */
function addressOf({inventory, hosts}: RoleCase, name: HostName): string | undefined {
  const told = hosts.get(name)?.profile.address;
  if (told !== undefined) return told;
  const layers = inventory.hosts.get(name)?.layers ?? [];
  const ip = layers.map(({entries}) => entries.get('ip')?.value).findLast((value) => value !== undefined);
  const text = ip?.type === 'scalar' && typeof ip.value === 'string' ? ip.value : undefined;
  return text?.includes('{{') === true ? undefined : text;
}
