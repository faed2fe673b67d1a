import {createReadStream, createWriteStream} from 'node:fs';
import {mkdir, rename} from 'node:fs/promises';
import {dirname} from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {END, paddingOf} from '../base/ustar.ts';
import {sha256Of} from './digests.ts';
import {ArtifactError, type DownloadCache} from './download.ts';
import {type Descriptor, isIndex, locationOf, namedIn, Repository} from './registry.ts';
import {headerOf, spaceOf} from './tar.ts';

/** An image as one file that `ctr images import` and others read. */
export interface ImageArchive {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  /** Of the image's manifest or index: `sha256:…`. */
  readonly digest: string;
}

/** Bytes that are known, or a file that has them. */
type Blob = {readonly digest: string; readonly size: number} & (
  | {readonly bytes: Buffer}
  | {readonly path: string}
);

export interface WantedImage {
  readonly name: string;
  readonly digest: string | undefined;
  readonly architectures: readonly string[];
}

/**
 * Reads an image from its registry and packs it as an OCI layout: of an image for many platforms those of the
 * wanted architectures alone, under the digest that the whole of it has. The same image gives the same bytes.
 */
export async function imageArchive(wanted: WantedImage, cache: DownloadCache): Promise<ImageArchive> {
  const location = locationOf(wanted.name);
  const repository = new Repository(location, cache);
  const top = await repository.manifest(wanted.digest ?? location.version);
  const blobs = await blobsOf(top, wanted, repository);
  const entries = entriesOf(wanted.name, top.descriptor, blobs);
  const path = cache.pathOf(`image-${top.descriptor.digest.slice(7)}-${wanted.architectures.join('-')}`);
  await mkdir(dirname(path), {recursive: true});
  await pipeline(Readable.from(bytesOf(entries), {objectMode: false}), createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
  const size = entries.reduce((sum, entry) => sum + spaceOf(entry.size), END.length);
  return {path, sha256: await sha256Of(path), size, digest: top.descriptor.digest};
}

type Found = Awaited<ReturnType<Repository['manifest']>>;

async function blobsOf(
  top: Found,
  {name, architectures}: WantedImage,
  repository: Repository,
): Promise<readonly Blob[]> {
  const found = isIndex(top.descriptor) ? await platformsOf(top, architectures, repository) : [top];
  if (found.length === 0)
    throw new ArtifactError('E701', `The image ${name} is not there for ${architectures.join(', ')}.`);
  const parts = found.flatMap(({bytes}) => namedIn(bytes).blobs);
  const files = parts.map(async (part): Promise<Blob> => ({...part, path: await repository.blob(part)}));
  const own = [...new Set([top, ...found])].map(({descriptor, bytes}): Blob => ({...descriptor, bytes}));
  return [...own, ...(await Promise.all(files))];
}

function platformsOf(
  {bytes}: Found,
  architectures: readonly string[],
  repository: Repository,
): Promise<readonly Found[]> {
  const suiting = namedIn(bytes).manifests.filter(
    ({platform}) => platform?.os === 'linux' && architectures.includes(platform.architecture),
  );
  return Promise.all(suiting.map(({digest}) => repository.manifest(digest)));
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly content: {readonly bytes: Buffer} | {readonly path: string};
}

/** Names the image as `ctr images import` reads it. */
function entriesOf(name: string, top: Descriptor, blobs: readonly Blob[]): readonly Entry[] {
  const annotations = {'io.containerd.image.name': name};
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{mediaType: top.mediaType, digest: top.digest, size: top.size, annotations}],
  };
  const unique = new Map(blobs.map((blob) => [blob.digest, blob]));
  const sorted = [...unique.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  return [
    entryOf('oci-layout', {imageLayoutVersion: '1.0.0'}),
    entryOf('index.json', index),
    ...sorted.map((blob) => ({
      name: `blobs/${blob.digest.replace(':', '/')}`,
      size: blob.size,
      content: blob,
    })),
  ];
}

function entryOf(name: string, value: object): Entry {
  const bytes = Buffer.from(JSON.stringify(value));
  return {name, size: bytes.length, content: {bytes}};
}

async function* bytesOf(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  for (const {name, size, content} of entries) {
    yield headerOf({name, size});
    if ('bytes' in content) yield content.bytes;
    else yield* createReadStream(content.path, {highWaterMark: 1 << 20});
    yield paddingOf(size);
  }
  yield END;
}
