import type {Unknown} from '../model/answer.ts';
import type {Change, Impact, Verdict} from '../model/change.ts';
import type {Fact, FactQuery, Facts, Subject} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import type {
  DiffContext,
  JsonSchema,
  Outputs,
  Preview,
  Resource,
  Settle,
  TextChange,
} from '../model/resource.ts';
import type {Fetch} from '../model/supply.ts';

/** A kind of thing that can be wanted on a host. Pure all the way: the engine does all the talking. */
export interface ResourceType<Spec> {
  readonly kind: string;
  /** One sentence, for the manual. */
  readonly summary: string;
  /**
   * Every property is described. Feeds validation, editors and the manual. Optional properties have their
   * defaults here. A property marked `"x-secret": true` may hold a `Secret`.
   */
  readonly schema: JsonSchema;
  /** Two tasks with one key on one host would fight: the compiler rejects them. Begins with its subject's word. */
  key(spec: Spec): string;
  /** What the schema cannot say: `undefined`, or a sentence about what is wrong. */
  validate?(spec: Spec): string | undefined;
  /** All that `diff` and `outputs` may read. */
  facts(spec: Spec, profile: HostProfile): readonly FactQuery[];
  /** What comes from outside the role: bundles are made of it. Default: nothing. */
  fetches?(spec: Spec): readonly Fetch[];
  /** Hands on the unknown that it would have to read. */
  diff(spec: Spec, facts: Facts, context: DiffContext): Verdict;
  /** The worst that any change of this spec may do. Default: none. Plans tell it of what they cannot decide yet. */
  worst?(spec: Spec): Impact;
  /** Upper bound of `touches` for any change of this spec. Default: everything. */
  mayTouch?(spec: Spec): readonly Subject[] | 'everything';
  /** Read from state. The schema's properties are the names that others may use. */
  readonly outputs?: {
    readonly schema: JsonSchema;
    read(spec: Spec, facts: Facts): Outputs | Unknown;
  };
  settle?(spec: Spec): Settle | undefined;
  preview?(spec: Spec): {readonly facts: readonly FactQuery[]; show(facts: Facts): readonly TextChange[]};
  /** `play`: `diff` sees the same questions' answers from every host of the play. Default: host. */
  scope?(spec: Spec): 'host' | 'play';
  /** For delegated tasks: whether a host is the better place to run at. Default: every host is. */
  suits?(spec: Spec, facts: Facts): boolean;
  /** Of delegated tasks: done at one host for ever, so never at another because that one was not reached. */
  readonly isUnique?: true;
  readonly examples: readonly ResourceExample<Spec>[];
}

/** Facts in, change and commands out: a test and a piece of the manual in one. */
export interface ResourceExample<Spec> {
  readonly title: string;
  /** As a user may write it: defaults are filled in by the schema. */
  readonly spec: Partial<Spec>;
  /** What is left out is absent. */
  readonly facts: readonly Fact[];
  readonly profile?: Partial<HostProfile>;
  readonly action: Change['action'];
  /** The display form of every step. */
  readonly commands: readonly string[];
}

/** A resource type as the compiler and the tests see it: no spec type, no cast outside. */
export interface ResourceDefinition {
  readonly kind: string;
  readonly summary: string;
  readonly schema: JsonSchema;
  readonly outputs: JsonSchema | undefined;
  readonly examples: readonly ResourceExample<object>[];
  /** `spec` was accepted by `schema`, defaults filled in. Returns what is wrong with it as a string. */
  bind(spec: unknown, profile: HostProfile): Resource | string;
  /** The key alone, where the spec is static or known with the profile. */
  keyOf(spec: unknown): string;
  worstOf(spec: unknown): Impact;
}

export function defineResource<Spec extends object>(type: ResourceType<Spec>): ResourceDefinition {
  return {
    kind: type.kind,
    summary: type.summary,
    schema: type.schema,
    outputs: type.outputs?.schema,
    examples: type.examples,
    bind: (spec, profile) => bind(type, spec as Spec, profile), // The schema accepted it.
    keyOf: (spec) => type.key(spec as Spec),
    worstOf: (spec) => type.worst?.(spec as Spec) ?? 'none',
  };
}

function bind<Spec extends object>(
  type: ResourceType<Spec>,
  spec: Spec,
  profile: HostProfile,
): Resource | string {
  const problem = type.validate?.(spec);
  if (problem !== undefined) return problem;
  return {
    kind: type.kind,
    key: type.key(spec),
    facts: type.facts(spec, profile),
    fetches: type.fetches?.(spec) ?? [],
    diff: (facts, context) => type.diff(spec, facts, context),
    scope: type.scope?.(spec) ?? 'host',
    worst: type.worst?.(spec) ?? 'none',
    mayTouch: type.mayTouch?.(spec) ?? 'everything',
    outputs: (facts) => type.outputs?.read(spec, facts),
    settle: type.settle?.(spec),
    preview: type.preview?.(spec) satisfies Preview | undefined,
    suits: (facts) => type.suits?.(spec, facts) ?? true,
    isUnique: type.isUnique ?? false,
  };
}
