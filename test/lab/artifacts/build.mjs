#!/usr/bin/env node
// Downloads or builds what lab hosts run, into a cache that is addressed by content. README.md tells how to use it.
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {sha256} from './archive.mjs';
import {ARCH, CACHE, HERE, digestOf, readIndex, remember, writeWhole} from './cache.mjs';
import {downloaded, publishedInputs} from './downloads.mjs';
import {inputsOfSource} from './compile.mjs';
import {inputsOfLayer} from './debian.mjs';
import {forArch, packed} from './pack.mjs';
import {RECIPES} from './recipes.mjs';
import {variablesOf} from './variables.mjs';

/** @typedef {import('./recipes.mjs').Recipe} Recipe */
/** @typedef {import('./cache.mjs').Built} Built */

/** The file of the lab's inventory for each set. */
const LAB_VARIABLES = {runtime: 'artifacts.yaml', kubernetes: 'artifacts-kubernetes.yaml'};
const LAB_FOLDER = join(HERE, '../../../inventories/lab/group_vars/all');

/** @param {string} line */
const report = (line) => void process.stderr.write(`${line}\n`);

/**
 * Changes with everything that decides what comes out.
 * @param {Recipe} recipe
 */
function inputsOf(recipe) {
  const contents = Object.values(recipe.image?.files ?? {});
  const sources = [recipe, ...contents].flatMap(({source}) => (source === undefined ? [] : [inputsOfSource(source)]));
  const layer = recipe.image?.debian && inputsOfLayer(recipe.image.debian);
  const packer = ['archive.mjs', 'pack.mjs'].map((name) => sha256(readFileSync(join(HERE, name))));
  return digestOf([JSON.stringify(recipe, withoutWords), sources, layer, packer, ARCH]);
}

/**
 * What the inventory is told decides nothing about bytes.
 * @param {string} key
 * @param {unknown} value
 */
const withoutWords = (key, value) => (WORDS.has(key) ? undefined : value);
const WORDS = new Set(['tells', 'states', 'variables', 'published']);

/**
 * What is there and was made from the same inputs is not made again. What is published, and was not built before, is
 * downloaded wherever it can be.
 * @param {readonly Recipe[]} recipes
 * @param {{readonly force: boolean, readonly download: boolean, readonly more: readonly string[]}} options
 * @returns {Promise<readonly Built[]>}
 */
async function present(recipes, {force, download, more}) {
  const before = new Map(force ? [] : recipes.map((recipe) => [recipe.name, remembered(recipe)]));
  const absent = recipes.filter(({name}) => !before.get(name));
  const had = download ? await downloaded(absent, {report, more}) : new Map();
  for (const built of had.values()) remember(built);
  const all = [];
  for (const recipe of recipes)
    all.push(before.get(recipe.name) ?? had.get(recipe.name) ?? (await made(recipe, force)));
  return all;
}

/**
 * A download is looked for first: to know whether a build is the same needs a compiler.
 * @param {Recipe} recipe
 */
function remembered(recipe) {
  const known = readIndex().find((each) => each.name === recipe.name && existsSync(each.path));
  const inputs = known?.published ? publishedInputs : inputsOf;
  return known && known.inputs === inputs(recipe) ? known : undefined;
}

/**
 * @param {Recipe} recipe
 * @param {boolean} force
 * @returns {Promise<Built>}
 */
async function made(recipe, force) {
  report(`packing ${recipe.name} ${recipe.version} (${ARCH})`);
  const built = {...stored(recipe, await packed(recipe, {report, force})), inputs: inputsOf(recipe)};
  remember(built);
  return built;
}

/**
 * @param {Recipe} recipe
 * @param {Uint8Array} content
 */
function stored({name, version, file, image}, content) {
  const digest = sha256(content);
  const path = join(CACHE, 'sha256', digest);
  if (!existsSync(path)) writeWhole(path, content);
  const reference = image && {reference: image.reference};
  return {name, version, arch: ARCH, file: forArch(file), sha256: digest, size: content.length, path, ...reference};
}

/**
 * A part of a set says nothing about the rest of it, so it leaves the inventory alone.
 * @param {readonly Built[]} built
 * @param {{readonly only?: readonly string[], readonly vars?: string}} options
 */
function tell(built, {only, vars}) {
  if (vars !== undefined) return writeWhole(vars, variablesOf(built));
  if (only !== undefined) return;
  for (const [set, file] of Object.entries(LAB_VARIABLES)) {
    const names = new Set(RECIPES.filter((recipe) => recipe.set === set).map(({name}) => name));
    const its = built.filter(({name}) => names.has(name));
    if (its.length > 0) writeWhole(join(LAB_FOLDER, file), variablesOf(its));
  }
}

function options() {
  const {values} = parseArgs({
    options: {
      set: {type: 'string', default: 'runtime'},
      only: {type: 'string', multiple: true},
      vars: {type: 'string'},
      json: {type: 'boolean', default: false},
      force: {type: 'boolean', default: false},
      build: {type: 'boolean', default: process.env.LAB_ARTIFACTS === 'build'},
      'extra-vars': {type: 'string', short: 'e', multiple: true, default: []},
    },
  });
  if (!['runtime', 'kubernetes', 'all'].includes(values.set))
    throw new Error(`There is no set ${values.set}: runtime, kubernetes or all.`);
  const unknown = values.only?.find((name) => !RECIPES.some((recipe) => recipe.name === name));
  if (unknown !== undefined) throw new Error(`Nothing is called ${unknown}.`);
  return values;
}

async function main() {
  const values = options();
  if (!ARCH) throw new Error(`Nothing is known about how to build for ${process.arch}.`);
  const wanted = RECIPES.filter(({name, set}) =>
    values.only ? values.only.includes(name) : values.set === 'all' || values.set === set,
  );
  const more = values['extra-vars'].flatMap((each) => ['-e', each]);
  const built = await present(wanted, {force: values.force, download: !values.build, more});
  tell(built, values);
  const lines = built.map(({name, version, arch, sha256: digest}) => `${name} ${version} ${arch} sha256:${digest}`);
  process.stdout.write(`${values.json ? JSON.stringify(built, undefined, 2) : lines.join('\n')}\n`);
}

await main();
