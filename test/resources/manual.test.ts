import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {BRACKETS} from '../../src/brackets/registry.ts';
import {FACT_KINDS} from '../../src/facts/registry.ts';
import {RESOURCES} from '../../src/resources/registry.ts';
import {kubesprayManual} from '../support/kubespray-manual.ts';
import {type ManualEntry, manualSections} from '../support/manual.ts';
import {shippedRoles} from '../support/roles.ts';
import {variableManual} from '../support/variable-manual.ts';

const DOCS = `${import.meta.dirname}/../../docs`;

const GENERATED =
  '<!-- Made from the code by `UPDATE_DOCS=1 npx vitest run test/resources/manual.test.ts`. -->\n';

const VERBS = {
  none: 'Nothing is done.',
  create: 'Creates',
  update: 'Updates',
  delete: 'Deletes',
  run: 'Runs',
};

const resources = [...RESOURCES.values()].map(
  (type): ManualEntry => ({
    ...type,
    examples: type.examples.map(({title, spec, action, commands}) => {
      const verb = action !== 'none' && commands.length === 0 ? 'Waits.' : VERBS[action];
      return {title, spec, results: {[verb]: commands}};
    }),
  }),
);

const brackets = [...BRACKETS.values()].map(
  (type): ManualEntry => ({
    ...type,
    examples: type.examples.map(({title, spec, open, close}) => ({
      title,
      spec,
      results: {Opens: open, Closes: close},
    })),
  }),
);

const facts = [...FACT_KINDS].map(
  ([name, make]) => `| \`${name}\` | ${make('x').kind.summary.replaceAll('|', '\\|')} |\n`,
);

const roles = await shippedRoles();

const VARIABLES = `What an inventory may set for the roles that come with the program, by the role that sets the default. Names and
meanings are those of kubespray where it has the variable too ([kubespray.md](kubespray.md) has those that differ). How hosts are
reached is in [inventory.md](inventory.md#connection). \`provision vars explain HOST NAME\` prints what a variable is on a host, and where that was set.

`;

const PAGES = [
  [
    'resources.md',
    `${GENERATED}# Resource types\n\nOne resource a task; its kind is the key. Every type says what must be true, looks, and does only what is missing.\n\n${manualSections(resources)}`,
  ],
  [
    'brackets.md',
    `${GENERATED}# Bracket types\n\nWhat is only true around a change: opened before the first task inside that changes something, closed behind the last.\n\n${manualSections(brackets)}`,
  ],
  [
    'facts.md',
    `${GENERATED}# Fact kinds\n\nWhat a \`check\` or \`present_if\` of a role may ask of a host: \`{KIND: KEY}\`.\n\n| Kind | What it tells |\n|---|---|\n${facts.join('')}`,
  ],
  ['variables.md', `${GENERATED}# Variables of the roles\n\n${VARIABLES}${variableManual(roles)}`],
  ['kubespray.md', kubesprayManual(readFileSync(`${DOCS}/kubespray.md`, 'utf8'), roles)],
] as const;

test.each(PAGES)('docs/%s says what the code says', (name, text) => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(`${DOCS}/${name}`, text);
  expect(readFileSync(`${DOCS}/${name}`, 'utf8')).toBe(text);
});
