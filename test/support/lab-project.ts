import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {text} from 'node:stream/consumers';
import type {Lab} from '../../src/lab/lab.ts';
import type {Ran} from '../../src/lab/run.ts';
import {TempProject} from './project.ts';

/** The program as it is shipped: `npm run build` makes it. */
export const MAIN =
  process.env['PROVISION_MAIN'] ?? new URL('../../dist/bin/provision.js', import.meta.url).pathname;

/** No run of a test needs as long, and a run that hangs should not cost the whole suite's time. */
const DEADLINE_MS = 90_000;

/** An event as `--report` writes it: what a test reads of it. */
export interface Told {
  readonly type: string;
  readonly host?: string;
  readonly task?: string;
  readonly name?: string;
  readonly holder?: string;
  readonly because?: string;
  readonly hint?: string;
  readonly rebooted?: boolean;
  readonly outcome?: {readonly status: string; readonly failure?: {readonly reason: string}};
  readonly summary?: Readonly<Record<string, number>>;
  readonly plan?: {readonly tasks: readonly ToldTask[]};
}

/** A task of a plan as events and files tell it. */
export interface ToldTask {
  readonly id: string;
  readonly host: string;
  readonly status: string;
  readonly change?: {readonly action: string; readonly impact: string};
}

/** A run that ended: with `--output ndjson` its events, else no event. */
export interface EndedRun extends Ran {
  readonly events: readonly Told[];
}

/** A run of the real program against a lab, which a test can watch, and end. */
export class LabRun {
  readonly ended: Promise<EndedRun>;
  readonly #child: ChildProcess;
  readonly #events: Told[] = [];
  readonly #watchers = new Set<() => void>();
  #lines = '';
  #isOver = false;
  #isLate = false;
  readonly #deadline: NodeJS.Timeout;

  constructor(argv: readonly [string, ...string[]], cwd: string, deadlineMs: number) {
    // A run that does not end says where it hangs, by its events.
    this.#deadline = setTimeout(() => {
      this.#isLate = true;
      this.signal('SIGKILL');
    }, deadlineMs);
    const [program, ...args] = argv;
    const child = spawn(program, args, {cwd, stdio: ['ignore', 'pipe', 'pipe']});
    this.#child = child;
    createInterface({input: child.stdout}).on('line', (line) => this.#learn(line));
    const stderr = text(child.stderr);
    this.ended = once(child, 'close').then(async ([code]) => {
      clearTimeout(this.#deadline);
      if (this.#isLate) throw new Error(`The run did not end:\n${this.#lines.slice(-4000)}`);
      this.#isOver = true;
      this.#wake();
      return {
        code: typeof code === 'number' ? code : 137,
        stdout: this.#lines,
        stderr: await stderr,
        events: this.#events,
      };
    });
  }

  get hasEnded(): boolean {
    return this.#isOver;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The first event of this kind, also where it is past already; an error where the run ends without it. */
  async until(matches: (event: Told) => boolean): Promise<Told> {
    for (;;) {
      const found = this.#events.find(matches);
      if (found) return found;
      if (this.#isOver) throw new Error(`The run ended without the event:\n${this.#lines}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #learn(line: string): void {
    this.#lines += `${line}\n`;
    if (line.startsWith('{"at":')) this.#events.push(toldBy(line));
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}

function toldBy(line: string): Told {
  const event: Told = JSON.parse(line);
  return event;
}

/** A small project and the lab that it is for: `await using project = await LabProject.of(lab, …)`. */
export class LabProject implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #files: TempProject;
  readonly #runs: LabRun[] = [];

  private constructor(lab: Lab, files: TempProject) {
    this.#lab = lab;
    this.#files = files;
  }

  /** One role with these tasks, on all hosts of the lab unless told otherwise; other files beside it. */
  static async of(
    lab: Lab,
    tasks: string,
    files: Readonly<Record<string, string>> = {},
  ): Promise<LabProject> {
    const names = lab.hosts.map(({name}) => `${name}: {}`).join(', ');
    return new LabProject(
      lab,
      await TempProject.of({
        'inventory.yaml': `all: {hosts: {${names}}}\n`,
        'playbook.yaml': '- {play: app, hosts: all, roles: [app]}\n',
        'roles/app/role.yaml': 'summary: What a test needs.\n',
        'roles/app/tasks/main.yaml': tasks,
        ...files,
      }),
    );
  }

  write(files: Readonly<Record<string, string>>): Promise<void> {
    return this.#files.write(files);
  }

  path(name: string): string {
    return this.#files.path(name);
  }

  /** Converges, as events; further words go before the lab's own. */
  start(...words: readonly string[]): LabRun {
    return this.command([
      'inventory.yaml',
      '--playbook',
      'playbook.yaml',
      '--yes',
      '--output',
      'ndjson',
      ...words,
    ]);
  }

  run(...words: readonly string[]): Promise<EndedRun> {
    return this.start(...words).ended;
  }

  plan(...words: readonly string[]): Promise<EndedRun> {
    return this.command(['plan', 'inventory.yaml', '--playbook', 'playbook.yaml', ...words]).ended;
  }

  /** Any command of ours where the hosts can be reached, with the lab's inventory behind the words. */
  command(words: readonly string[], deadlineMs: number = DEADLINE_MS): LabRun {
    const {inventoryFile, knownHostsFile} = this.#lab;
    const inventory = words[0] === 'apply' ? [] : ['-i', inventoryFile];
    const keys = words.includes('--known-hosts') ? [] : ['--known-hosts', knownHostsFile];
    const argv = this.#lab.inside([process.execPath, MAIN, ...words, ...inventory, ...keys]);
    const run = new LabRun(argv, this.#files.folder, deadlineMs);
    this.#runs.push(run);
    return run;
  }

  /** A run that a failed test left behind ends with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.#runs) if (!run.hasEnded) run.signal('SIGKILL');
    await Promise.allSettled(this.#runs.map(({ended}) => ended));
    await this.#files[Symbol.asyncDispose]();
  }
}

/** What a run did, short enough to compare: exit code and counts; with all it printed where it told no end. */
export function verdictOf({code, stdout, stderr, events}: EndedRun): object {
  const summary = events.find(({type}) => type === 'run-finished')?.summary;
  if (!summary) return {code, stdout, stderr};
  const failures = events.filter(({outcome}) => outcome?.status === 'failed');
  return {
    code,
    changed: summary['changed'],
    failed: summary['failed'],
    ...(failures.length > 0 ? {failures} : {}),
  };
}

/** The verdict on a run that found nothing to do. */
export const NOTHING_TO_DO = {code: 0, changed: 0, failed: 0};
