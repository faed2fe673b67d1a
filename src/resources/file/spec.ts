import type {Verdict} from '../../model/change.ts';
import type {FactQuery, Facts, Subject} from '../../model/fact.ts';
import type {Attributes} from '../attributes.ts';

/** What a user may say about a path. */
export interface FileSpec extends Attributes {
  readonly path: string;
  readonly state: 'file' | 'directory' | 'link' | 'hard' | 'absent';
  readonly src?: string;
  readonly recurse: boolean;
  readonly exclusive: boolean;
  readonly keep: readonly string[];
  readonly force: boolean;
  readonly only_empty: boolean;
  readonly up_to?: string;
  readonly unmount: boolean;
}

/** One of the states: what it asks, what it decides, and how far its changes reach. */
export interface FileState {
  facts(spec: FileSpec): readonly FactQuery[];
  diff(spec: FileSpec, facts: Facts): Verdict;
  mayTouch(spec: FileSpec): readonly Subject[];
}

/** What a user reads where something else is in the way. */
export const inTheWay = (what: string, path: string): string =>
  `there is a ${what} at ${path}; \`force: true\` replaces it`;
