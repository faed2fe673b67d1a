#!/usr/bin/env node
// Builds what lab hosts run, into a cache that is addressed by content. README.md tells how to use it.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {gzipOf, ociImageOf, sha256, tarOf} from './archive.mjs';
import {RECIPES} from './recipes.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'provision', 'artifacts');
const INDEX = join(CACHE, 'index.json');
const HELLO_IMAGE = 'lab.invalid/hello';

/** As release files are named. */
const ARCH = {x64: 'amd64', arm64: 'arm64'}[process.arch];

/**
 * @typedef {object} Built
 * @property {string} name
 * @property {string} version
 * @property {string} arch
 * @property {string} file as the release file is called
 * @property {string} sha256
 * @property {string} path
 * @property {string} inputs digest of all that decides what comes out
 */

/** @returns {Built[]} */
function readIndex() {
  try {
    return JSON.parse(readFileSync(INDEX, 'utf8')).artifacts;
  } catch {
    return [];
  }
}

/**
 * Written beside and renamed: a reader sees the old index or the new one.
 * @param {string} path
 * @param {string | Uint8Array} content
 */
function writeWhole(path, content) {
  mkdirSync(dirname(path), {recursive: true});
  const part = `${path}.${process.pid}`;
  writeFileSync(part, content);
  renameSync(part, path);
}

/** @param {import('./recipes.mjs').Recipe} recipe */
function inputsOf(recipe) {
  const folder = join(HERE, recipe.folder);
  const files = readdirSync(folder).toSorted().map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`);
  const tools = ['archive.mjs'].map((name) => sha256(readFileSync(join(HERE, name))));
  return sha256(JSON.stringify([recipe, files, tools, ARCH, go(folder, ['env', 'GOVERSION'])]));
}

/**
 * @param {string} folder
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function go(folder, args, env = {}) {
  const options = {cwd: folder, env: {...process.env, GOFLAGS: '-buildvcs=false', ...env}, stdio: ['ignore', 'pipe', 'inherit']};
  return execFileSync('nice', ['-n', '10', 'go', ...args], options).toString().trim();
}

/**
 * The programs of a module, by name.
 * @param {import('./recipes.mjs').Recipe} recipe
 * @returns {Map<string, Uint8Array>}
 */
function compile({folder, ldflags, tags, cgo}) {
  const out = mkdtempSync(join(tmpdir(), 'provision-artifact-'));
  try {
    const what = existsSync(join(HERE, folder, 'main.go')) ? '.' : 'tool';
    const flags = ['-mod=readonly', '-trimpath', '-tags', tags.join(','), '-ldflags', `-s -w -buildid= ${ldflags}`];
    go(join(HERE, folder), ['build', ...flags, '-o', `${out}/`, what], {CGO_ENABLED: cgo ? '1' : '0', GOOS: 'linux'});
    return new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name))]));
  } finally {
    rmSync(out, {recursive: true});
  }
}

/**
 * @param {import('./recipes.mjs').Recipe} recipe
 * @param {Map<string, Uint8Array>} programs
 */
async function packed({version, pack, prefix}, programs) {
  const [[program, content]] = programs;
  if (pack === 'file') return content;
  if (pack === 'image')
    return ociImageOf({reference: `${HELLO_IMAGE}:${version}`, arch: ARCH, program, content});
  return gzipOf(await tarOf([...programs].map(([file, bytes]) => ({name: `${prefix}${file}`, content: bytes, mode: 0o755}))));
}

/**
 * @param {import('./recipes.mjs').Recipe} recipe
 * @returns {Promise<Built>}
 */
async function build(recipe) {
  const {name, version, file} = recipe;
  const content = await packed(recipe, compile(recipe));
  const digest = sha256(content);
  const path = join(CACHE, 'sha256', digest);
  if (!existsSync(path)) writeWhole(path, content);
  return {name, version, arch: ARCH, file: file(ARCH), sha256: digest, path, inputs: inputsOf(recipe)};
}

/** @param {readonly Built[]} built */
function variablesOf(built) {
  const lines = built.flatMap(({name, sha256: digest, path}) => {
    const {src, checksum} = RECIPES.find((recipe) => recipe.name === name).variables;
    return [`${src}: ${JSON.stringify(path)}`, `${checksum}: ${digest}`];
  });
  return ['# Written by test/lab/artifacts/build.mjs: local builds, by digest.', ...lines, ''].join('\n');
}

const LAB_VARIABLES = join(HERE, '../../../inventories/lab/group_vars/all/artifacts.yaml');

/**
 * What is there and was made from the same inputs is not made again.
 * @param {import('./recipes.mjs').Recipe} recipe
 * @param {boolean} force
 */
async function present(recipe, force) {
  const inputs = inputsOf(recipe);
  const before = readIndex().find((each) => each.name === recipe.name && each.inputs === inputs && existsSync(each.path));
  if (before && !force) return before;
  process.stderr.write(`building ${recipe.name} ${recipe.version} (${ARCH})\n`);
  const built = await build(recipe);
  const others = readIndex().filter(({name, arch}) => name !== built.name || arch !== built.arch);
  writeWhole(INDEX, `${JSON.stringify({artifacts: [...others, built]}, undefined, 2)}\n`);
  return built;
}

async function main() {
  const {values} = parseArgs({
    options: {
      only: {type: 'string', multiple: true},
      vars: {type: 'string'},
      json: {type: 'boolean', default: false},
      force: {type: 'boolean', default: false},
    },
  });
  if (!ARCH) throw new Error(`Nothing is known about how to build for ${process.arch}.`);
  const wanted = RECIPES.filter(({name}) => values.only === undefined || values.only.includes(name));
  const built = [];
  for (const recipe of wanted) built.push(await present(recipe, values.force));
  const variables = values.vars ?? (values.only === undefined ? LAB_VARIABLES : undefined);
  if (variables !== undefined) writeWhole(variables, variablesOf(built));
  const lines = built.map(({name, version, arch, sha256: digest}) => `${name} ${version} ${arch} sha256:${digest}`);
  process.stdout.write(`${values.json ? JSON.stringify(built, undefined, 2) : lines.join('\n')}\n`);
}

await main();
