// Archives that are the same to the byte whenever their contents are.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {pack} from 'tar-stream';

/**
 * A regular file, unless it has a target (a symbolic link) or neither that nor content (a directory).
 * @typedef {object} Member
 * @property {string} name
 * @property {Uint8Array} [content]
 * @property {string} [target]
 * @property {number} mode
 */

/**
 * A tar, sorted by name, owned by root, as old as the epoch.
 * @param {readonly Member[]} members
 * @returns {Promise<Uint8Array>}
 */
export async function tarOf(members) {
  const archive = pack();
  const sorted = members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const {content, ...member} of sorted) archive.entry(headerOf(member, content), content);
  archive.finalize();
  const chunks = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * @param {Omit<Member, 'content'>} member
 * @param {Uint8Array | undefined} content
 */
function headerOf({name, mode, target}, content) {
  const owned = {name, mode, mtime: new Date(0), uid: 0, gid: 0};
  if (content) return {...owned, size: content.length};
  return target === undefined ? {...owned, type: 'directory'} : {...owned, type: 'symlink', linkname: target};
}

/** @param {Uint8Array} content */
export const gzipOf = (content) => gzipSync(content, {level: 9});

/**
 * One thread: with more of them the bytes depend on how many there are.
 * @param {Uint8Array} content
 */
function zstdOf(content) {
  const {status, stdout, stderr} = spawnSync('zstd', ['-6', '--single-thread', '-c'], {
    input: content,
    maxBuffer: 2 ** 31 - 1,
  });
  if (status !== 0) throw new Error(`zstd ends with ${status}: ${stderr}`);
  return stdout;
}

/** @param {Uint8Array | string} content */
export const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/**
 * An OCI image layout as one tar; its layers are compressed, as those of registries are.
 * @param {object} image
 * @param {string} image.reference
 * @param {string} image.arch
 * @param {readonly Uint8Array[]} image.layers as tar, the lowest first
 * @param {Readonly<Record<string, unknown>>} image.config
 * @returns {Promise<Uint8Array>}
 */
export async function ociImageOf({reference, arch, layers, config: started}) {
  const config = json({
    architecture: arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {WorkingDir: '/', ...started},
    rootfs: {type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`)},
    history: layers.map(() => ({created: '1970-01-01T00:00:00Z'})),
  });
  const compressed = layers.map(zstdOf);
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: compressed.map((layer) => descriptor('application/vnd.oci.image.layer.v1.tar+zstd', layer)),
  });
  return tarOf([
    {name: 'oci-layout', content: json({imageLayoutVersion: '1.0.0'}), mode: 0o644},
    {name: 'index.json', content: indexOf(reference, arch, manifest), mode: 0o644},
    ...[...compressed, config, manifest].map((blob) => ({
      name: `blobs/sha256/${sha256(blob)}`,
      content: blob,
      mode: 0o644,
    })),
  ]);
}

/**
 * Names the image as `ctr images import` reads it.
 * @param {string} reference
 * @param {string} architecture
 * @param {Uint8Array} manifest
 */
function indexOf(reference, architecture, manifest) {
  return json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest),
        platform: {architecture, os: 'linux'},
        annotations: {'io.containerd.image.name': reference},
      },
    ],
  });
}

/** @param {unknown} value */
const json = (value) => Buffer.from(JSON.stringify(value));

/**
 * @param {string} mediaType
 * @param {Uint8Array} content
 */
const descriptor = (mediaType, content) => ({mediaType, digest: `sha256:${sha256(content)}`, size: content.length});
