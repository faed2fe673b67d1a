import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';

/** Where `!env NAME` looks. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a file is turned into values with. */
export interface Conversion {
  readonly source: Source;
  readonly problems: Problems;
  readonly environment: Environment;
}
