import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {CONNECTION_VARIABLES} from '../../src/inventory/connection.ts';
import {IMPLICIT_GROUPS} from '../../src/inventory/inventory.ts';
import {SECRET_VARIABLES} from '../../src/inventory/layer.ts';
import {groupIn, inventoryOf} from './support.ts';

const manual = readFileSync(join(import.meta.dirname, '../../docs/inventory.md'), 'utf8');

test('the manual names every connection variable and every group that always exists', () => {
  const named = new Set([...manual.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const needed = [...CONNECTION_VARIABLES, ...SECRET_VARIABLES, ...IMPLICIT_GROUPS];
  expect(needed.filter((name) => !named.has(name))).toEqual([]);
});

test('the example of the manual loads without a mistake', () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(manual) ?? [];
  const {inventory, found} = inventoryOf(example);
  expect(found).toEqual([]);
  expect(groupIn(inventory, 'k8s_cluster').hosts).toEqual(['cp1', 'w1', 'w2', 'w3']);
});
