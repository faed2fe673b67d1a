import {didYouMean} from '../base/nearest.ts';
import {readPlaybook} from '../catalog/load-playbook.ts';
import type {Playbook} from '../catalog/nouns.ts';
import {childMap, isTrue, textOf, valueOf} from '../catalog/read.ts';
import type {Kinds} from '../catalog/task.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {buildInventory} from '../inventory/build-inventory.ts';
import {emptyDraft} from '../inventory/draft.ts';
import type {Inventory} from '../inventory/inventory.ts';
import {layerOf, type VariableLayer} from '../inventory/layer.ts';
import {readGroups} from '../inventory/read-groups.ts';
import type {HostProfile} from '../model/profile.ts';
import {mapOf, toJs} from '../yaml/access.ts';
import type {Environment} from '../yaml/conversion.ts';
import type {YamlMap, YamlNode} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {createSchemaChecker} from '../yaml/schema.ts';
import {TEST_SCHEMA} from './test-schema.ts';
import type {ToldFact} from './told-facts.ts';

/** A file in test/ of a role. */
export interface RoleCase {
  readonly summary: string;
  readonly inventory: Inventory;
  readonly playbook: Playbook;
  /** The variables of the run that was there before; `undefined`: none was. */
  readonly convergedWith: VariableLayer | undefined;
  readonly hosts: ReadonlyMap<string, ToldHost>;
  /** `undefined` where none was written yet. */
  readonly plan: string | undefined;
  readonly root: YamlMap;
}

/** What a test tells of a host. */
export interface ToldHost {
  /** No run has been on it, whatever others have from one. */
  readonly isBare: boolean;
  readonly profile: Partial<HostProfile>;
  readonly facts: readonly ToldFact[];
  readonly at: SourceRange;
}

/** What a case is read with. */
export interface CaseReading {
  readonly role: string;
  readonly kinds: Kinds;
  readonly environment: Environment;
}

const checker = createSchemaChecker(TEST_SCHEMA);

/** The case in a file; `undefined` after mistakes that were reported. */
export async function readRoleCase(
  path: string,
  {role, kinds, environment}: CaseReading,
  problems: Problems,
): Promise<RoleCase | undefined> {
  const source = await readSource(path, problems);
  const node = source && parseYaml(source, problems, environment);
  const root = node && mapOf(node);
  if (node && !root)
    problems.report('E105', {
      range: node.range,
      detail: 'A test of a role is a map with "summary", "inventory" and "plan".',
    });
  if (!root || !checker.check(root, problems)) return undefined;
  const inventory = inventoryOf(root, problems);
  const plays = valueOf(root, 'plays') ?? playFor(role, root);
  const playbook = readPlaybook(plays, kinds, problems);
  const converged = childMap(root, 'converged_with');
  const hosts = hostsOf(root, inventory, problems);
  if (!playbook || problems.hasErrors) return undefined;
  return {
    summary: textOf(root, 'summary') ?? '',
    inventory,
    playbook,
    convergedWith: converged && layerOf('converged_with', converged),
    hosts,
    plan: textOf(root, 'plan'),
    root,
  };
}

function inventoryOf(root: YamlMap, problems: Problems): Inventory {
  const draft = emptyDraft();
  const groups = valueOf(root, 'inventory');
  if (groups) readGroups(groups, draft, problems);
  return buildInventory(draft, problems);
}

/** One play on all hosts, as it would be written: what is wrong with it is shown where the file names its hosts. */
function playFor(role: string, root: YamlMap): YamlNode {
  const range = root.entries.get('inventory')?.key ?? root.range;
  const text = (value: string): YamlNode => ({type: 'scalar', range, value});
  const entry = (value: YamlNode) => ({key: range, value});
  const roles: YamlNode = {type: 'list', range, items: [text(role)]};
  const play: YamlNode = {
    type: 'map',
    range,
    entries: new Map([
      ['play', entry(text('hosts'))],
      ['hosts', entry(text('all'))],
      ['roles', entry(roles)],
    ]),
  };
  return {type: 'list', range, items: [play]};
}

function hostsOf(root: YamlMap, inventory: Inventory, problems: Problems): ReadonlyMap<string, ToldHost> {
  const told = new Map<string, ToldHost>();
  const names: readonly string[] = [...inventory.hosts.keys()];
  for (const [name, {key, value}] of childMap(root, 'hosts')?.entries ?? []) {
    if (!names.includes(name))
      problems.report('E203', {
        range: key,
        detail: `The inventory of this test has no host "${name}".`,
        hint: didYouMean(name, names) ?? `It has ${names.join(', ') || 'no host at all'}.`,
      });
    else told.set(name, toldOf(value, key));
  }
  return told;
}

/** The schema has accepted it. */
function toldOf(host: YamlNode, at: SourceRange): ToldHost {
  const profile = childMap(host, 'profile');
  const facts = [...(childMap(host, 'facts')?.entries ?? [])];
  return {
    isBare: isTrue(valueOf(host, 'bare')),
    profile: profile ? (toJs(profile) as Partial<HostProfile>) : {},
    facts: facts.map(([name, {key, value}]) => ({name, value: toJs(value), at: key})),
    at,
  };
}
