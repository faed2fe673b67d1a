import {sha256Hex} from '../base/sha256-hex.ts';
import {ArtifactError, ask, type DownloadCache, request} from './download.ts';

/** A part of an image, by digest. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly size: number;
  readonly platform?: {readonly architecture: string; readonly os: string; readonly variant?: string};
}

/** Where an image is, taken apart from its name. */
export interface ImageLocation {
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest. */
  readonly version: string;
}

/** As containers name images: without a registry it is Docker's, and its own images are below `library/`. */
export function locationOf(name: string): ImageLocation {
  const [bare = '', digest] = name.split('@');
  const tag = /:([^/:]+)$/.exec(bare)?.[1];
  const path = tag === undefined ? bare : bare.slice(0, -tag.length - 1);
  const [first = '', ...rest] = path.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = isRegistry ? first : 'docker.io';
  const inside = isRegistry ? rest.join('/') : path;
  const repository = registry === 'docker.io' && !inside.includes('/') ? `library/${inside}` : inside;
  return {registry, repository, version: digest ?? tag ?? 'latest'};
}

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Reads one repository of a registry, as anybody may who has no account. */
export class Repository {
  readonly #location: ImageLocation;
  readonly #cache: DownloadCache;
  #authorization: Readonly<Record<string, string>> | undefined;

  constructor(location: ImageLocation, cache: DownloadCache) {
    this.#location = location;
    this.#cache = cache;
  }

  /** A manifest or an index by tag or digest, with its bytes: they are what its digest is of. */
  async manifest(version: string): Promise<{readonly descriptor: Descriptor; readonly bytes: Buffer}> {
    const address = this.#address(`manifests/${version}`);
    const accept = [...INDEXES, ...MANIFESTS].join(', ');
    const answer = await request(address, {accept, ...(await this.#authorized(address))});
    const bytes = Buffer.from(await answer.arrayBuffer());
    const digest = `sha256:${sha256Hex(bytes)}`;
    if (version.startsWith('sha256:') && version !== digest)
      throw new ArtifactError('E702', `${address} has the digest ${digest}.`);
    const mediaType = (answer.headers.get('content-type') ?? MANIFESTS[0] ?? '').replace(/;.*$/, '');
    return {descriptor: {mediaType, digest, size: bytes.length}, bytes};
  }

  /** The path of a layer or a configuration on the controller. */
  async blob({digest}: Descriptor): Promise<string> {
    const address = this.#address(`blobs/${digest}`);
    return this.#cache.get(digest.replace('sha256:', ''), address, await this.#authorized(address));
  }

  #address(path: string): string {
    const {registry, repository} = this.#location;
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const scheme = /^(localhost|127\.[0-9.]+)(:\d+)?$/.test(host) ? 'http' : 'https';
    return `${scheme}://${host}/v2/${repository}/${path}`;
  }

  /** Registries that want a token tell where anybody may get one. */
  async #authorized(address: string): Promise<Readonly<Record<string, string>>> {
    this.#authorization ??= await authorizationFor(address);
    return this.#authorization;
  }
}

async function authorizationFor(address: string): Promise<Readonly<Record<string, string>>> {
  const answer = await ask(address, {accept: [...INDEXES, ...MANIFESTS].join(', ')});
  await answer.body?.cancel();
  const challenge = answer.headers.get('www-authenticate') ?? '';
  if (answer.status !== 401 || !/^bearer /i.test(challenge)) return {};
  const {realm, ...query} = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  if (realm === undefined) return {};
  const token: unknown = await (
    await request(`${realm}?${new URLSearchParams(query).toString()}`, {})
  ).json();
  const fields: Readonly<Record<string, unknown>> =
    typeof token === 'object' && token !== null ? {...token} : {};
  const text = fields['token'] ?? fields['access_token'];
  return typeof text === 'string' ? {authorization: `Bearer ${text}`} : {};
}

export const isIndex = ({mediaType}: Descriptor): boolean => INDEXES.includes(mediaType);

/** What a manifest or an index names. */
export function namedIn(bytes: Buffer): {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
} {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  const fields: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? {...value} : {};
  const {manifests, config, layers} = fields;
  return {manifests: listOf(manifests), blobs: listOf([config, ...(Array.isArray(layers) ? layers : [])])};
}

const listOf = (value: unknown): readonly Descriptor[] =>
  Array.isArray(value) ? value.filter(isDescriptor) : [];

const isDescriptor = (value: unknown): value is Descriptor =>
  typeof value === 'object' &&
  value !== null &&
  'digest' in value &&
  /^sha256:[0-9a-f]{64}$/.test(String(value.digest));
