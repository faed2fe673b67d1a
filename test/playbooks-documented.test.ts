import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {parse} from 'yaml';
import {PLAYBOOK_SCHEMA} from '../src/catalog/schemas.ts';
import {checkValue} from '../src/yaml/schema.ts';

const text = readFileSync(join(import.meta.dirname, '../docs/playbooks.md'), 'utf8');

test('the playbook in the manual is one', () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(text) ?? [];
  const plays: unknown = parse(example);
  expect(plays).toHaveLength(3);
  expect(checkValue(plays, PLAYBOOK_SCHEMA).problems).toEqual([]);
});

test('the manual tells every word of a play', () => {
  const {properties} = Object(PLAYBOOK_SCHEMA['items']);
  const words = [...Object.keys(properties), ...Object.keys(properties.rollout.properties)];
  expect(words.filter((word) => !text.includes(`\`${word}\``))).toEqual([]);
});
