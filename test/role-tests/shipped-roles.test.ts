import {join} from 'node:path';
import {expect, test} from 'vitest';
import {renderAll} from '../../src/diagnostics/render.ts';
import {findCases} from '../../src/role-tests/find-cases.ts';
import {runCase} from '../../src/role-tests/run-case.ts';
import {ROLES, roleOf} from '../support/roles.ts';

const found = await findCases(join(import.meta.dirname, '../../roles'));
const cases = 'cases' in found ? found.cases : [];

test.each(cases)('$file says what the plan says', async (each) => {
  const {expected, now, problems} = await runCase(each, {});
  expect(renderAll(problems, {color: false})).toBe('');
  expect(now).toBe(expected);
});

/** What looks and changes nothing. */
const LOOKING: ReadonlySet<string> = new Set(['check', 'look']);

test('every role that changes something has a test, and so has preflight', async () => {
  const changing = await Promise.all(
    ROLES.map(async (name) => {
      const tasks = [...(await roleOf(name)).entrypoints.values()].flatMap((each) => each.tasks);
      return tasks.some(({kind}) => !LOOKING.has(kind)) ? [name] : [];
    }),
  );
  const tested = new Set(cases.map(({role}) => role));
  expect([...changing.flat(), 'preflight'].filter((name) => !tested.has(name))).toEqual([]);
});
