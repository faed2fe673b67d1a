import {readdir, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import type {BundledFile, BundledImage, BundleIndex} from './bundle.ts';
import {sha256Of} from './digests.ts';
import {ArtifactError, type DownloadCache} from './download.ts';
import {imageArchive} from './image-archive.ts';
import type {Need, Needs} from './needs.ts';

/** Where things are looked for, and for whom. */
export interface Sources {
  /** Directories that hold files already, with all below them. */
  readonly directories: readonly string[];
  readonly cache: DownloadCache;
  readonly architectures: readonly string[];
  /** Told of each thing once it is there. */
  readonly found: (line: string) => void;
}

/** What a bundle is made of. */
export interface Collected {
  readonly index: BundleIndex;
  /** Where each file is on the controller, by digest. */
  readonly paths: ReadonlyMap<string, string>;
  /** What could not be had, as sentences; the index is of the rest. */
  readonly missing: readonly ArtifactError[];
}

/** Brings together all that is needed: what is missing is told in whole, and what could be had is kept for the next time. */
export async function collect({files, images}: Needs, sources: Sources): Promise<Collected> {
  const shelf = await Shelf.of(sources.directories);
  const had = await each(files, (need) => fileFor(need, shelf, sources));
  const packed = await each(images, (need) => imageFor(need, shelf, sources));
  const all = [...had.found, ...packed.found.map(({file}) => file)];
  const unique = new Map(all.map((file) => [file.entry.sha256, file]));
  const sorted = [...unique.values()].toSorted((a, b) => (a.entry.sha256 < b.entry.sha256 ? -1 : 1));
  return {
    index: {
      format: 1,
      architectures: [...sources.architectures].sort(),
      files: sorted.map(({entry}) => entry),
      images: packed.found.map(({image}) => image).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    },
    paths: new Map(sorted.map(({entry, path}) => [entry.sha256, path])),
    missing: [...had.missing, ...packed.missing],
  };
}

interface Placed {
  readonly entry: BundledFile;
  readonly path: string;
}

async function each<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Promise<Found>,
): Promise<{readonly found: readonly Found[]; readonly missing: readonly ArtifactError[]}> {
  const found: Found[] = [];
  const missing: ArtifactError[] = [];
  for (const item of items) {
    try {
      found.push(await find(item));
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      missing.push(error);
    }
  }
  return {found, missing};
}

async function fileFor({fetch, tasks}: Need<'file'>, shelf: Shelf, {cache, found}: Sources): Promise<Placed> {
  const {sha256, from} = fetch;
  const [source, name] = 'file' in from ? [basename(from.file), from.file] : [from.address, from.address];
  const path = (await shelf.find(sha256, basename(name))) ?? (await elsewhere(fetch, cache));
  const {size} = await stat(path);
  found(`${sha256.slice(0, 12)} ${size} ${tasks[0] ?? source}`);
  return {entry: {sha256, size, tasks, source}, path};
}

async function elsewhere({sha256, from}: Need<'file'>['fetch'], cache: DownloadCache): Promise<string> {
  if ('address' in from) return cache.get(sha256, from.address);
  const isThere = await stat(from.file).then(
    () => true,
    () => false,
  );
  if (!isThere)
    throw new ArtifactError('E701', `There is no file "${from.file}", and none with its SHA-256 ${sha256}.`);
  const digest = await sha256Of(from.file);
  if (digest === sha256) return from.file;
  throw new ArtifactError('E702', `"${from.file}" has the SHA-256 ${digest}, and ${sha256} is wanted.`);
}

async function imageFor(
  {fetch, tasks}: Need<'image'>,
  shelf: Shelf,
  {cache, architectures, found}: Sources,
): Promise<{readonly file: Placed; readonly image: BundledImage}> {
  const {name, digest} = fetch;
  const path = digest === undefined ? shelf.named(archiveNameOf(name)) : undefined;
  const archive =
    path === undefined ? await imageArchive({name, digest, architectures}, cache) : await onShelf(path);
  found(`${archive.sha256.slice(0, 12)} ${archive.size} ${tasks[0] ?? name}`);
  const entry = {sha256: archive.sha256, size: archive.size, tasks, source: name};
  return {file: {entry, path: archive.path}, image: {name, sha256: archive.sha256, digest: archive.digest}};
}

async function onShelf(path: string): Promise<{path: string; sha256: string; size: number; digest: string}> {
  return {path, sha256: await sha256Of(path), size: (await stat(path)).size, digest: ''};
}

/** What the archive of an image is called in a directory: its name, with what file names should not hold replaced. */
export const archiveNameOf = (image: string): string => `${image.replace(/[/:@]/g, '_')}.tar`;

/** Files in directories, found by their names or by what they hold. */
class Shelf {
  readonly #files: readonly string[];
  readonly #digests = new Map<string, Promise<string>>();

  private constructor(files: readonly string[]) {
    this.#files = files;
  }

  static async of(directories: readonly string[]): Promise<Shelf> {
    const files = await Promise.all(directories.map(filesBelow));
    return new Shelf(files.flat().sort());
  }

  named(name: string): string | undefined {
    return this.#files.find((file) => basename(file) === name);
  }

  /** Whatever a file is called, its digest decides; those with a likely name are read first. */
  async find(sha256: string, name: string): Promise<string | undefined> {
    const isLikely = (file: string): boolean => [sha256, name].includes(basename(file));
    for (const file of [...this.#files.filter(isLikely), ...this.#files])
      if ((await this.#digest(file)) === sha256) return file;
    return undefined;
  }

  #digest(file: string): Promise<string> {
    const digest = this.#digests.get(file) ?? sha256Of(file);
    this.#digests.set(file, digest);
    return digest;
  }
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, {recursive: true, withFileTypes: true}).catch(() => {
    throw new ArtifactError('E701', `There is no directory "${directory}".`);
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
