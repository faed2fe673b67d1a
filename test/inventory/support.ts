import type {Diagnostic} from '../../src/diagnostics/diagnostic.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {placeOf} from '../../src/diagnostics/source.ts';
import {buildInventory} from '../../src/inventory/build-inventory.ts';
import {emptyDraft} from '../../src/inventory/draft.ts';
import type {Inventory, InventoryGroup, InventoryHost} from '../../src/inventory/inventory.ts';
import {readGroups} from '../../src/inventory/read-groups.ts';
import {parseYaml} from '../../src/yaml/parse.ts';

export interface Loaded {
  readonly inventory: Inventory;
  /** `code line:column` or, of several files, `code file:line:column`. */
  readonly found: readonly string[];
  readonly problems: readonly Diagnostic[];
}

/** The inventory that one text in a file `i` makes. */
export function inventoryOf(text: string): Loaded {
  const problems = new Problems();
  const draft = emptyDraft();
  const root = parseYaml({file: 'i', text}, problems, {});
  if (root) readGroups(root, draft, problems);
  const inventory = buildInventory(draft, problems);
  return {inventory, found: placesOf(problems), problems: problems.all};
}

export const placesOf = (problems: Problems): readonly string[] =>
  problems.all.map(({code, range}) => `${code} ${range ? placeOf(range).replace(/^i:/, '') : '-'}`);

export function groupIn({groups}: Inventory, name: string): InventoryGroup {
  const group = [...groups.values()].find((each) => each.name === name);
  if (!group) throw new Error(`no group ${name}`);
  return group;
}

export function hostIn({hosts}: Inventory, name: string): InventoryHost {
  const host = [...hosts.values()].find((each) => each.name === name);
  if (!host) throw new Error(`no host ${name}`);
  return host;
}
