import type {Script} from '../base/script.ts';
import {type Answer, known} from './answer.ts';

/**
 * The part of a host that a fact is about and that a change alters: `path:/etc/fstab`, `unit:kubelet.service`,
 * `package:runc`, `sysctl:vm.swappiness`, `account:user/kube`. It covers nothing but itself; `tree:/x` covers
 * the path /x and all below it. What begins with `cluster:` is shared by all hosts.
 */
export type Subject = `${string}:${string}`;

/** Something that a host can be asked about, many keys at a time, in one program. */
export interface FactKind<Value> {
  readonly name: string;
  /** What a key of this kind is, and what its value holds: for the manual. */
  readonly summary: string;
  /**
   * Set where an answer also depends on what is not its subject, so that the audit of touches leaves it out:
   * the files that a unit was started with, beside the unit.
   */
  readonly derived?: true;
  /** Prints what `parse` reads. POSIX sh. Must not change the host. It decides itself which tool the host has. */
  program(keys: readonly string[]): Script;
  /** One answer for each key, in their order. */
  parse(output: Uint8Array, keys: readonly string[]): readonly Answer<Value>[];
}

/** One question: a kind of fact, a key, and what the answer is about. */
export interface FactQuery<Value = unknown> {
  readonly kind: FactKind<Value>;
  readonly key: string;
  readonly subject: Subject;
}

/** A question with its answer: observed, predicted, or given by an example. */
export interface Fact<Value = unknown> {
  readonly query: FactQuery<Value>;
  readonly answer: Answer<Value>;
}

/** A fact that is there, as examples and predictions write it. */
export const fact = <Value>(query: FactQuery<Value>, value: Value): Fact<Value> => ({
  query,
  answer: known(value),
});

/** Queries with one id have one answer. */
export const idOf = ({kind, key}: FactQuery): string => `${kind.name} ${key}`;

/** What an answer is about that may depend on whatever a host has: the exit code of somebody's command. */
export const ANYTHING: Subject = 'anything:*';

/** Every subject that the hosts share. */
export const ALL_OF_CLUSTER: Subject = 'cluster:*';

/** Whether an alteration of `touched` may alter what a question about `asked` is answered. */
export function covers(touched: Subject, asked: Subject): boolean {
  if (touched === asked || asked === ANYTHING) return true;
  if (touched === ALL_OF_CLUSTER) return asked.startsWith('cluster:');
  if (touched.startsWith('tree:') && isBelow(pathOf(asked), touched.slice(5))) return true;
  return asked.startsWith('tree:') && isBelow(pathOf(touched), asked.slice(5));
}

const pathOf = (subject: Subject): string | undefined => /^(?:path|tree):(.*)$/s.exec(subject)?.[1];

const isBelow = (path: string | undefined, root: string): boolean =>
  path !== undefined && (path === root || root === '/' || path.startsWith(`${root}/`));

/** What a diff reads. */
export interface Facts {
  get<Value>(query: FactQuery<Value>): Answer<Value>;
}
