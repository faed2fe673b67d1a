import {createReadStream, createWriteStream} from 'node:fs';
import {rename, rm} from 'node:fs/promises';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {END, paddingOf} from '../base/ustar.ts';
import type {SuppliedFile} from '../model/supply.ts';
import {type BundleIndex, INDEX_NAME, indexBytes, nameOfMember} from './bundle.ts';
import {headerOf} from './tar.ts';

/** Writes a bundle in whole or not at all. The same index and files give the same bytes. */
export async function writeBundle(
  path: string,
  index: BundleIndex,
  placeOf: (sha256: string) => SuppliedFile,
): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(Readable.from(bytesOf(index, placeOf), {objectMode: false}), createWriteStream(part));
    await rename(part, path);
  } catch (error) {
    await rm(part, {force: true});
    throw error;
  }
}

async function* bytesOf(
  index: BundleIndex,
  placeOf: (sha256: string) => SuppliedFile,
): AsyncGenerator<Uint8Array> {
  const head = indexBytes(index);
  yield headerOf({name: INDEX_NAME, size: head.length});
  yield head;
  yield paddingOf(head.length);
  for (const {sha256, size} of index.files) {
    yield headerOf({name: nameOfMember(sha256), size});
    yield* contentOf(placeOf(sha256), size);
    yield paddingOf(size);
  }
  yield END;
}

async function* contentOf({file, offset = 0}: SuppliedFile, size: number): AsyncGenerator<Uint8Array> {
  if (size === 0) return;
  yield* createReadStream(file, {start: offset, end: offset + size - 1, highWaterMark: 1 << 20});
}
