import {createHash, createHmac} from 'node:crypto';
import {appendFileSync, mkdirSync, readFileSync} from 'node:fs';
import {dirname} from 'node:path';

/** Where the keys of hosts are known from, and what is done about unknown ones. */
export interface KnownHostsOptions {
  /** Read in order; new keys are written to the first. */
  readonly files: readonly string[];
  readonly policy: 'strict' | 'accept-new';
}

export type KeyVerdict =
  | {readonly verdict: 'accepted'}
  | {readonly verdict: 'rejected'; readonly because: string; readonly hint: string};

/** A line of a known_hosts file. */
export interface KnownHost {
  readonly place: string;
  readonly file: string;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  matches(name: string): boolean;
  readonly keyType: string;
  /** Base64. */
  readonly key: string;
}

/** The keys of hosts, as OpenSSH keeps them. */
export class KnownHosts {
  readonly #options: KnownHostsOptions;
  readonly #lines: KnownHost[];

  constructor(options: KnownHostsOptions) {
    this.#options = options;
    this.#lines = options.files.flatMap((file) => parseKnownHosts(readIfThere(file), file));
  }

  /** Key types that are known of a host: those to ask it for, else another key of it looks like a changed one. */
  keyTypes(address: string, port: number): readonly string[] {
    const types = this.#of(knownName(address, port))
      .filter(({marker}) => marker === undefined)
      .map(({keyType}) => keyType);
    return [...new Set(types)];
  }

  check(address: string, port: number, key: Buffer): KeyVerdict {
    const [name, text] = [knownName(address, port), key.toString('base64')];
    const lines = this.#of(name);
    const revoked = lines.find((line) => line.marker === 'revoked' && line.key === text);
    if (revoked) return rejected(`Its key is revoked at ${revoked.place}`, 'Give the host a new key.');
    const plain = lines.filter(({marker}) => marker === undefined);
    if (plain.some((line) => line.key === text)) return {verdict: 'accepted'};
    const [other] = plain;
    if (other) return changed(name, fingerprint(key), other);
    return this.#unknown(name, key);
  }

  #of(name: string): readonly KnownHost[] {
    return this.#lines.filter((line) => line.matches(name));
  }

  #unknown(name: string, key: Buffer): KeyVerdict {
    const [file] = this.#options.files;
    if (this.#options.policy === 'strict' || file === undefined) return unknownKey(name, fingerprint(key));
    const line = `${name} ${typeOf(key)} ${key.toString('base64')}`;
    appendLine(file, line);
    this.#lines.push(...parseKnownHosts(line, file));
    return {verdict: 'accepted'};
  }
}

/** As `ssh-keygen -l` prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** Lines that cannot be understood are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => parseLine(line.trim(), file, index + 1) ?? []);
}

function parseLine(line: string, file: string, number: number): KnownHost | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const fields = line.split(/\s+/);
  const marker = MARKERS[fields[0] ?? ''];
  if (line.startsWith('@') && marker === undefined) return undefined;
  const [names, keyType, key] = marker === undefined ? fields : fields.slice(1);
  if (names === undefined || keyType === undefined || key === undefined) return undefined;
  return {place: `${file}:${number}`, file, marker, matches: matcher(names), keyType, key};
}

const MARKERS: Readonly<Record<string, 'revoked' | 'cert-authority'>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'cert-authority',
};

function matcher(names: string): (name: string) => boolean {
  const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(names);
  if (hashed) {
    const salt = Buffer.from(hashed[1] ?? '', 'base64');
    return (name) => createHmac('sha1', salt).update(name).digest('base64') === hashed[2];
  }
  const patterns = names.toLowerCase().split(',');
  const [refused, wanted] = [patterns.filter(isNegative), patterns.filter((pattern) => !isNegative(pattern))];
  return (name) =>
    wanted.some((pattern) => fits(pattern, name)) && !refused.some((pattern) => fits(pattern.slice(1), name));
}

const isNegative = (pattern: string): boolean => pattern.startsWith('!');

function fits(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(name);
}

const knownName = (address: string, port: number): string =>
  port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;

/** A public key begins with the length and the name of its type. */
function typeOf(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

const rejected = (because: string, hint: string): KeyVerdict => ({verdict: 'rejected', because, hint});

const changed = (name: string, print: string, {place, file}: KnownHost): KeyVerdict =>
  rejected(
    `Its key ${print} is not the one at ${place}. Either it was installed anew, or somebody is in between`,
    `If the change is right, forget the old key: ssh-keygen -R ${JSON.stringify(name)} -f ${JSON.stringify(file)}`,
  );

const unknownKey = (name: string, print: string): KeyVerdict =>
  rejected(
    `Its key ${print} is not known`,
    `Compare the fingerprint, connect once with ssh, or accept new keys with --accept-new-host-keys; the name is ${name}.`,
  );

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** One write, so that runs that append at once do not mix their lines. */
function appendLine(file: string, line: string): void {
  mkdirSync(dirname(file), {recursive: true, mode: 0o700});
  const before = readIfThere(file);
  appendFileSync(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`, {mode: 0o600});
}
