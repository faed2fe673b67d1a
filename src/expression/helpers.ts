import {posix} from 'node:path';
import {sha256Hex} from '../base/sha256-hex.ts';
import {type Helper, HelperMistake, textOf, textOrNumber, wholeNumber} from './helper.ts';
import {CIDR_HELPERS} from './helpers-cidr.ts';
import {toJson, toToml, toYaml} from './notations.ts';
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
      run: ([value]) => toYaml(value),
    },
  ],
  [
    'toml',
    {
      usage: 'toml VALUE',
      summary: 'The value as it stands behind "=" in TOML. Maps become inline tables.',
      args: [1, 1],
      run: ([value]) => toToml(value),
    },
  ],
  [
    'indent',
    {
      usage: 'indent TEXT COLUMNS',
      summary: 'The text with all lines but the first moved to the right.',
      args: [2, 2],
      run: ([text, columns]) => textOf(text).replace(/\n(?!\n|$)/g, `\n${' '.repeat(wholeNumber(columns))}`),
    },
  ],
  [
    'join',
    {
      usage: 'join LIST [SEPARATOR]',
      summary: 'The items of a list as one text, with ", " or another separator between them.',
      args: [1, 2],
      run: ([list, separator]) =>
        listOf(list)
          .map(textOrNumber)
          .join(separator === undefined ? ', ' : textOf(separator)),
    },
  ],
  [
    'concat',
    {
      usage: 'concat TEXT...',
      summary: 'All texts and numbers as one text; all lists as one list.',
      args: [1, 32],
      run: (values) => (values.every(Array.isArray) ? values.flat() : values.map(textOrNumber).join('')),
    },
  ],
  [
    'split',
    {
      usage: 'split TEXT SEPARATOR',
      summary: 'The parts of a text as a list.',
      args: [2, 2],
      run: ([text, separator]) => textOf(text).split(textOf(separator)),
    },
  ],
  [
    'replace',
    {
      usage: 'replace TEXT OLD NEW',
      summary: 'The text with each OLD in it replaced by NEW.',
      args: [3, 3],
      run: ([text, before, after]) => textOf(text).replaceAll(textOf(before), () => textOf(after)),
    },
  ],
  [
    'dirname',
    {
      usage: 'dirname PATH',
      summary: 'The directory that a path on a host lies in.',
      args: [1, 1],
      run: ([path]) => posix.dirname(textOf(path)),
    },
  ],
  [
    'upper',
    {usage: 'upper TEXT', summary: 'In capitals.', args: [1, 1], run: ([text]) => textOf(text).toUpperCase()},
  ],
  [
    'lower',
    {
      usage: 'lower TEXT',
      summary: 'In small letters.',
      args: [1, 1],
      run: ([text]) => textOf(text).toLowerCase(),
    },
  ],
  [
    'b64',
    {
      usage: 'b64 TEXT',
      summary: 'The UTF-8 bytes of the text in base64.',
      args: [1, 1],
      run: ([text]) => Buffer.from(textOf(text), 'utf8').toString('base64'),
    },
  ],
  [
    'b64decode',
    {
      usage: 'b64decode TEXT',
      summary: 'The text that base64 holds.',
      args: [1, 1],
      run: ([text]) => decoded(textOf(text)),
    },
  ],
  [
    'sha256',
    {
      usage: 'sha256 TEXT',
      summary: 'SHA-256 of the UTF-8 bytes of the text, in hexadecimal.',
      args: [1, 1],
      run: ([text]) => sha256Hex(textOf(text)),
    },
  ],
  ['eq', {usage: 'eq A B', summary: 'Whether both are the same.', args: [2, 2], run: ([a, b]) => same(a, b)}],
  ['ne', {usage: 'ne A B', summary: 'Whether they differ.', args: [2, 2], run: ([a, b]) => !same(a, b)}],
  [
    'and',
    {usage: 'and A B...', summary: 'Whether all hold.', args: [2, 32], run: (all) => all.every(truthy)},
  ],
  ['or', {usage: 'or A B...', summary: 'Whether one holds.', args: [2, 32], run: (all) => all.some(truthy)}],
  [
    'not',
    {usage: 'not A', summary: 'Whether it does not hold.', args: [1, 1], run: ([value]) => !truthy(value)},
  ],
  [
    'in',
    {
      usage: 'in VALUE LIST',
      summary: 'Whether the list holds the value.',
      args: [2, 2],
      run: ([value, list]) => listOf(list).some((item) => same(item, value)),
    },
  ],
  [
    'minor_version',
    {
      usage: 'minor_version VERSION',
      summary: 'Its first two numbers: `1.36` of `1.36.4`.',
      args: [1, 1],
      run: ([version]) => minorOf(textOf(version)),
    },
  ],
  [
    'version_at_least',
    {
      usage: 'version_at_least VERSION MINIMUM',
      summary: 'Whether a version is this one or a later one.',
      args: [2, 2],
      run: ([version, minimum]) => versionAtLeast(textOf(version), textOf(minimum)),
    },
  ],
  ...CIDR_HELPERS,
]);

function decoded(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== text.replace(/\s/g, '').replace(/=+$/, ''))
    throw new HelperMistake('This is not base64.');
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    throw new HelperMistake('What this base64 holds is not text in UTF-8.');
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new HelperMistake('A list is expected here.');
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
