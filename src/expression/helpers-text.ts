import {posix} from 'node:path';
import {sha256Hex} from '../base/sha256-hex.ts';
import type {Schema} from '../yaml/inline.ts';
import {couldFit} from '../yaml/schema-paths.ts';
import {withoutNamed} from '../yaml/without.ts';
import {type Helper, HelperMistake, listOf, text, textOf, textOrNumber, wholeNumber} from './helper.ts';
import {LIST, MAP, oneOf, TEXT, WHOLE_NUMBER, WRITABLE} from './type-only.ts';
import {isMap} from './values.ts';

/** What files need to have done to texts. */
export const TEXT_HELPERS: readonly (readonly [string, Helper])[] = [
  [
    'indent',
    {
      usage: 'indent TEXT COLUMNS',
      summary: 'The text with all lines but the first moved to the right.',
      args: [2, 2],
      takes: [TEXT, WHOLE_NUMBER],
      gives: text,
      run: ([text, columns]) => textOf(text).replace(/\n(?!\n|$)/g, `\n${' '.repeat(wholeNumber(columns))}`),
    },
  ],
  [
    'join',
    {
      usage: 'join LIST [SEPARATOR]',
      summary: 'The items of a list as one text, with ", " or another separator between them.',
      args: [1, 2],
      takes: [LIST, TEXT],
      gives: text,
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
      takes: [oneOf(WRITABLE, LIST)],
      gives: joined,
      run: (values) => (values.every(Array.isArray) ? values.flat() : values.map(textOrNumber).join('')),
    },
  ],
  [
    'split',
    {
      usage: 'split TEXT SEPARATOR',
      summary: 'The parts of a text as a list.',
      args: [2, 2],
      takes: [TEXT],
      gives: () => TEXTS,
      run: ([text, separator]) => textOf(text).split(textOf(separator)),
    },
  ],
  [
    'replace',
    {
      usage: 'replace TEXT OLD NEW',
      summary: 'The text with each OLD in it replaced by NEW.',
      args: [3, 3],
      takes: [TEXT],
      gives: text,
      run: ([text, before, after]) => {
        const other = textOf(after);
        return textOf(text).replaceAll(textOf(before), () => other);
      },
    },
  ],
  [
    'without',
    {
      usage: 'without YAML OTHERS',
      summary:
        'A map in YAML without the keys that another map has, or a list without the items whose `name` another list has: what the others say then stands alone.',
      args: [2, 2],
      takes: [TEXT, oneOf(MAP, LIST)],
      gives: text,
      run: ([yaml, others]) => {
        const left = withoutNamed(textOf(yaml), new Set(namesIn(others)));
        if (left === undefined) throw new HelperMistake('This is neither a map nor a list in block style.');
        return left;
      },
    },
  ],
  [
    'dirname',
    {
      usage: 'dirname PATH',
      summary: 'The directory that a path on a host lies in.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([path]) => posix.dirname(textOf(path)),
    },
  ],
  [
    'upper',
    {
      usage: 'upper TEXT',
      summary: 'In capitals.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([text]) => textOf(text).toUpperCase(),
    },
  ],
  [
    'lower',
    {
      usage: 'lower TEXT',
      summary: 'In small letters.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([text]) => textOf(text).toLowerCase(),
    },
  ],
  [
    'b64',
    {
      usage: 'b64 TEXT',
      summary: 'The UTF-8 bytes of the text in base64.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([text]) => Buffer.from(textOf(text), 'utf8').toString('base64'),
    },
  ],
  [
    'b64decode',
    {
      usage: 'b64decode TEXT',
      summary: 'The text that base64 holds.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([text]) => decoded(textOf(text)),
    },
  ],
  [
    'sha256',
    {
      usage: 'sha256 TEXT',
      summary: 'SHA-256 of the UTF-8 bytes of the text, in hexadecimal.',
      args: [1, 1],
      takes: [TEXT],
      gives: text,
      run: ([text]) => sha256Hex(textOf(text)),
    },
  ],
];

/** Of a map its keys, of a list the names of its items. */
function namesIn(others: unknown): readonly string[] {
  if (isMap(others)) return Object.keys(others);
  return listOf(others).flatMap((item) => (isMap(item) ? [textOrNumber(item['name'])] : []));
}

const TEXTS: Schema = {...LIST, items: TEXT};

/** What `concat` makes of lists alone is a list, of anything else text. */
function joined(given: readonly Schema[]): Schema {
  if (!given.every((each) => couldFit(each, LIST))) return TEXT;
  return given.some((each) => couldFit(each, WRITABLE)) ? oneOf(TEXT, LIST) : LIST;
}

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
