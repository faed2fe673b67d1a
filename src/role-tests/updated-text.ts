import {textOf} from '../catalog/read.ts';
import {Problems} from '../diagnostics/diagnostic.ts';
import type {YamlMap} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';

/**
 * The text of a test with another plan; every other character is as it was. `undefined` where a block does not fit in:
 * the whole file is a map in braces.
 */
export function updatedText({range, entries}: YamlMap, plan: string): string | undefined {
  const {text, file} = range.source;
  const block = `plan: |\n${plan
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')}\n`;
  const found = entries.get('plan');
  const updated = found
    ? `${text.slice(0, found.key.from)}${block}${text.slice(endOf(text, found.value.range.to))}`
    : `${text.trimEnd()}\n${block}`;
  const again = parseYaml({file, text: updated}, new Problems());
  return again && textOf(again, 'plan')?.trimEnd() === plan.trimEnd() ? updated : undefined;
}

/** A text in a line of its own ends before the break of that line, a block behind it. */
function endOf(text: string, to: number): number {
  if (text[to - 1] === '\n') return to;
  const end = text.indexOf('\n', to);
  return end === -1 ? text.length : end + 1;
}
