import {mkdirSync, statSync} from 'node:fs';
import nodeModule from 'node:module';
import {join} from 'node:path';
import process from 'node:process';
import {setFlagsFromString} from 'node:v8';
import {cacheFolder} from '../base/cache-folder.ts';

/**
 * Makes what is loaded behind it start sooner; what cannot be done costs nothing but that time. Since Node 22 the
 * compiled program is kept, and the next start need not compile it.
 */
export function quickStart(env: NodeJS.ProcessEnv): void {
  const {enableCompileCache} = nodeModule as {enableCompileCache?: (folder: string) => unknown}; // Node 20 has none.
  const folder = join(cacheFolder(env), 'compiled');
  if (enableCompileCache && isOurs(folder)) enableCompileCache(folder);
  // Node 20 optimizes whatever ran a few thousand times, and most runs are over before that pays. Later ones do not.
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=400000');
}

/** What lies there is run as a program: nobody else may have put it there. */
export function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700});
    const {uid, mode} = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}
