import type {NodePath} from './access.ts';

/** Something that a schema forbids, in words. */
export interface SchemaProblem {
  readonly kind: 'unknown-property' | 'missing-property' | 'wrong-value' | 'wrong-name' | 'misplaced-secret';
  /** Of the value; of an unknown or wrong name with that name; of a missing one the map that lacks it. */
  readonly path: NodePath;
  readonly message: string;
  readonly hint?: string;
  /** The property that is missing, or that an unknown one was meant to be. */
  readonly property?: string;
}

/** What the words are made from. */
export interface Checked {
  readonly root: unknown;
  /** Pointers of values that must not be quoted. */
  readonly secrets: ReadonlySet<string>;
}
