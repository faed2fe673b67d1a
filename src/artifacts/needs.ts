import type {TaskGraph, TaskNode} from '../model/graph.ts';
import type {HostProfile} from '../model/profile.ts';
import type {Fetch} from '../model/supply.ts';

/** Something that hosts need from outside, and which tasks bring it. */
export interface Need<Kind extends Fetch['type'] = Fetch['type']> {
  readonly fetch: Extract<Fetch, {readonly type: Kind}>;
  /** As people read them, sorted. */
  readonly tasks: readonly string[];
}

export interface Needs {
  readonly files: readonly Need<'file'>[];
  readonly images: readonly Need<'image'>[];
}

/**
 * All that the selected tasks of a graph bring to hosts that have nothing of it yet, each once. What depends on a
 * host is worked out for each of the profiles; a condition on outputs counts as met.
 */
export function needsOf(graph: TaskGraph, profiles: readonly HostProfile[]): Needs {
  const found = new Map<string, {readonly fetch: Fetch; readonly tasks: Set<string>}>();
  for (const task of graph.tasks.filter(({selected}) => selected)) {
    for (const fetch of profiles.flatMap((profile) => fetchesOf(task, profile))) {
      const known = found.get(keyOf(fetch)) ?? {fetch, tasks: new Set()};
      found.set(keyOf(fetch), known);
      known.tasks.add(task.name);
    }
  }
  const all = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, need]) => need);
  return {
    files: all.flatMap(({fetch, tasks}) =>
      fetch.type === 'file' ? [{fetch, tasks: [...tasks].sort()}] : [],
    ),
    images: all.flatMap(({fetch, tasks}) =>
      fetch.type === 'image' ? [{fetch, tasks: [...tasks].sort()}] : [],
    ),
  };
}

const keyOf = (fetch: Fetch): string =>
  fetch.type === 'file' ? `file ${fetch.sha256}` : `image ${fetch.name} ${fetch.digest ?? ''}`;

/** What reads the outputs of other tasks is not known before they ran; no file is chosen that way. */
function fetchesOf({when, resource}: TaskNode, profile: HostProfile): readonly Fetch[] {
  if (resource.stage === 'output') return [];
  const late = {profile, outputsOf: noOutputs, bracketOutputsOf: noOutputs};
  const wanted = when.stage === 'output' ? undefined : when.resolve(late);
  if (wanted?.ok && !wanted.value) return [];
  const resolved = resource.resolve(late);
  return resolved.ok ? resolved.value.fetches : [];
}

function noOutputs(): never {
  throw new Error('Internal error: a value reads an output and does not say so');
}
