import {groupedBy} from '../base/grouped.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {GroupName, HostName} from '../model/names.ts';
import {type Draft, type DraftGroup, draftGroup} from './draft.ts';
import {breakCycles} from './group-cycles.ts';
import {
  CLUSTER_GROUPS,
  IMPLICIT_GROUPS,
  type Inventory,
  type InventoryGroup,
  type InventoryHost,
} from './inventory.ts';
import {groupName} from './names.ts';

/** What the files say, put together: memberships through groups, computed groups, orders. Consumes the draft. */
export function buildInventory(draft: Draft, problems: Problems): Inventory {
  addComputedGroups(draft);
  reportClashes(draft, problems);
  breakCycles(draft, problems);
  adoptOrphans(draft);
  const order = parentsFirst(draft);
  const members = membersOf(draft, order);
  return {hosts: hostsOf(draft, order, members), groups: groupsOf(draft, members)};
}

const ALL = groupName('all');
const UNGROUPED = groupName('ungrouped');
const CLUSTER = groupName('k8s_cluster');

function addComputedGroups(draft: Draft): void {
  for (const name of IMPLICIT_GROUPS.map(groupName)) draftGroup(draft, name);
  const cluster = draftGroup(draft, CLUSTER);
  if (cluster.hosts.size > 0 || cluster.children.size > 0) return;
  for (const name of CLUSTER_GROUPS.map(groupName)) {
    const at = draft.groups.get(name)?.at;
    if (at) cluster.children.set(name, at);
  }
}

/** A pattern could not tell them apart. */
function reportClashes({hosts, groups}: Draft, problems: Problems): void {
  const named = new Map<string, DraftGroup>(groups);
  for (const [name, {at}] of hosts) {
    const group = named.get(name);
    if (!group) continue;
    problems.report('E201', {
      range: at,
      detail: `"${name}" is the name of a host and of a group; a pattern could not tell them apart.`,
      notes: group.at ? [{range: group.at, message: 'the group'}] : [],
    });
  }
}

/** `all` has every group that no other group has. */
function adoptOrphans(draft: Draft): void {
  const owned = new Set([...draft.groups.values()].flatMap(({children}) => [...children.keys()]));
  const {children} = draftGroup(draft, ALL);
  const [first] = draft.hosts.values();
  for (const [name, {at = first?.at}] of draft.groups)
    if (name !== ALL && !owned.has(name) && at) children.set(name, at);
}

/** Every group before the groups below it; groups that do not know each other as they were declared. */
function parentsFirst({groups}: Draft): readonly GroupName[] {
  const childrenFirst: GroupName[] = [];
  const seen = new Set<GroupName>();
  const visit = (name: GroupName): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const child of [...(groups.get(name)?.children.keys() ?? [])].toReversed()) visit(child);
    childrenFirst.push(name);
  };
  for (const name of [...groups.keys()].toReversed()) if (name !== ALL) visit(name);
  visit(ALL);
  return childrenFirst.toReversed();
}

type Members = ReadonlyMap<GroupName, ReadonlySet<HostName>>;

function membersOf(draft: Draft, order: readonly GroupName[]): Members {
  const members = new Map<GroupName, ReadonlySet<HostName>>();
  for (const name of order.toReversed()) {
    const {hosts, children} = draftGroup(draft, name);
    const below = [...children.keys()].flatMap((child) => [...(members.get(child) ?? [])]);
    members.set(name, new Set([...hosts.keys(), ...below]));
  }
  members.set(ALL, new Set(draft.hosts.keys()));
  members.set(UNGROUPED, ungrouped(members));
  return members;
}

function ungrouped(members: Members): ReadonlySet<HostName> {
  const others = [...members].filter(([name]) => name !== ALL && name !== UNGROUPED);
  const grouped = new Set(others.flatMap(([, hosts]) => [...hosts]));
  return new Set([...(members.get(ALL) ?? [])].filter((host) => !grouped.has(host)));
}

function hostsOf(
  draft: Draft,
  order: readonly GroupName[],
  members: Members,
): ReadonlyMap<HostName, InventoryHost> {
  const pairs = order.flatMap((group) => [...(members.get(group) ?? [])].map((host) => ({group, host})));
  const groups = groupedBy(pairs, ({host}) => host);
  return new Map(
    [...draft.hosts].map(([name, {at, layers}]) => {
      const names = (groups.get(name) ?? []).map(({group}) => group);
      return [name, {name, at, layers, groups: names}];
    }),
  );
}

function groupsOf({groups}: Draft, members: Members): ReadonlyMap<GroupName, InventoryGroup> {
  const pairs = [...groups].flatMap(([parent, {children}]) =>
    [...children.keys()].map((child) => ({parent, child})),
  );
  const parents = groupedBy(pairs, ({child}) => child);
  return new Map(
    [...groups].map(([name, {at, children, layers}]) => [
      name,
      {
        name,
        at,
        layers,
        hosts: [...(members.get(name) ?? [])],
        children: [...children.keys()],
        parents: (parents.get(name) ?? []).map(({parent}) => parent),
      },
    ]),
  );
}
