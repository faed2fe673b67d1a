import {Listr} from 'listr2';
import {withResolvers} from '../base/with-resolvers.ts';

/** The steps of a run that a reader follows. */
export const PHASES = ['Connect', 'Plan', 'Apply', 'Verify'] as const;
export type PhaseName = (typeof PHASES)[number];

export interface PhaseState {
  readonly name: PhaseName;
  readonly status: 'waiting' | 'active' | 'done';
}

/**
 * The phases as a list of tasks, each ended by an event. How they are drawn is ours alone: the list's own
 * renderers draw once for each event, which a run of 200 hosts would spend its time on.
 */
export class Phases {
  readonly #ends = PHASES.map(() => withResolvers<void>());
  readonly #list = new Listr(
    PHASES.map((title, index) => ({title, task: () => this.#ends[index]?.promise})),
    {renderer: Silent, registerSignalListeners: false},
  );

  /** Resolves when the last phase has ended. */
  async run(): Promise<void> {
    await this.#list.run();
  }

  /** Ends all phases before this one. */
  enter(name: PhaseName): void {
    for (const end of this.#ends.slice(0, PHASES.indexOf(name))) end.resolve();
  }

  end(): void {
    for (const end of this.#ends) end.resolve();
  }

  /** As the list knows them, which is a turn of the event loop behind. */
  get states(): readonly PhaseState[] {
    return PHASES.map((name, index) => {
      const task = this.#list.tasks[index];
      if (task?.isCompleted() === true) return {name, status: 'done'};
      return {name, status: task?.isStarted() === true ? 'active' : 'waiting'};
    });
  }
}

/** Draws nothing: frames are drawn by a clock, not by events. */
class Silent {
  static rendererOptions = {};
  static rendererTaskOptions = {};
  static nonTTY = true;
  render(): void {}
  end(): void {}
}
