import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parse} from 'yaml';
import type {Role} from '../../src/catalog/nouns.ts';
import {isObject, type Schema} from '../../src/yaml/inline.ts';
import {defaultOf} from './role-manual.ts';
import {ownerOf} from './variable-manual.ts';

/** Where the table stands in the page; what is before it is written by hand. */
const HEADING = '## Variables';

/** The page for users of kubespray: what was written by hand, and behind it its variables and ours as they are now. */
export function kubesprayManual(page: string, roles: readonly Role[]): string {
  const prose = page.split(`\n${HEADING}`, 1)[0]?.trimEnd() ?? '';
  const sections = Object.entries(variables()).map(([topic, names]) => sectionOf(topic, names, roles));
  return `${prose}\n\n${HEADING}\n\n${LEGEND}\n${sections.join('\n')}`;
}

const LEGEND = `Those of kubespray 2.31 that are set most; all of ours are in [variables.md](variables.md). "same": name and meaning are the same.
`;

/** By topic and name, what is to be said of a variable of kubespray. */
function variables(): Readonly<Record<string, Schema>> {
  const text = readFileSync(join(import.meta.dirname, 'kubespray-variables.yaml'), 'utf8');
  return Object.fromEntries(
    Object.entries(schemaOf(parse(text))).map(([topic, each]) => [topic, schemaOf(each)]),
  );
}

function sectionOf(topic: string, names: Schema, roles: readonly Role[]): string {
  const rows = Object.entries(names).map(([name, said]) => rowOf(name, schemaOf(said), roles));
  const head = ['| kubespray | its default | here | our default | |', '|---|---|---|---|---|'];
  return [`### ${topic}`, '', ...head, ...rows, ''].join('\n');
}

function rowOf(name: string, said: Schema, roles: readonly Role[]): string {
  const role = ownerOf(name, roles);
  const theirs = textOf(said, 'default');
  const shown = theirs === '' ? '' : `\`${theirs}\``;
  if (!role) return `| \`${name}\` | ${shown} | – | | ${textOf(said, 'absent')} |`;
  const ours = defaultOf(role, name, `[see there](../roles/${role.name}/defaults.yaml)`);
  return `| \`${name}\` | ${shown} | same | ${ours} | ${textOf(said, 'note')} |`;
}

const schemaOf = (value: unknown): Schema => (isObject(value) ? value : {});

function textOf(said: Schema, key: string): string {
  const value = said[key];
  return typeof value === 'string' ? value.replaceAll('|', '\\|') : '';
}
