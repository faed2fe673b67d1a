import {didYouMean} from '../base/nearest.ts';
import {Secret} from '../base/secret.ts';
import type {Code} from '../diagnostics/codes.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Late, Stage, Staged} from '../model/graph.ts';
import type {TaskId} from '../model/names.ts';
import {namedTypes} from '../yaml/schema-paths.ts';
import {derivedType, type LateType, lateTypeOf} from './late-types.ts';
import type {Scope} from './scope.ts';
import {laterOf, resolveNow} from './staged.ts';
import {memberOf, schemaOf, TypeOnly, UNKNOWN} from './type-only.ts';
import {isMap} from './values.ts';

/** What has no value, where that is allowed: the first argument of `default`. */
export const MISSING: unique symbol = Symbol('missing');

export interface Mistake {
  readonly code: Code;
  readonly range: SourceRange;
  readonly detail: string;
  readonly hint?: string;
}

/**
 * How much a look at a name may say. `dry` is for what a condition leaves out: there an unknown variable is
 * still a mistake, but a property may be missing, because the condition may be asking just that.
 */
export type Mode = 'strict' | 'dry' | 'optional';

/** One pass over an expression: what it reads, when that can be known, and what is wrong with it. */
export class Evaluation {
  readonly scope: Scope;
  readonly late: Late | undefined;
  readonly mistakes: Mistake[] = [];
  /** Where it read a value with a mistake, which was reported. */
  brokenAt: SourceRange | undefined;
  readonly #stages = new Set<Stage>();
  readonly #types: LateType[] = [];
  readonly #reads = new Set<TaskId>();

  /** Without `late`, late values are `TypeOnly`. */
  constructor(scope: Scope, late?: Late) {
    this.scope = scope;
    this.late = late;
  }

  get stage(): Stage {
    return laterOf(this.#stages);
  }

  get reads(): readonly TaskId[] {
    return [...this.#reads];
  }

  /** What is known of a value that was made of what it read. */
  typeOf(value: unknown): LateType {
    return derivedType(this.#types, schemaOf(value));
  }

  /** The value of a path that begins with a name of the scope. */
  lookUp(path: readonly string[], at: SourceRange, mode: Mode): unknown {
    const found = this.scope.resolve(path, at);
    if (found.found) {
      const value = this.valueOf(found.value, mode);
      if (found.value.stage === 'static' && value instanceof TypeOnly) this.brokenAt ??= at;
      return this.walk(value, path, found.used, {at, mode});
    }
    if (mode === 'optional') return MISSING;
    const root = path[0] ?? '';
    const names = [...this.scope.names()];
    const hint = found.hint ?? (names.includes(root) ? undefined : didYouMean(root, names));
    return this.fail(found.code ?? 'E301', at, found.detail ?? `"${root}" is not defined here.`, hint);
  }

  /** A value of the scope, as far as it can be known in this pass. */
  valueOf(value: Staged<unknown>, mode: Mode): unknown {
    if (value.stage !== 'static' && mode === 'dry') return UNKNOWN;
    if (value.stage !== 'static' && !this.late) {
      this.pending(value);
      const {schema} = lateTypeOf(value);
      return new TypeOnly(schema);
    }
    const resolved = this.late ? value.resolve(this.late) : resolveNow(value);
    return resolved.ok ? resolved.value : this.fail('E302', resolved.at, resolved.problem);
  }

  /** Whether it is there, `MISSING` where not. Of an unknown name nobody can ask that. */
  isThere(path: readonly string[], at: SourceRange, mode: Mode): unknown {
    const known = this.scope.resolve(path, at).found || [...this.scope.names()].includes(path[0] ?? '');
    if (!known) return this.lookUp(path.slice(0, 1), at, mode);
    return this.lookUp(path, at, mode === 'dry' ? 'dry' : 'optional');
  }

  /**
   * A key in brackets that cannot be known yet. In a value it is waited for; where it names a host or a task it
   * would have to be known now.
   */
  unknownPart(before: readonly string[], at: SourceRange, mode: Mode): undefined {
    if (this.mistakes.length > 0 || mode === 'dry' || mode === 'optional') return undefined;
    if (this.scope.resolve(before, at).found) this.lookUp(before, at, mode);
    else this.fail('E302', at, 'What stands between these brackets must be known before any host is asked.');
    return undefined;
  }

  pending(value: Staged<unknown>): void {
    this.#stages.add(value.stage);
    this.#types.push(lateTypeOf(value));
    for (const task of value.reads) this.#reads.add(task);
  }

  /** What lies in a value, from the `start`-th part of the path on. */
  walk(value: unknown, path: readonly string[], start: number, look: Look): unknown {
    let at = value;
    for (let index = start; index < path.length; index++) {
      const part = path[index] ?? '';
      if (at instanceof TypeOnly) {
        at = memberOf(at, part) ?? this.#missing(at, path, index, look);
        continue;
      }
      if (!hasOwn(at, part)) return this.#missing(at, path, index, look);
      at = Reflect.get(Object(at), part);
    }
    return at === undefined ? null : at;
  }

  #missing(value: unknown, path: readonly string[], index: number, {at, mode}: Look): unknown {
    if (mode === 'optional') return MISSING;
    if (mode === 'dry') return UNKNOWN;
    if (value instanceof TypeOnly) return this.#never(value, path, index, at);
    const part = path[index] ?? '';
    const owner = path.slice(0, index).join('.') || 'this';
    if (isMap(value)) {
      const hint = didYouMean(part, Object.keys(value));
      return this.fail('E301', at, `"${owner}" has no "${part}".`, hint);
    }
    if (Array.isArray(value))
      return this.fail('E301', at, `"${owner}" is a list of ${value.length}; it has no "${part}".`);
    return this.fail('E301', at, `"${owner}" is ${kindOf(value)}, so it has no "${part}".`);
  }

  /** By its type it has no such thing. */
  #never({schema}: TypeOnly, path: readonly string[], index: number, at: SourceRange): unknown {
    const [owner, part] = [path.slice(0, index).join('.'), path[index] ?? ''];
    const {properties} = schema;
    const hint = isMap(properties) ? didYouMean(part, Object.keys(properties)) : undefined;
    return this.fail(
      'E301',
      at,
      `"${owner || 'this'}" will be ${namedTypes(schema)}, which has no "${part}".`,
      hint,
    );
  }

  /** Notes a mistake, and goes on without a value. */
  fail(code: Code, range: SourceRange, detail: string, hint?: string): typeof UNKNOWN {
    this.mistakes.push({code, range, detail, ...(hint === undefined ? {} : {hint})});
    return UNKNOWN;
  }
}

export interface Look {
  readonly at: SourceRange;
  readonly mode: Mode;
}

/** Only what a file or a host told: never what JavaScript objects have of their own. */
export function hasOwn(value: unknown, key: string): boolean {
  if (Array.isArray(value)) return /^\d+$/.test(key) && Number(key) < value.length;
  return isMap(value) && Object.hasOwn(value, key);
}

function kindOf(value: unknown): string {
  if (value instanceof Secret) return 'a secret text';
  return value === null ? 'null' : `a ${typeof value}`;
}
