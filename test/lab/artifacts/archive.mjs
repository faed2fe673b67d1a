// Archives that are the same to the byte whenever their contents are.
import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {pack} from 'tar-stream';

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {Uint8Array} content
 * @property {number} mode
 */

/**
 * A tar of regular files, sorted by name, owned by root, as old as the epoch.
 * @param {readonly Member[]} members
 * @returns {Promise<Uint8Array>}
 */
export async function tarOf(members) {
  const archive = pack();
  const sorted = members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const {name, content, mode} of sorted)
    archive.entry({name, mode, size: content.length, mtime: new Date(0), uid: 0, gid: 0}, content);
  archive.finalize();
  const chunks = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {Uint8Array} content */
export const gzipOf = (content) => gzipSync(content, {level: 9});

/** @param {Uint8Array | string} content */
export const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/**
 * An OCI image layout as one tar: one layer that holds one program, which is the entrypoint.
 * @param {{readonly reference: string, readonly arch: string, readonly program: string, readonly content: Uint8Array}} image
 * @returns {Promise<Uint8Array>}
 */
export async function ociImageOf({reference, arch, program, content}) {
  const layer = await tarOf([{name: program, content, mode: 0o755}]);
  const config = json({
    architecture: arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {Entrypoint: [`/${program}`], WorkingDir: '/', User: '65534:65534'},
    rootfs: {type: 'layers', diff_ids: [`sha256:${sha256(layer)}`]},
    history: [{created: '1970-01-01T00:00:00Z'}],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest),
        platform: {architecture: arch, os: 'linux'},
        annotations: {'io.containerd.image.name': reference},
      },
    ],
  });
  return tarOf([
    {name: 'oci-layout', content: json({imageLayoutVersion: '1.0.0'}), mode: 0o644},
    {name: 'index.json', content: index, mode: 0o644},
    ...[layer, config, manifest].map((blob) => ({
      name: `blobs/sha256/${sha256(blob)}`,
      content: blob,
      mode: 0o644,
    })),
  ]);
}

/** @param {unknown} value */
const json = (value) => Buffer.from(JSON.stringify(value));

/**
 * @param {string} mediaType
 * @param {Uint8Array} content
 */
const descriptor = (mediaType, content) => ({mediaType, digest: `sha256:${sha256(content)}`, size: content.length});
