import {randomBytes} from 'node:crypto';
import pLimit from 'p-limit';
import type {EventBody, Listener, Summary} from '../model/event.ts';
import type {BracketNode, TaskGraph} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Outcome} from '../model/outcome.ts';
import {type Plan, stopsRun, type UnreachableHost} from '../model/plan.ts';
import type {Supply} from '../model/supply.ts';
import {isTransportError, type TransportError} from '../model/transport.ts';
import {reach} from '../observe/connect.ts';
import type {KnownHost} from '../observe/known-host.ts';
import {boundsOf, type SavedPlan} from '../plan/saved-plan.ts';
import type {Transport} from '../shell/session.ts';
import type {Asker} from './ask-hosts.ts';
import type {Cancellation} from './cancellation.ts';
import {hostsToContact} from './contacts.ts';
import {type Hindrance, releaseLocks, takeLocks} from './host-locks.ts';
import {forgetJobs} from './jobs.ts';
import {observeAndPlan, type Planned} from './observe-and-plan.ts';
import {outcomeOf} from './outcome-of.ts';
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
  readonly #outcomes = new Map<TaskId, Outcome>();
  /** They end under ids of their own, so no task counts them. */
  #failedBrackets = 0;

  /** Settles at the first Ctrl-C. */
  readonly #cut: Promise<undefined>;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#cut = new Promise((resolve) => options.cancel.onChange(() => resolve(undefined)));
  }

  async execute(): Promise<RunResult> {
    const {graph, cancel} = this.#options;
    cancel.onChange((state) => this.#emit({type: 'cancelled', force: state === 'killing'}));
    this.#emit({type: 'run-started', run: this.#id, tasks: graph.tasks.length, hosts: graph.hosts.length});
    try {
      const read = new Set(graph.tasks.flatMap(({when, resource}) => [...when.reads, ...resource.reads]));
      // Nothing has begun yet: whoever interrupts need not wait for hosts that do not answer.
      const planned = await Promise.race([this.#look(read), this.#cut]);
      const plan: Plan = {tasks: [], brackets: [], ...planned?.plan, unreachable: this.#unreachable};
      if (!planned) return this.#finish(plan, EXIT.interrupted);
      this.#emit({type: 'plan-ready', plan});
      return await this.#follow({...planned, plan}, read);
    } catch (error) {
      this.#finish({tasks: [], brackets: [], unreachable: []}, EXIT.failed); // Our own mistake: what was done is told.
      throw error;
    } finally {
      await Promise.all([...this.#world.values()].map(({session}) => session.close()));
    }
  }

  async #look(read: ReadonlySet<TaskId>): Promise<Planned> {
    await this.#connect(read);
    const {graph, supply} = this.#options;
    const planned = await observeAndPlan(graph, this.#world, read, {...this.#options, asker: this.#observe});
    return {...planned, plan: (await supply?.review?.(planned.plan)) ?? planned.plan};
  }

  /** The end counts what was told, so that no reader of the events comes to another sum. */
  readonly #emit = (event: EventBody): void => {
    if (event.type === 'task-finished') this.#outcomes.set(event.task, event.outcome);
    if (event.type === 'bracket-failed') this.#failedBrackets += 1;
    this.#options.listen({at: Date.now(), ...event});
  };

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
    const isWrong = plan.tasks.some((task) => outcomeOf(task)?.status === 'failed');
    if (mode === 'plan') return this.#finish(plan, isWrong ? EXIT.failed : EXIT.done);
    if (plan.tasks.some(stopsRun)) return this.#settleBy(plan, EXIT.failed);
    const misfits = bounds ? boundsOf(bounds).misfits(plan) : [];
    if (misfits.length > 0) return this.#finish(plan, EXIT.mistake, misfits);
    const hasLeftJobs = [...this.#world.values()].some(({leftJobs}) => leftJobs.length > 0);
    if (!isPending(plan, planned.leftOpen) && !hasLeftJobs) return this.#settleBy(plan, EXIT.done);
    const isWanted = !approve || (await Promise.race([approve(plan), this.#cut]));
    if (isWanted !== true) return this.#finish(plan, EXIT.interrupted);
    return this.#apply(planned, read);
  }

  /** Nothing is begun: all is as wanted, or what was found wrong is the cause of all the rest. */
  #settleBy(plan: Plan, code: number): RunResult {
    const cause = plan.tasks.find(stopsRun)?.id;
    const kept: Outcome = {status: 'skipped', because: 'dependency-failed', ...(cause ? {cause} : {})};
    for (const each of plan.tasks) {
      const {id: task, name, host} = each;
      this.#emit({type: 'task-finished', task, name, host, outcome: outcomeOf(each) ?? kept, durationMs: 0});
    }
    return this.#finish(plan, code);
  }

  async #apply(planned: Planned, read: ReadonlySet<TaskId>): Promise<RunResult> {
    const state = new RunState(this.#options, {planned, world: this.#world, read, emit: this.#emit});
    const busy = await takeLocks(state.hostsThatChange(), (host, because) => state.reconnect(host, because));
    if (busy.size > 0) return this.#finish(planned.plan, this.#tellBusy(busy));
    this.#emit({type: 'locked', hosts: state.hostsThatChange().map(({host}) => host.name)});
    try {
      await Promise.all(state.hostsThatChange().map(forgetLeftJobs));
      await state.work();
    } finally {
      await releaseLocks(state.hostsThatChange());
    }
    return this.#finish(planned.plan, this.#exitCode());
  }

  /** A host that no run could lock is one that cannot be worked on, whoever tries. */
  #tellBusy(busy: ReadonlyMap<HostName, Hindrance>): number {
    for (const [host, each] of busy) {
      if (each.state === 'lockless') this.#lacks(host, each.error);
      else this.#emit({type: 'lock-busy', host, ...each});
    }
    return [...busy.values()].some(({state}) => state !== 'lockless') ? EXIT.locked : EXIT.unreachable;
  }

  #exitCode(): number {
    if (this.#options.cancel.state !== 'running') return EXIT.interrupted;
    return this.#summary().failed > 0 ? EXIT.failed : EXIT.done;
  }

  #finish(plan: Plan, code: number, misfits: readonly string[] = []): RunResult {
    const exitCode = code === EXIT.done && this.#unreachable.length > 0 ? EXIT.unreachable : code;
    const summary = this.#summary();
    this.#emit({type: 'run-finished', summary, exitCode, durationMs: Date.now() - this.#startedAt});
    return {plan, summary, exitCode, outcomes: this.#outcomes, misfits};
  }

  #summary(): Summary {
    const counts = {ok: 0, changed: 0, skipped: 0, failed: this.#failedBrackets};
    for (const {status} of this.#outcomes.values()) counts[status] += 1;
    return {...counts, unreachable: this.#unreachable.length};
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
