import type {Plan, PlannedTask} from '../model/plan.ts';
import {type FileSend, isScript} from '../model/step.ts';
import type {SuppliedFile, Supply} from '../model/supply.ts';
import type {Bundle} from './bundle.ts';
import type {DownloadCache} from './download.ts';

const HINT =
  'Let the controller reach it, name a mirror in files_repo, set download_mode to host, or bring a bundle.';

/** What the controller has in a bundle, or downloads once for all hosts that need it. */
export class ControllerSupply implements Supply {
  readonly #bundle: Bundle | undefined;
  readonly #cache: DownloadCache;

  constructor(bundle: Bundle | undefined, cache: DownloadCache) {
    this.#bundle = bundle;
    this.#cache = cache;
  }

  async find({sha256, from}: Wanted): Promise<SuppliedFile | undefined> {
    const bundled = this.#bundle?.place(sha256);
    if (bundled) return bundled;
    if ('file' in from) return {file: from.file};
    return from.by === 'controller' ? {file: await this.#cache.get(sha256, from.address)} : undefined;
  }

  async review(plan: Plan): Promise<Plan> {
    const wanted = new Map(plan.tasks.flatMap(sendsOf).map((send) => [send.sha256, send]));
    const lacks = new Map<string, string>();
    await Promise.all(
      [...wanted.values()].map(async (send) => {
        const lack = await this.#lack(send);
        if (lack !== undefined) lacks.set(send.sha256, lack);
      }),
    );
    return lacks.size === 0 ? plan : {...plan, tasks: plan.tasks.map((task) => without(task, lacks))};
  }

  /** Why it will not be had, where the controller is to download it. */
  async #lack({sha256, from}: Wanted): Promise<string | undefined> {
    if ('file' in from || from.by !== 'controller' || this.#bundle?.place(sha256)) return undefined;
    return this.#cache.lack(sha256, from.address);
  }
}

type Wanted = Pick<FileSend, 'sha256' | 'from'>;

const sendsOf = (task: PlannedTask): readonly FileSend[] =>
  task.status === 'pending'
    ? task.change.steps.flatMap((step) => (!isScript(step) && step.step === 'send' ? [step] : []))
    : [];

/** Where a file is lacking, nothing else of the change counts. */
function without(task: PlannedTask, lacks: ReadonlyMap<string, string>): PlannedTask {
  const [message] = sendsOf(task).flatMap(({sha256}) => lacks.get(sha256) ?? []);
  if (message === undefined) return task;
  const {id, name, kind, host, at} = task;
  const where = at === undefined ? {} : {at};
  return {
    id,
    name,
    kind,
    host,
    ...where,
    status: 'findings',
    findings: [{severity: 'error', message, hint: HINT}],
  };
}
