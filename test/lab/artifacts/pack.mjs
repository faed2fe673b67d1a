// From programs to what is released: a file, an archive, an image.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipOf, ociImageOf, tarOf} from './archive.mjs';
import {ARCH} from './cache.mjs';
import {moduleFolder, programsOf} from './compile.mjs';
import {layerOf} from './debian.mjs';

/**
 * @typedef {object} Means
 * @property {(line: string) => void} report
 * @property {boolean} force makes layers anew
 */

/**
 * @param {import('./recipes.mjs').Recipe} recipe
 * @param {Means} means
 * @returns {Promise<Uint8Array>}
 */
export async function packed(recipe, means) {
  if (recipe.pack === 'image') return image(recipe.image, means);
  const programs = programsOf(recipe.source, means.report);
  return recipe.pack === 'file' ? readFileSync(join(programs, recipe.program)) : archive(recipe, programs);
}

/** @param {string} text */
export const forArch = (text) => text.replaceAll('ARCH', ARCH);

/**
 * @param {import('./recipes.mjs').Recipe} recipe
 * @param {string} programs
 */
async function archive({prefix = '', names = {}}, programs) {
  const members = readdirSync(programs).map((program) => ({
    name: `${forArch(prefix)}${names[program] ?? program}`,
    content: readFileSync(join(programs, program)),
    mode: 0o755,
  }));
  return gzipOf(await tarOf(members));
}

/**
 * @param {import('./images.mjs').Image} wanted
 * @param {Means} means
 */
async function image({reference, debian, files, links = {}, open = [], config}, means) {
  const own = await tarOf([
    ...Object.entries(files).map(([name, content]) => ({name, ...fileOf(content, means)})),
    ...Object.entries(links).map(([name, target]) => ({name, target, mode: 0o777})),
    ...open.map((name) => ({name, mode: 0o1777})),
  ]);
  const layers = debian ? [layerOf(debian, means), own] : [own];
  return ociImageOf({reference, arch: ARCH, layers, config: {Env: [PATH], ...config}});
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * @param {import('./images.mjs').Content} content
 * @param {Means} means
 */
function fileOf(content, {report}) {
  if ('text' in content) return {content: Buffer.from(content.text), mode: 0o644};
  if ('source' in content)
    return {content: readFileSync(join(programsOf(content.source, report), content.program)), mode: 0o755};
  return {content: readFileSync(join(moduleFolder(content.folder, content.module), content.published)), mode: 0o644};
}
