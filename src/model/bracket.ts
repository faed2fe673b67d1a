import type {FactQuery, Facts} from './fact.ts';
import type {Outputs} from './resource.ts';
import type {Step} from './step.ts';

/** How it went inside: every task got to its end, or some failed or were never begun. */
export type Ending = 'complete' | 'broken';

/** A bracket type with its spec and its outputs inside: what is only true around a change. */
export interface Bracket {
  readonly kind: string;
  readonly key: string;
  /** Asked at its turn, before it opens and again before it closes. */
  readonly facts: readonly FactQuery[];
  open(facts: Facts): readonly Step[];
  /** Runs also when a change inside failed, or the opening did. Must succeed where there is nothing to close. */
  close(facts: Facts, ending: Ending): readonly Step[];
  /** Whether a dead run left it open: read from its facts, which are then asked with those of the tasks. */
  leftOpen(facts: Facts): boolean;
  /** What tasks inside may use in their steps; secret, made by the controller. */
  readonly outputs: Outputs;
  /** Of the hosts that it may be opened on, those that suit are taken first. Read from its facts. */
  suits(facts: Facts): boolean;
}
