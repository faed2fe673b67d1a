import {isDeepStrictEqual} from 'node:util';
import {groupedBy} from '../base/grouped.ts';
import {Secret} from '../base/secret.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Inventory, InventoryGroup, InventoryHost} from '../inventory/inventory.ts';
import type {GroupName} from '../model/names.ts';
import {toJs} from '../yaml/access.ts';
import type {YamlEntry} from '../yaml/node.ts';

/** A group that sets a variable. */
interface Setting {
  readonly name: string;
  readonly group: InventoryGroup;
  readonly entry: YamlEntry;
}

/**
 * Two groups that set one variable differently for one host, where neither contains the other: which of them
 * wins would be chance. Nothing is wrong where the host itself or the command line has the last word, or a
 * group below both does.
 */
export function reportGroupConflicts(
  inventory: Inventory,
  given: ReadonlySet<string>,
  problems: Problems,
): void {
  const settings = [...inventory.groups.values()].flatMap(settingsOf).filter(({name}) => !given.has(name));
  for (const group of groupedBy(settings, ({name}) => name).values())
    if (group.length > 1) reportPairs(group, inventory, problems);
}

function settingsOf(group: InventoryGroup): readonly Setting[] {
  const last = new Map(group.layers.flatMap(({entries}) => [...entries]));
  return [...last].map(([name, entry]) => ({name, group, entry}));
}

function reportPairs(settings: readonly Setting[], inventory: Inventory, problems: Problems): void {
  const setters = new Map(settings.map((setting) => [setting.group.name, setting]));
  for (const [index, first] of settings.entries())
    for (const second of settings.slice(index + 1)) {
      if (isSame(first, second) || isAbove(first, second, inventory) || isAbove(second, first, inventory))
        continue;
      const host = sharedHost(first, second, setters, inventory);
      if (host) report(first, second, host, problems);
    }
}

const isSame = (a: Setting, b: Setting): boolean =>
  isDeepStrictEqual(revealed(toJs(a.entry.value)), revealed(toJs(b.entry.value)));

/** Secrets are compared by what they hold: all of them look alike from outside. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return {secret: value.reveal()};
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}

function isAbove(upper: Setting, lower: Setting, {groups}: Inventory): boolean {
  const below = (name: GroupName): boolean =>
    name === lower.group.name || (groups.get(name)?.children ?? []).some(below);
  return below(upper.group.name);
}

/** The first host for which the two would really contradict each other. */
function sharedHost(
  first: Setting,
  second: Setting,
  setters: ReadonlyMap<GroupName, Setting>,
  inventory: Inventory,
): InventoryHost | undefined {
  const members = new Set(second.group.hosts);
  const shared = first.group.hosts.filter((name) => members.has(name));
  const hosts = shared.flatMap((name) => inventory.hosts.get(name) ?? []);
  return hosts.find(({groups, layers}) => {
    const setsItself = layers.some(({entries}) => entries.has(first.name));
    const stronger = groups.flatMap((name) => setters.get(name) ?? []);
    const isBeaten = (setting: Setting): boolean =>
      stronger.some((other) => other !== setting && isAbove(setting, other, inventory));
    return !setsItself && !isBeaten(first) && !isBeaten(second);
  });
}

function report(first: Setting, second: Setting, host: InventoryHost, problems: Problems): void {
  problems.report('E304', {
    range: second.entry.key,
    detail:
      `The groups "${first.group.name}" and "${second.group.name}" set "${first.name}" differently, ` +
      `and "${host.name}" is in both.`,
    hint: 'Set it for the host, or make one of the groups a child of the other: the child wins.',
    notes: [{range: first.entry.key, message: `"${first.group.name}" sets it here`}],
  });
}
