import type {JsonObject} from '../base/json.ts';
import type {Text} from '../base/secret.ts';
import type {Unknown} from './answer.ts';
import type {Impact, Verdict} from './change.ts';
import type {FactQuery, Facts, Subject} from './fact.ts';
import type {HostName} from './names.ts';
import type {HostProfile} from './profile.ts';
import type {Fetch} from './supply.ts';

/** A JSON Schema as ajv reads it. Every property is described. */
export type JsonSchema = JsonObject;

/** What a task gives to others: read from state, never from what a change printed. */
export type Outputs = {readonly [name: string]: OutputValue};
export type OutputValue =
  | Text
  | number
  | boolean
  | readonly OutputValue[]
  | {readonly [key: string]: OutputValue};

/** Outputs that could not be read. No output is named so: a schema's properties are. */
export const areUnknown = (outputs: Outputs | Unknown): outputs is Unknown =>
  outputs['state'] === 'unknown' && typeof outputs['reason'] === 'string';

/** How long the proof of a change may take, and how long it must hold. */
export interface Settle {
  readonly steadyMs: number;
  readonly timeoutMs: number;
}

/** What a comparison may look at besides the answers of its own host. */
export interface DiffContext {
  readonly profile: HostProfile;
  /** Empty unless `scope` is play: then it has the same questions' answers from every host of the play. */
  readonly peers: ReadonlyMap<HostName, Facts>;
}

/** A resource type with its spec inside: all that the engine sees. Pure: the engine does all the talking. */
export interface Resource {
  readonly kind: string;
  /** Two tasks with one key on one host would fight. */
  readonly key: string;
  readonly facts: readonly FactQuery[];
  /** What it brings to a host that has nothing of it yet. */
  readonly fetches: readonly Fetch[];
  diff(facts: Facts, context: DiffContext): Verdict;
  readonly scope: 'host' | 'play';
  /** Upper bound of what a change may do to what runs there, while it is deferred. */
  readonly worst: Impact;
  /** Upper bound of what a change may touch, while it is deferred. */
  readonly mayTouch: readonly Subject[] | 'everything';
  /** `undefined` where the type has none. */
  outputs(facts: Facts): Outputs | Unknown | undefined;
  readonly settle: Settle | undefined;
  /** The texts behind a pending change, for people; its facts are asked only for a change that will be shown. */
  readonly preview: Preview | undefined;
  /** Of the hosts that a delegated task may run at, those that suit are taken first. */
  suits(facts: Facts): boolean;
  /** Where none of them suits, one that was not reached may be the one: then it is done nowhere. */
  readonly isUnique: boolean;
}

/** How a file will change, line by line. Shows no secret: `show` leaves those out. */
export interface Preview {
  readonly facts: readonly FactQuery[];
  show(facts: Facts): readonly TextChange[];
}

export interface TextChange {
  readonly path: string;
  /** `undefined` where there is none, or where it is not text. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}
