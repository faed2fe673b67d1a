import {randomBytes} from 'node:crypto';
import pLimit from 'p-limit';
import type {EventBody, Listener, Summary} from '../model/event.ts';
import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Outcome} from '../model/outcome.ts';
import type {Plan, PlannedTask, UnreachableHost} from '../model/plan.ts';
import type {Supply} from '../model/supply.ts';
import {isTransportError, type TransportError} from '../model/transport.ts';
import {reach} from '../observe/connect.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {boundsOf, type SavedPlan} from '../plan/saved-plan.ts';
import type {Transport} from '../shell/session.ts';
import type {Asker} from './ask-hosts.ts';
import type {Cancellation} from './cancellation.ts';
import {hostsToContact} from './contacts.ts';
import {releaseLocks, takeLocks} from './host-locks.ts';
import {forgetJobs} from './jobs.ts';
import {observeAndPlan, type Planned} from './observe-and-plan.ts';
import {earlyQuestions} from './questions.ts';
import {RunState} from './run-state.ts';

export interface RunOptions {
  readonly graph: TaskGraph;
  readonly transport: Transport;
  readonly listen: Listener;
  readonly mode: 'plan' | 'apply';
  /** At most so many hosts work at a time. */
  readonly forks: number;
  /** Whether files' contents are asked, for diffs. */
  readonly texts: boolean;
  /** Asks all facts again behind each change, and fails what altered more than it said. */
  readonly auditTouches: boolean;
  /** Asked before the first change. Without it there is no question. */
  readonly approve?: (plan: Plan) => Promise<boolean>;
  /** A plan that the run may not go beyond. */
  readonly bounds?: SavedPlan;
  readonly cancel: Cancellation;
  /** Where files that are sent come from. Default: from where the steps say. */
  readonly supply?: Supply;
}

export interface RunResult {
  readonly plan: Plan;
  readonly summary: Summary;
  /** See docs/exit-codes.md. */
  readonly exitCode: number;
  readonly outcomes: ReadonlyMap<TaskId, Outcome>;
  /** Why nothing was begun: what does not fit a saved plan. */
  readonly misfits: readonly string[];
}

/** A run from the first connection to the last word. */
export async function run(options: RunOptions): Promise<RunResult> {
  return new Run(options).execute();
}

const EXIT = {done: 0, failed: 1, mistake: 2, unreachable: 4, locked: 5, interrupted: 130} as const;

class Run {
  readonly #options: RunOptions;
  readonly #startedAt = Date.now();
  readonly #id = randomBytes(6).toString('hex');
  readonly #world = new Map<HostName, KnownHost>();
  readonly #unreachable: UnreachableHost[] = [];
  /** They end under ids of their own, so no task counts them. */
  #failedBrackets = 0;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async execute(): Promise<RunResult> {
    const {graph, cancel} = this.#options;
    this.#emit({type: 'run-started', run: this.#id, tasks: graph.tasks.length, hosts: graph.hosts.length});
    try {
      const read = new Set<TaskId>();
      for (const {when, resource} of graph.tasks)
        for (const id of [...when.reads, ...resource.reads]) read.add(id);
      // Nothing has begun yet: whoever interrupts need not wait for hosts that do not answer.
      const cut = new Promise<undefined>((resolve) => cancel.onChange(() => resolve(undefined)));
      const planned = await Promise.race([this.#look(read), cut]);
      const plan: Plan = {tasks: [], brackets: [], ...planned?.plan, unreachable: this.#unreachable};
      if (!planned) return this.#finish(plan, new Map(), EXIT.interrupted);
      this.#emit({type: 'plan-ready', plan});
      return await this.#follow({...planned, plan}, read);
    } finally {
      await Promise.all([...this.#world.values()].map(({session}) => session.close()));
    }
  }

  async #look(read: ReadonlySet<TaskId>): Promise<Planned> {
    await this.#connect(read);
    return observeAndPlan(this.#options.graph, this.#world, read, {...this.#options, asker: this.#observe});
  }

  #emit(event: EventBody): void {
    this.#options.listen({at: Date.now(), ...event});
  }

  /** All hosts at once; those that cannot be reached are told, and go on missing. */
  async #connect(read: ReadonlySet<TaskId>): Promise<void> {
    const {graph, transport, forks} = this.#options;
    const questions = earlyQuestions(graph, read);
    const limit = pLimit(forks);
    const reached = await Promise.all(
      hostsToContact(graph, read).map((host) =>
        limit(async () => {
          const startedAt = Date.now();
          try {
            const known = await reach(host, transport, questions.get(host.name) ?? new Map());
            const durationMs = Date.now() - startedAt;
            this.#emit({type: 'host-connected', host: host.name, profile: known.profile, durationMs});
            return known;
          } catch (error) {
            if (!isTransportError(error)) throw error;
            return this.#lacks(host.name, error);
          }
        }),
      ),
    );
    for (const known of reached) if (known) this.#world.set(known.host.name, known);
  }

  /** A host that is lost while it is looked at is one that was not reached. */
  readonly #observe: Asker = async (name, queries, user) => {
    const host = this.#world.get(name);
    try {
      await host?.learn(queries, user);
    } catch (error) {
      if (!isTransportError(error)) throw error;
      if (this.#world.delete(name)) this.#lacks(name, error);
      await host?.session.close();
    }
  };

  #lacks(host: HostName, {message: because, code, hint}: TransportError): undefined {
    this.#emit({type: 'host-unreachable', host, code, because, ...(hint === undefined ? {} : {hint})});
    this.#unreachable.push({host, because});
  }

  async #follow(planned: Planned, read: ReadonlySet<TaskId>): Promise<RunResult> {
    const {mode, bounds, approve} = this.#options;
    const {plan} = planned;
    if (mode === 'plan') return this.#finish(plan, new Map(), this.#planExitCode(plan));
    const refused = plan.tasks.filter(({status}) => status === 'findings' || status === 'invalid');
    if (refused.length > 0) return this.#finish(plan, refusal(plan, refused), EXIT.failed);
    const misfits = bounds ? boundsOf(bounds).misfits(plan) : [];
    if (misfits.length > 0) return this.#finish(plan, new Map(), EXIT.mistake, misfits);
    if (!isPending(plan, planned.leftOpen) && !this.#hasLeftJobs())
      return this.#finish(plan, settledBy(plan));
    if (approve && !(await approve(plan))) return this.#finish(plan, new Map(), EXIT.interrupted);
    return this.#apply(planned, read);
  }

  async #apply(planned: Planned, read: ReadonlySet<TaskId>): Promise<RunResult> {
    const emit = (event: EventBody): void => this.#emit(event);
    const state = new RunState(this.#options, {planned, world: this.#world, read, emit});
    const busy = await takeLocks(state.hostsThatChange(), (host, because) => state.reconnect(host, because));
    for (const each of busy) this.#emit({type: 'lock-busy', ...each});
    if (busy.length > 0) return this.#finish(planned.plan, new Map(), EXIT.locked);
    this.#emit({type: 'locked', hosts: state.hostsThatChange().map(({host}) => host.name)});
    try {
      await Promise.all(state.hostsThatChange().map(forgetLeftJobs));
      await state.work();
    } finally {
      await releaseLocks(state.hostsThatChange());
    }
    this.#failedBrackets = state.bracketFailures;
    return this.#finish(planned.plan, state.schedule.outcomes, this.#exitCodeOf(state));
  }

  #hasLeftJobs(): boolean {
    return [...this.#world.values()].some(({leftJobs}) => leftJobs.length > 0);
  }

  #exitCodeOf(state: RunState): number {
    if (this.#options.cancel.state !== 'running') return EXIT.interrupted;
    const failed = [...state.schedule.outcomes.values()].some(({status}) => status === 'failed');
    return failed || state.bracketFailures > 0 ? EXIT.failed : EXIT.done;
  }

  #planExitCode(plan: Plan): number {
    const wrong = ['findings', 'invalid', 'unobservable'];
    return plan.tasks.some(({status}) => wrong.includes(status)) ? EXIT.failed : EXIT.done;
  }

  #finish(
    plan: Plan,
    outcomes: ReadonlyMap<TaskId, Outcome>,
    code: number = EXIT.done,
    misfits: readonly string[] = [],
  ): RunResult {
    const exitCode = code === EXIT.done && this.#unreachable.length > 0 ? EXIT.unreachable : code;
    const counts = summaryOf(outcomes, this.#unreachable.length);
    const summary = {...counts, failed: counts.failed + this.#failedBrackets};
    this.#emit({type: 'run-finished', summary, exitCode, durationMs: Date.now() - this.#startedAt});
    return {plan, summary, exitCode, outcomes, misfits};
  }
}

/** Of a dead run. A host that is lost just now is met again by its lane. */
async function forgetLeftJobs(host: KnownHost): Promise<void> {
  try {
    await forgetJobs(host.session, host.mainUser, host.leftJobs);
    host.leftJobs = [];
  } catch (error) {
    if (!isTransportError(error)) throw error;
  }
}

function isPending({tasks}: Plan, leftOpen: readonly BracketNode[]): boolean {
  const idle = ['unchanged', 'skipped'];
  return leftOpen.length > 0 || tasks.some(({status}) => !idle.includes(status));
}

/** The outcomes of a run that had nothing to do. */
function settledBy({tasks}: Plan): ReadonlyMap<TaskId, Outcome> {
  return new Map(tasks.map((task): [TaskId, Outcome] => [task.id, settledTask(task)]));
}

function settledTask(task: PlannedTask): Outcome {
  if (task.status === 'skipped') return {status: 'skipped', because: task.because};
  return {status: 'ok', ...(task.status === 'unchanged' && task.findings ? {findings: task.findings} : {})};
}

/** Nothing is begun where something is known to be wrong: what was found is the cause of all the rest. */
function refusal({tasks}: Plan, refused: readonly PlannedTask[]): ReadonlyMap<TaskId, Outcome> {
  const cause = refused[0]?.id;
  return new Map(
    tasks.map((task): [TaskId, Outcome] => {
      if (task.status === 'findings') {
        return [task.id, {status: 'failed', failure: {reason: 'check-failed', findings: task.findings}}];
      }
      if (task.status === 'invalid') {
        const {because, place: at} = task;
        return [task.id, {status: 'failed', failure: {reason: 'invalid-value', because, at}}];
      }
      if (task.status === 'unchanged' || task.status === 'skipped') return [task.id, settledTask(task)];
      return [task.id, {status: 'skipped', because: 'dependency-failed', ...(cause ? {cause} : {})}];
    }),
  );
}

function summaryOf(outcomes: ReadonlyMap<TaskId, Outcome>, unreachable: number): Summary {
  const counts = {ok: 0, changed: 0, skipped: 0, failed: 0};
  for (const {status} of outcomes.values()) counts[status] += 1;
  return {...counts, unreachable};
}
