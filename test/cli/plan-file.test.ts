import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type PlannedProject, readPlanFile, writePlanFile} from '../../src/cli/plan-file.ts';
import {savePlan} from '../../src/plan/saved-plan.ts';
import {PLAN, POISON} from '../report/recordings.ts';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'plan-file-')), 'next.plan');
});
afterEach(() => rmSync(join(file, '..'), {recursive: true}));

const PROJECT: PlannedProject = {
  inventory: ['hosts.yaml'],
  playbook: 'cluster',
  limit: 'w1',
  bundle: undefined,
  tags: [],
  skipTags: [],
  target: [],
  hasExtraVars: true,
};

test('a plan reads back as it was written', async () => {
  await writePlanFile(file, PLAN, PROJECT);
  expect(await readPlanFile(file)).toEqual({project: PROJECT, plan: savePlan(PLAN)});
});

test('a plan is only for its owner, and holds no secret', async () => {
  await writePlanFile(file, PLAN, PROJECT);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(POISON);
});

test.each(['', '{}', 'null', '{"format": 2, "tasks": [], "project": {}}', '{"format": 1, "tasks": []}'])(
  'a file that holds %j is not a plan',
  async (text) => {
    writeFileSync(file, text);
    await expect(readPlanFile(file)).rejects.toMatchObject({diagnostics: [{code: 'E604'}]});
  },
);

test('a plan that is not there cannot be read', async () => {
  await expect(readPlanFile(`${file}.none`)).rejects.toMatchObject({diagnostics: [{code: 'E101'}]});
});
