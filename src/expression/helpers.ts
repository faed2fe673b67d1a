import {type Helper, HelperMistake, listOf, mapOf, text, textOf, truth, wholeNumber} from './helper.ts';
import {CIDR_HELPERS} from './helpers-cidr.ts';
import {TEXT_HELPERS} from './helpers-text.ts';
import {toJson, toToml, toYaml} from './notations.ts';
import {ANY, LIST, MAP, oneOf, TEXT} from './type-only.ts';
import {isMap, truthy} from './values.ts';
import {minorOf, versionAtLeast} from './versions.ts';

/** A small set on purpose: what files need, and nothing that a resource or a fact should do. */
export const HELPERS: ReadonlyMap<string, Helper> = new Map<string, Helper>([
  [
    'default',
    {
      usage: 'default VALUE OTHERWISE',
      summary:
        'The value; where it is undefined or null, the other one. The only place for an undefined name.',
      args: [2, 2],
      takes: [ANY],
      gives: ([value = ANY, otherwise = ANY]) => oneOf(value, otherwise),
      keepsSecrets: true,
      run: ([value, otherwise]) => value ?? otherwise,
    },
  ],
  [
    'json',
    {
      usage: 'json VALUE [indent=N]',
      summary: 'The value as JSON: on one line, or indented.',
      args: [1, 1],
      takes: [ANY],
      gives: text,
      options: ['indent'],
      run: ([value], {indent}) => toJson(value, indent === undefined ? 0 : wholeNumber(indent)),
    },
  ],
  [
    'yaml',
    {
      usage: 'yaml VALUE',
      summary: 'The value as YAML in block style, without a line end behind the last line.',
      args: [1, 1],
      takes: [ANY],
      gives: text,
      run: ([value]) => toYaml(value),
    },
  ],
  [
    'toml',
    {
      usage: 'toml VALUE',
      summary: 'The value as it stands behind "=" in TOML. Maps become inline tables.',
      args: [1, 1],
      takes: [ANY],
      gives: text,
      run: ([value]) => toToml(value),
    },
  ],
  ...TEXT_HELPERS,
  [
    'eq',
    {
      usage: 'eq A B',
      summary: 'Whether both are the same.',
      args: [2, 2],
      takes: [ANY],
      gives: truth,
      run: ([a, b]) => same(a, b),
    },
  ],
  [
    'ne',
    {
      usage: 'ne A B',
      summary: 'Whether they differ.',
      args: [2, 2],
      takes: [ANY],
      gives: truth,
      run: ([a, b]) => !same(a, b),
    },
  ],
  [
    'and',
    {
      usage: 'and A B...',
      summary: 'Whether all hold.',
      args: [2, 32],
      takes: [ANY],
      gives: truth,
      run: (all) => all.every(truthy),
    },
  ],
  [
    'or',
    {
      usage: 'or A B...',
      summary: 'Whether one holds.',
      args: [2, 32],
      takes: [ANY],
      gives: truth,
      run: (all) => all.some(truthy),
    },
  ],
  [
    'not',
    {
      usage: 'not A',
      summary: 'Whether it does not hold.',
      args: [1, 1],
      takes: [ANY],
      gives: truth,
      run: ([value]) => !truthy(value),
    },
  ],
  [
    'in',
    {
      usage: 'in VALUE LIST',
      summary: 'Whether the list holds the value.',
      args: [2, 2],
      takes: [ANY, LIST],
      gives: truth,
      run: ([value, list]) => listOf(list).some((item) => same(item, value)),
    },
  ],
  [
    'merge',
    {
      usage: 'merge MAP...',
      summary: 'All maps as one: where several have a key, what the last of them says.',
      args: [1, 32],
      takes: [MAP],
      gives: () => MAP,
      keepsSecrets: true,
      run: (maps) => Object.assign({}, ...maps.map(mapOf)),
    },
  ],
  [
    'after',
    {
      usage: 'after ITEM LIST',
      summary: 'The item behind this one in the list, and behind the last one the first: the next in a ring.',
      args: [2, 2],
      takes: [ANY, LIST],
      gives: () => ANY,
      run: ([item, list]) => following(item, listOf(list)),
    },
  ],
  [
    'minor_version',
    {
      usage: 'minor_version VERSION',
      summary: 'Its first two numbers: `1.36` of `1.36.4`.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([version]) => minorOf(textOf(version)),
    },
  ],
  [
    'version_at_least',
    {
      usage: 'version_at_least VERSION MINIMUM',
      summary: 'Whether a version is this one or a later one.',
      args: [2, 2],
      takes: [TEXT],
      gives: truth,
      run: ([version, minimum]) => versionAtLeast(textOf(version), textOf(minimum)),
    },
  ],
  ...CIDR_HELPERS,
]);

function following(item: unknown, list: readonly unknown[]): unknown {
  const index = list.findIndex((each) => same(each, item));
  if (index < 0) throw new HelperMistake('The list has no such item.');
  return list[(index + 1) % list.length];
}

/** By content: two lists with the same items are the same. */
function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isMap(a) || !isMap(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}
