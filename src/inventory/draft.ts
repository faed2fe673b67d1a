import type {SourceRange} from '../diagnostics/source.ts';
import type {GroupName, HostName} from '../model/names.ts';
import type {VariableLayer} from './layer.ts';

/** What the files have said so far, before it is known whether it fits together. */
export interface Draft {
  readonly hosts: Map<HostName, DraftHost>;
  readonly groups: Map<GroupName, DraftGroup>;
}

export interface DraftHost {
  readonly at: SourceRange;
  readonly layers: VariableLayer[];
}

export interface DraftGroup {
  at: SourceRange | undefined;
  /** Its own hosts and children, with the place that names them first. */
  readonly hosts: Map<HostName, SourceRange>;
  readonly children: Map<GroupName, SourceRange>;
  readonly layers: VariableLayer[];
}

export const emptyDraft = (): Draft => ({hosts: new Map(), groups: new Map()});

/** The group of a name, made where there is none. */
export function draftGroup({groups}: Draft, name: GroupName, at?: SourceRange): DraftGroup {
  const known = groups.get(name);
  if (known) {
    known.at ??= at;
    return known;
  }
  const group: DraftGroup = {at, hosts: new Map(), children: new Map(), layers: []};
  groups.set(name, group);
  return group;
}

/** The host of a name, made where there is none. */
export function draftHost({hosts}: Draft, name: HostName, at: SourceRange): DraftHost {
  const known = hosts.get(name);
  if (known) return known;
  const host: DraftHost = {at, layers: []};
  hosts.set(name, host);
  return host;
}
