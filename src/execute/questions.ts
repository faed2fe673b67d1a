import {onceForAlike} from '../base/once-for-alike.ts';
import type {FactQuery} from '../model/fact.ts';
import type {BracketNode, Late, Staged, TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import {ifKnown, notYet, UNSEEN} from '../model/unseen-profile.ts';
import type {Inquiries} from '../observe/connect.ts';

const TOO_EARLY: Late = {profile: UNSEEN, outputsOf: notYet, bracketOutputsOf: notYet};

/** By user, a list for each task. */
type Asked = Map<string | undefined, (readonly FactQuery[])[]>;

/** All that can be asked in the round trip of the connection: what depends on neither profile nor outputs. */
export function earlyQuestions(
  graph: TaskGraph,
  read: ReadonlySet<string>,
): ReadonlyMap<HostName, Inquiries> {
  const asked = new Map<HostName, Asked>();
  const add = (
    {host, user}: TaskNode | BracketNode,
    places: readonly HostName[],
    facts: readonly FactQuery[],
  ): void => {
    for (const where of places.length > 0 ? places : [host]) {
      const users: Asked = asked.get(where) ?? new Map();
      const lists = users.get(user) ?? [];
      asked.set(where, users.set(user, lists));
      lists.push(facts);
    }
  };
  for (const task of graph.tasks)
    if (task.selected || read.has(task.id))
      add(task, task.delegates.slice(0, 1), earlyFacts(task.when, task.resource));
  for (const bracket of graph.brackets)
    add(bracket, bracket.delegates, earlyFacts(undefined, bracket.bracket));
  const joined = onceForAlike((lists: readonly (readonly FactQuery[])[]) => lists.flat());
  const ofAll = (users: Asked): Inquiries =>
    new Map([...users].map(([user, lists]) => [user, joined(lists)]));
  return new Map([...asked].map(([host, users]) => [host, ofAll(users)]));
}

function earlyFacts(
  when: Staged<boolean> | undefined,
  wanted: Staged<{readonly facts: readonly FactQuery[]}>,
): readonly FactQuery[] {
  if (wanted.reads.length > 0) return [];
  const facts = ifKnown(() => {
    const condition = when?.resolve(TOO_EARLY);
    if (condition && (!condition.ok || !condition.value)) return [];
    const resolved = wanted.resolve(TOO_EARLY);
    return resolved.ok ? resolved.value.facts : [];
  });
  return facts ?? [];
}
