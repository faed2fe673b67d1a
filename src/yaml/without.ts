import {isMap, isNode, isScalar, isSeq, parseDocument} from 'yaml';

/**
 * The text of a map in YAML without the keys with these names, or of a list without the items of which `name` is one
 * of them. All else stays as it is written; `undefined` where it is neither, or not in block style.
 */
export function withoutNamed(text: string, names: ReadonlySet<string>): string | undefined {
  if (names.size === 0) return text;
  const {contents, errors} = parseDocument(text, {uniqueKeys: false});
  if (errors.length > 0 || !(contents === null || isMap(contents) || isSeq(contents))) return undefined;
  if (contents?.flow === true) return undefined;
  const entries = (contents?.items ?? []).map((item): Entry => {
    const [first, name] = isNode(item) ? [item, isMap(item) ? item.get('name') : ''] : [item.key, item.key];
    const at = isNode(first) ? (first.range?.[0] ?? 0) : 0;
    return {from: text.lastIndexOf('\n', at) + 1, name: String(isScalar(name) ? name.value : name)};
  });
  const parts = entries.map(({from, name}, index) =>
    names.has(name) ? '' : text.slice(from, entries[index + 1]?.from),
  );
  return text.slice(0, entries[0]?.from) + parts.join('');
}

interface Entry {
  /** Where its first line begins. */
  readonly from: number;
  readonly name: string;
}
