import {createHash} from 'node:crypto';
import {closeSync, openSync, readFileSync, readSync, statSync} from 'node:fs';
import {DigestCache, digestCacheFile} from './digest-cache.ts';
import type {LocalFile, LocalFiles} from './input.ts';

/** What travels in the stream of steps; anything larger is sent through a channel of its own, by digest. */
const MOST_TEXT_BYTES = 64 * 1024;

/** The controller's own files, each read once. */
export class DiskFiles implements LocalFiles {
  readonly #known = new Map<string, LocalFile | undefined>();
  readonly #digests = new Map<string, string | undefined>();
  readonly #offered: (sha256: string) => boolean;
  readonly #cache: DigestCache;

  constructor(
    offered: (sha256: string) => boolean = () => false,
    cache: DigestCache = new DigestCache(digestCacheFile()),
  ) {
    this.#offered = offered;
    this.#cache = cache;
  }

  offers(sha256: string): boolean {
    return this.#offered(sha256);
  }

  has(path: string): boolean {
    return statSync(path, {throwIfNoEntry: false})?.isFile() ?? false;
  }

  read(path: string): LocalFile | undefined {
    if (!this.#known.has(path)) this.#known.set(path, this.has(path) ? readLocal(path) : undefined);
    return this.#known.get(path);
  }

  digest(path: string): string | undefined {
    if (!this.#digests.has(path)) this.#digests.set(path, this.#digestOf(path));
    return this.#digests.get(path);
  }

  #digestOf(path: string): string | undefined {
    const stats = statSync(path, {throwIfNoEntry: false});
    if (!stats?.isFile()) return undefined;
    return this.#cache.digestOf(path, stats, () => digestOf(path));
  }
}

function readLocal(path: string): LocalFile {
  const text = statSync(path).size <= MOST_TEXT_BYTES ? textOf(readFileSync(path)) : undefined;
  if (text !== undefined) return {type: 'text', text};
  return {type: 'digest', sha256: digestOf(path), file: path};
}

/** `undefined` for what is no text: a string could not hold it unharmed. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Piece by piece: such files may be larger than memory. */
function digestOf(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(256 * 1024);
  const file = openSync(path, 'r');
  try {
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, size));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
