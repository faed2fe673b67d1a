import type {Bracket, Ending} from '../model/bracket.ts';
import type {Fact, FactQuery, Facts} from '../model/fact.ts';
import type {JsonSchema, Outputs} from '../model/resource.ts';
import type {Step} from '../model/step.ts';

/** Something that is only true around a change: a drained node, a join token, a maintenance window. */
export interface BracketType<Spec> {
  readonly kind: string;
  readonly summary: string;
  readonly schema: JsonSchema;
  key(spec: Spec): string;
  /** All that `open` and `close` may read. */
  facts?(spec: Spec): readonly FactQuery[];
  open(spec: Spec, facts: Facts, outputs: Outputs): readonly Step[];
  /** Runs also where a change inside failed. Must succeed where there is nothing to close. */
  close(spec: Spec, facts: Facts, outputs: Outputs, ending: Ending): readonly Step[];
  /** Whether a dead run left it open, by the mark that `open` leaves. Default: it leaves none. */
  leftOpen?(spec: Spec, facts: Facts): boolean;
  /** Whether a host is the better place to open it at. Default: every host is. */
  suits?(spec: Spec, facts: Facts): boolean;
  /** Made by the controller, so that no output of a command is scraped. Secret, usable only in steps inside. */
  readonly outputs?: {
    readonly schema: JsonSchema;
    make(spec: Spec, random: (bytes: number) => Uint8Array): Outputs;
  };
  readonly examples: readonly BracketExample<Spec>[];
}

export interface BracketExample<Spec> {
  readonly title: string;
  readonly spec: Partial<Spec>;
  /** All others are absent. */
  readonly facts?: readonly Fact[];
  /** `complete` unless it says otherwise. */
  readonly ending?: Ending;
  readonly open: readonly string[];
  readonly close: readonly string[];
}

export interface BracketDefinition {
  readonly kind: string;
  readonly summary: string;
  readonly schema: JsonSchema;
  readonly outputs: JsonSchema | undefined;
  readonly examples: readonly BracketExample<object>[];
  /** `spec` was accepted by `schema`, defaults filled in. */
  bind(spec: unknown, random: (bytes: number) => Uint8Array): Bracket;
}

export function defineBracket<Spec extends object>(type: BracketType<Spec>): BracketDefinition {
  return {
    kind: type.kind,
    summary: type.summary,
    schema: type.schema,
    outputs: type.outputs?.schema,
    examples: type.examples,
    bind: (spec, random) => bind(type, spec as Spec, random), // The schema accepted it.
  };
}

function bind<Spec extends object>(
  type: BracketType<Spec>,
  spec: Spec,
  random: (bytes: number) => Uint8Array,
): Bracket {
  const outputs = type.outputs?.make(spec, random) ?? {};
  return {
    kind: type.kind,
    key: type.key(spec),
    facts: type.facts?.(spec) ?? [],
    open: (facts) => type.open(spec, facts, outputs),
    close: (facts, ending) => type.close(spec, facts, outputs, ending),
    leftOpen: (facts) => type.leftOpen?.(spec, facts) ?? false,
    suits: (facts) => type.suits?.(spec, facts) ?? true,
    outputs,
  };
}
