import type {Code} from '../diagnostics/codes.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Staged} from '../model/graph.ts';

/** What names mean at one place: the variables of a host, `hosts`, `groups`, `profile`, `tasks`, `item`, … */
export interface Scope {
  /**
   * What the longest known beginning of a path means: of `hosts.cp1.vars.ip` all four parts, of `node.labels.a`
   * where `node` is a variable the first. The rest of the path is walked in the value.
   */
  resolve(path: readonly string[], at: SourceRange): Resolution;
  /** The root names, for "did you mean". */
  names(): Iterable<string>;
}

export type Resolution =
  | {readonly found: true; readonly value: Staged<unknown>; readonly used: number}
  /** `detail` where there is more to say than that the name is not defined; `code` where that is not E301. */
  | {
      readonly found: false;
      readonly code?: Code;
      readonly detail?: string;
      readonly hint?: string | undefined;
    };
