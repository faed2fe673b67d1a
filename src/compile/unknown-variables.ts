import {didYouMean} from '../base/nearest.ts';
import {CONNECTION_VARIABLES} from '../inventory/connection.ts';
import type {VariableLayer} from '../inventory/layer.ts';
import type {Draft} from './draft.ts';

/** A variable that no role knows and nothing has read is mostly a misspelt one. */
export function warnOfUnknownVariables({input, world, problems}: Draft): void {
  const {inventory, catalog} = input;
  const layers = [...inventory.groups.values(), ...inventory.hosts.values()].flatMap((owner) => owner.layers);
  const known = new Set([...catalog.variables, ...CONNECTION_VARIABLES]);
  const told = new Set<string>();
  let others: ReadonlySet<string> | undefined;
  for (const {entries} of [...layers, ...otherLayers(input)]) {
    for (const [name, {key}] of entries) {
      if (known.has(name) || world.read.has(name) || name.startsWith('ansible_') || told.has(name)) continue;
      others ??= catalog.otherVariables();
      if (others.has(name)) continue;
      told.add(name);
      const hint = didYouMean(name, [...catalog.variables, ...others]);
      problems.warn('E306', {
        range: key,
        detail: `No role knows the variable "${name}", and nothing reads it.`,
        ...(hint && {hint}),
      });
    }
  }
}

const otherLayers = ({playbook, commandLine}: Draft['input']): readonly Pick<VariableLayer, 'entries'>[] => [
  ...commandLine,
  ...playbook.plays.flatMap(({vars}) => (vars ? [{entries: vars.entries}] : [])),
];
