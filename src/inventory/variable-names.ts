import type {Problems} from '../diagnostics/diagnostic.ts';
import type {YamlMap} from '../yaml/node.ts';

/** What a template can name. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The map as it is, with a warning for each name that no template could write. */
export function variablesIn(map: YamlMap, problems: Problems): YamlMap {
  for (const [name, {key}] of map.entries)
    if (!VARIABLE_NAME.test(name))
      problems.warn('E201', {
        range: key,
        detail: `"${name}" cannot be the name of a variable: no template could read it.`,
        hint: `Letters, digits and "_" can stand in one: "${name.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_')}".`,
      });
  return map;
}
