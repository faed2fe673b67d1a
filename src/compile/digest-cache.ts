import {mkdirSync, readFileSync, renameSync, type Stats, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {cacheFolder} from '../base/cache-folder.ts';

/** Below that reading the file is as quick as looking it up. */
const LARGE_BYTES = 1 << 20;

/** Where digests of large files are remembered from run to run; it may be deleted at any time. */
export const digestCacheFile = (): string => join(cacheFolder(), 'digests.json');

/**
 * Digests of files that have not changed since they were read, which the kernel tells: every change of a file sets
 * the time of its change. What cannot be kept is read again in the next run.
 */
export class DigestCache {
  readonly #file: string;
  #known: Record<string, string> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** The digest of a file as it was read earlier, or as `read` gives it now. */
  digestOf(path: string, stats: Stats, read: () => string): string {
    if (stats.size < LARGE_BYTES) return read();
    const known = (this.#known ??= knownIn(this.#file));
    const stamp = `${stats.size} ${stats.ino} ${stats.ctimeMs} `;
    const found = known[path];
    if (found?.startsWith(stamp) === true) return found.slice(stamp.length);
    const digest = read();
    this.#known = {...known, [path]: stamp + digest};
    this.#save();
    return digest;
  }

  #save(): void {
    const temporary = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), {recursive: true});
      writeFileSync(temporary, JSON.stringify(this.#known), {mode: 0o600});
      renameSync(temporary, this.#file);
    } catch {
      // A home that cannot be written costs time, and nothing else.
    }
  }
}

function knownIn(file: string): Record<string, string> {
  try {
    const known: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof known !== 'object' || known === null) return {};
    return Object.fromEntries(Object.entries(known).filter(([, entry]) => typeof entry === 'string'));
  } catch {
    return {};
  }
}
