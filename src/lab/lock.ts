import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {LabError} from './lab-error.ts';
import {checkedLab, labsFolder} from './places.ts';

/** Locks the file that has the name now: who removes a lab removes its lock as well, while it holds it. */
const HOLD = `while exec 9> "$1" && flock 9 && ! [ "/proc/$$/fd/9" -ef "$1" ]; do :; done
echo held
exec cat`;

/** The file on which a lab is locked. */
export const lockFile = (lab: string): string => join(labsFolder(), `${checkedLab(lab)}.lock`);

/**
 * Does something while nobody else does what is locked by the same file. The kernel's lock is held by a child
 * that ends with its input, so it is free again however this program ends.
 */
export async function whileLocked<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(file), {recursive: true});
  const holder = spawn('sh', ['-c', HOLD, 'lock', file], {stdio: ['pipe', 'pipe', 'ignore']});
  const ended = once(holder, 'close');
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!held) throw new LabError(`${file} cannot be locked.`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
