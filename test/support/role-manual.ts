import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Role} from '../../src/catalog/nouns.ts';
import type {Schema} from '../../src/yaml/inline.ts';
import type {YamlNode} from '../../src/yaml/node.ts';

const HEADING = '## Variables';

/** A role's README: what was written by hand, and behind it the table of its variables as they are now. */
export function manualOf(role: Role): string {
  const written = readFileSync(join(role.folder, 'README.md'), 'utf8');
  const prose = written.split(`\n${HEADING}`, 1)[0]?.trimEnd() ?? '';
  const properties = [...(role.variables?.properties ?? [])];
  const rows = properties.map(
    ([name, schema]) =>
      `| \`${name}\` | ${defaultOf(role, name, 'see `defaults.yaml`')} | ${wordsOf(schema)} |`,
  );
  return [prose, '', HEADING, '', '| name | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The default as it is written, or `elsewhere` where that is too much for a cell of a table. */
export function defaultOf(role: Role, name: string, elsewhere: string): string {
  const node = role.defaults.get(name)?.value;
  if (!node) return role.variables?.required.includes(name) === true ? 'must be set' : '';
  const text = sourceOf(node);
  return text.includes('\n') || text.length > 60 ? elsewhere : `\`${text.replaceAll('|', '\\|')}\``;
}

const sourceOf = ({range: {source, from, to}}: YamlNode): string => source.text.slice(from, to).trim();

/** What a variable means, as a cell of a table. */
export function wordsOf({description}: Schema): string {
  return typeof description === 'string' ? description.replaceAll('|', '\\|') : '';
}
