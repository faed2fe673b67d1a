import type {Code} from './codes.ts';
import type {SourceRange} from './source.ts';

/** A user's mistake, as a value. The code is the contract, the prose is free. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** Where; a mistake on the command line has no range. */
  readonly range?: SourceRange;
  /** Full sentences: what is wrong, why it matters where that is not obvious. */
  readonly detail: string;
  /** What to do next. */
  readonly hint?: string;
  /** Other places that belong to it: "first declared here", the steps of a cycle. */
  readonly notes?: readonly DiagnosticNote[];
}

export interface DiagnosticNote {
  readonly range: SourceRange;
  readonly message: string;
}

/** Collects all mistakes of a stage, so that they can be shown at once. */
export class Problems {
  readonly #all: Diagnostic[] = [];

  report(code: Code, problem: Omit<Diagnostic, 'code' | 'severity'>): void {
    this.#all.push({code, severity: 'error', ...problem});
  }

  warn(code: Code, problem: Omit<Diagnostic, 'code' | 'severity'>): void {
    this.#all.push({code, severity: 'warning', ...problem});
  }

  get all(): readonly Diagnostic[] {
    return this.#all;
  }

  get hasErrors(): boolean {
    return this.#all.some(({severity}) => severity === 'error');
  }
}
