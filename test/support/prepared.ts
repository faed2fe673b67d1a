import {existsSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {removeSnapshot, snapshotNames} from '../../src/lab/snapshot.ts';
import {labSupport} from '../../src/lab/support.ts';

/** Told to the files of tests, which run in processes of their own. */
const VARIABLE = 'PROVISION_TEST_SNAPSHOT';
const PREFIX = 'test-prepared-';

/** The snapshot of this run of the tests: hosts that have all but their cluster. The first file that needs it makes it. */
export function preparedName(): string {
  const name = process.env[VARIABLE];
  if (name === undefined) throw new Error('The set-up of the lab tests was not run.');
  return name;
}

/** Held by the file that makes it: the next one finds it there. */
export const preparedLock = (): string => join(tmpdir(), `${preparedName()}.lock`);

/** Before the first file of lab tests: what runs left that were killed goes. */
export async function setup(): Promise<void> {
  process.env[VARIABLE] = `${PREFIX}${process.pid}`;
  if (!labSupport().ok) return;
  const dead = snapshotNames().filter((name) => name.startsWith(PREFIX) && !isAlive(name));
  for (const name of dead) await removeSnapshot(name).catch(() => undefined); // A dead lab may stand on it.
}

/** Behind the last one. */
export async function teardown(): Promise<void> {
  rmSync(preparedLock(), {force: true});
  if (snapshotNames().includes(preparedName())) await removeSnapshot(preparedName());
}

const isAlive = (name: string): boolean => existsSync(`/proc/${name.slice(PREFIX.length)}`);
