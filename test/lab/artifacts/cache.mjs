// Where everything lies that was made before.
import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {sha256} from './archive.mjs';

export const HERE = dirname(fileURLToPath(import.meta.url));
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'provision', 'artifacts');
const INDEX = join(CACHE, 'index.json');

/** As release files are named. */
export const ARCH = {x64: 'amd64', arm64: 'arm64'}[process.arch] ?? '';

/**
 * @typedef {object} Built
 * @property {string} name
 * @property {string} version
 * @property {string} arch
 * @property {string} file as the release file is called
 * @property {string} sha256
 * @property {number} size
 * @property {string} path
 * @property {string} inputs digest of all that decides what comes out
 * @property {string} [reference] of an image
 * @property {boolean} [published] it is the published release
 */

/** @returns {Built[]} */
export function readIndex() {
  try {
    return JSON.parse(readFileSync(INDEX, 'utf8')).artifacts;
  } catch {
    return [];
  }
}

/**
 * In place of what was there by this name.
 * @param {Built} built
 */
export function remember(built) {
  const others = readIndex().filter(({name, arch}) => name !== built.name || arch !== built.arch);
  writeWhole(INDEX, `${JSON.stringify({artifacts: [...others, built]}, undefined, 2)}\n`);
}

/**
 * Written beside and renamed: a reader sees the old file or the new one.
 * @param {string} path
 * @param {string | Uint8Array} content
 */
export function writeWhole(path, content) {
  mkdirSync(dirname(path), {recursive: true});
  const part = `${path}.${process.pid}`;
  writeFileSync(part, content);
  renameSync(part, path);
}

/** @param {unknown} value */
export const digestOf = (value) => sha256(JSON.stringify(value));
