import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Inventory, InventoryHost} from '../inventory/inventory.ts';
import type {VariableLayer} from '../inventory/layer.ts';
import type {GroupName, HostName} from '../model/names.ts';
import type {YamlEntry} from '../yaml/node.ts';
import {reportGroupConflicts} from './group-conflicts.ts';
import type {Variable, VariableScope} from './variable.ts';

/** The variables of one host, as written. A value that wins replaces the others whole: maps are not merged. */
export interface HostVariables {
  get(name: string): Variable | undefined;
  /** The winner first, then all that it beat, strongest first. */
  all(name: string): readonly Variable[];
  names(): Iterable<string>;
}

/** Who asks: variables that exist only for one role or one play. */
export interface VariableContext {
  /** Weakest first. */
  readonly roleDefaults?: readonly VariableLayer[];
  readonly playbook?: readonly VariableLayer[];
}

export interface Variables {
  /** Throws for a host that the inventory does not have. */
  of(host: HostName, context?: VariableContext): HostVariables;
}

/** All five scopes of an inventory and a command line. Groups that contradict each other are reported. */
export function createVariables(
  inventory: Inventory,
  commandLine: readonly VariableLayer[],
  problems: Problems,
): Variables {
  const given = new Set(commandLine.flatMap(({entries}) => [...entries.keys()]));
  reportGroupConflicts(inventory, given, problems);
  const groupLayers = sharedByGroups(inventory);
  return {
    of(name, context = {}) {
      const host = inventory.hosts.get(name);
      if (!host) throw new Error(`Internal error: the inventory has no host "${name}"`);
      return new Scopes([
        {scope: 'command-line', layers: strongestFirst(commandLine)},
        {scope: 'playbook', layers: strongestFirst(context.playbook)},
        {scope: 'host', layers: strongestFirst(host.layers)},
        {scope: 'group', layers: groupLayers(host)},
        {scope: 'role-defaults', layers: strongestFirst(context.roleDefaults)},
      ]);
    },
  };
}

const strongestFirst = (layers: readonly VariableLayer[] = []): readonly VariableLayer[] =>
  layers.toReversed();

/** Hosts in the same groups share one list: there are many hosts and few combinations. */
function sharedByGroups({groups}: Inventory): (host: InventoryHost) => readonly VariableLayer[] {
  const known = new Map<string, readonly VariableLayer[]>();
  const layersOf = (name: GroupName): readonly VariableLayer[] => groups.get(name)?.layers ?? [];
  return ({groups: names}) => {
    const key = names.join('\n');
    const layers = known.get(key) ?? strongestFirst(names.flatMap(layersOf));
    known.set(key, layers);
    return layers;
  };
}

interface ScopeLayers {
  readonly scope: VariableScope;
  readonly layers: readonly VariableLayer[];
}

class Scopes implements HostVariables {
  readonly #scopes: readonly ScopeLayers[];

  /** Strongest first, and so are the layers in each. */
  constructor(scopes: readonly ScopeLayers[]) {
    this.#scopes = scopes;
  }

  get(name: string): Variable | undefined {
    for (const {scope, layers} of this.#scopes)
      for (const layer of layers) {
        const entry = layer.entries.get(name);
        if (entry) return variableOf(name, entry, scope, layer);
      }
    return undefined;
  }

  all(name: string): readonly Variable[] {
    return this.#scopes.flatMap(({scope, layers}) =>
      layers.flatMap((layer) => {
        const entry = layer.entries.get(name);
        return entry ? [variableOf(name, entry, scope, layer)] : [];
      }),
    );
  }

  names(): Iterable<string> {
    return new Set(this.#scopes.flatMap(({layers}) => layers.flatMap(({entries}) => [...entries.keys()])));
  }
}

const variableOf = (name: string, entry: YamlEntry, setBy: VariableScope, {by}: VariableLayer): Variable => ({
  name,
  node: entry.value,
  setBy,
  by,
  at: entry.key,
});
