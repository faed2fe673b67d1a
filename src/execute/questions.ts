import type {FactQuery} from '../model/fact.ts';
import type {BracketNode, Late, Staged, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import type {HostProfile} from '../model/profile.ts';
import type {Inquiry} from '../observe/connect.ts';

/** Thrown by what is not known before a host was reached. */
class NotYet extends Error {}

const notYet = (): never => {
  throw new NotYet();
};

/** Whoever reads it finds out that it is too early. */
const NO_PROFILE = new Proxy({}, {get: notYet, has: notYet, ownKeys: notYet}) as HostProfile; // Never read.

const TOO_EARLY: Late = {profile: NO_PROFILE, outputsOf: notYet, bracketOutputsOf: notYet};

/** All that can be asked in the round trip of the connection: what depends on neither profile nor outputs. */
export function earlyQuestions(
  graph: TaskGraph,
  read: ReadonlySet<string>,
): ReadonlyMap<HostName, Inquiry[]> {
  const questions = new Map<HostName, Inquiry[]>();
  for (const task of graph.tasks) {
    if (!task.selected && !read.has(task.id)) continue;
    add(questions, task, earlyFacts(task.when, task.resource));
  }
  for (const bracket of graph.brackets) add(questions, bracket, earlyFacts(undefined, bracket.bracket));
  return questions;
}

function earlyFacts(
  when: Staged<boolean> | undefined,
  wanted: Staged<{readonly facts: readonly FactQuery[]}>,
): readonly FactQuery[] {
  if (wanted.reads.length > 0) return [];
  try {
    const condition = when?.resolve(TOO_EARLY);
    if (condition && (!condition.ok || !condition.value)) return [];
    const resolved = wanted.resolve(TOO_EARLY);
    return resolved.ok ? resolved.value.facts : [];
  } catch (error) {
    if (error instanceof NotYet) return [];
    throw error;
  }
}

function add(
  questions: Map<HostName, Inquiry[]>,
  {host, delegates, user}: TaskNode | BracketNode,
  queries: readonly FactQuery[],
): void {
  for (const where of delegates.length > 0 ? delegates : [host]) {
    const list = questions.get(where) ?? [];
    questions.set(where, list);
    for (const query of queries) list.push({user, query});
  }
}
