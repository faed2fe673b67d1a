import {open} from 'node:fs/promises';
import {BLOCK, END} from '../base/ustar.ts';
import type {SuppliedFile} from '../model/supply.ts';
import {sha256Of} from './digests.ts';
import {headerOf, memberAt, spaceOf} from './tar.ts';

/** One file of a bundle. */
export interface BundledFile {
  /** SHA-256, hexadecimal; its member is called by it. */
  readonly sha256: string;
  readonly size: number;
  /** The names of the tasks that bring it to hosts. */
  readonly tasks: readonly string[];
  /** Where it comes from: an address, or the name that the file had. */
  readonly source: string;
}

/** An image that has an archive in the bundle. */
export interface BundledImage {
  /** As containers name it. */
  readonly name: string;
  /** SHA-256 of its archive, which is one of the files. */
  readonly sha256: string;
  /** Of its manifest or index: `sha256:…`. */
  readonly digest: string;
}

/** The first member: all that a bundle holds, in the order in which it holds it. */
export interface BundleIndex {
  readonly format: 1;
  readonly architectures: readonly string[];
  readonly files: readonly BundledFile[];
  readonly images: readonly BundledImage[];
}

export const INDEX_NAME = 'bundle.json';
export const nameOfMember = (sha256: string): string => `sha256/${sha256}`;

/** The bytes of an index: the same for the same content. */
export const indexBytes = (index: BundleIndex): Buffer =>
  Buffer.from(`${JSON.stringify(index, undefined, 1)}\n`);

/** Why a file is not a bundle, or not a whole one. */
export class BundleError extends Error {}

/** A bundle whose index was read. */
export class Bundle {
  readonly path: string;
  readonly index: BundleIndex;
  readonly #offsets: ReadonlyMap<string, {readonly offset: number; readonly size: number}>;
  readonly #end: number;

  private constructor(path: string, index: BundleIndex) {
    this.path = path;
    this.index = index;
    const offsets = new Map<string, {readonly offset: number; readonly size: number}>();
    let at = spaceOf(indexBytes(index).length);
    for (const {sha256, size} of index.files) {
      offsets.set(sha256, {offset: at + BLOCK, size});
      at += spaceOf(size);
    }
    this.#offsets = offsets;
    this.#end = at;
  }

  /** Rejects with a `BundleError` where the file is none. */
  static async open(path: string): Promise<Bundle> {
    const file = await open(path).catch((error: unknown) => {
      throw new BundleError(`"${path}" cannot be read: ${messageOf(error)}.`);
    });
    try {
      const member = await memberAt(file, 0);
      if (member?.name !== INDEX_NAME) throw new BundleError(`"${path}" is not a bundle.`);
      const bytes = Buffer.alloc(member.size);
      await file.read(bytes, 0, member.size, BLOCK);
      const index = readIndex(bytes);
      if (!index || !indexBytes(index).equals(bytes))
        throw new BundleError(`"${path}" has an index that cannot be read.`);
      const bundle = new Bundle(path, index);
      const {size} = await file.stat();
      const whole = bundle.#end + END.length;
      if (size !== whole) throw new BundleError(`"${path}" has ${size} bytes, and a whole one has ${whole}.`);
      return bundle;
    } finally {
      await file.close();
    }
  }

  has(sha256: string): boolean {
    return this.#offsets.has(sha256);
  }

  /** Where the bytes of a file are in the bundle. */
  place(sha256: string): (SuppliedFile & {readonly offset: number; readonly size: number}) | undefined {
    const found = this.#offsets.get(sha256);
    return found && {file: this.path, ...found};
  }

  /** What is not as its index says, as sentences: every byte of the bundle is looked at. */
  async faults(): Promise<readonly string[]> {
    const file = await open(this.path);
    try {
      const faults: string[] = [];
      for (const [sha256, part] of this.#offsets) {
        const header = Buffer.alloc(BLOCK);
        await file.read(header, 0, BLOCK, part.offset - BLOCK);
        const isOurs = header.equals(headerOf({name: nameOfMember(sha256), size: part.size}));
        if (!isOurs) faults.push(`The member ${sha256} has another header.`);
        const found = await sha256Of(this.path, part);
        if (found !== sha256) faults.push(`The member ${sha256} has the SHA-256 ${found}.`);
      }
      return faults;
    } finally {
      await file.close();
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readIndex(bytes: Buffer): BundleIndex | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isIndex(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isList = (value: unknown, isItem: (item: Fields) => boolean): boolean =>
  Array.isArray(value) && value.every((each) => isFields(each) && isItem(each));
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isDigest = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

function isIndex(value: unknown): value is BundleIndex {
  if (!isFields(value) || value['format'] !== 1) return false;
  return (
    isTexts(value['architectures']) && isList(value['files'], isFile) && isList(value['images'], isImage)
  );
}

const isFile = ({sha256, size, tasks, source}: Fields): boolean =>
  isDigest(sha256) && Number.isSafeInteger(size) && isTexts(tasks) && typeof source === 'string';
const isImage = ({name, sha256, digest}: Fields): boolean =>
  isDigest(sha256) && typeof name === 'string' && typeof digest === 'string';
