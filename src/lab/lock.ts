import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {checkedLab, labsFolder} from './places.ts';

/**
 * Does something to a lab while nobody else does. The kernel's lock is held by a child that ends with its
 * input, so it is free again however this program ends.
 */
export async function whileLocked<Result>(lab: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(labsFolder(), {recursive: true});
  const file = join(labsFolder(), `${checkedLab(lab)}.lock`);
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(holder, 'close');
  await once(holder.stdout, 'data');
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
