import {mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import {must} from './run.ts';

/** Copies a folder with all that a root file system has: owners, links, holes, extended attributes, whiteouts. */
export async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), {recursive: true});
  await must(['cp', '--archive', '--reflink=auto', '--sparse=auto', '--no-target-directory', from, to]);
}
