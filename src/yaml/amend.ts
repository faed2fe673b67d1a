import {type Document, isMap, isSeq, parseDocument} from 'yaml';
import type {JsonObject} from '../base/json.ts';

/** What is put into a map of lists whose items have names: one item for each list. */
export interface Amendment {
  readonly items: Readonly<Record<string, JsonObject & {readonly name: string}>>;
  /** Set where the map does not have them, or has nothing there. */
  readonly defaults: JsonObject;
}

/** The text with these items put or replaced; all else is as it was, comments too. Or what is wrong with the text. */
export function amended(
  text: string,
  {items, defaults}: Amendment,
): {readonly text: string} | {readonly problem: string} {
  const document = parseDocument(text, {version: '1.2'});
  const [error] = document.errors;
  if (error) return {problem: error.message.split('\n', 1)[0] ?? ''};
  if (document.contents !== null && !isMap(document.contents)) return {problem: 'It holds no map.'};
  for (const [name, value] of Object.entries(defaults)) {
    const found = document.get(name);
    if (found === undefined || found === null || found === '') document.set(name, value);
  }
  for (const [list, item] of Object.entries(items)) put(document, list, item);
  return {text: document.toString({lineWidth: 0})};
}

function put(document: Document, list: string, item: JsonObject & {readonly name: string}): void {
  const found = document.get(list, true);
  if (!isSeq(found)) return document.set(list, [item]);
  const at = found.items.findIndex((each) => isMap(each) && each.get('name') === item.name);
  const node = document.createNode(item);
  if (at === -1) found.add(node);
  else found.set(at, node);
}
