// What the lab's inventory is told about what was built.
import {RECIPES} from './recipes.mjs';

/**
 * Where each file is and what its digest is, as the roles ask for it; images are found by their reference.
 * @param {readonly import('./cache.mjs').Built[]} built
 */
export function variablesOf(built) {
  const files = built.flatMap((each) => {
    const variables = recipeOf(each.name)?.variables;
    if (variables === undefined) return [];
    return [`${variables}_src: ${JSON.stringify(each.path)}`, `${variables}_checksum: ${each.sha256}`];
  });
  const names = Object.entries(Object.assign({}, ...built.map(toldOf)));
  const told = names.map(([name, value]) => `${name}: ${value}`);
  const images = built.filter(({name}) => name.startsWith('image-')).map(imageLine);
  const archives = images.length > 0 ? ['image_archives:', ...images] : [];
  return ['# Written by test/lab/artifacts/build.mjs: downloads and local builds, by digest.', ...told, ...files, ...archives, ''].join('\n');
}

/** @param {import('./cache.mjs').Built} built */
const toldOf = ({name, published}) => ({...recipeOf(name)?.states, ...(!published && recipeOf(name)?.tells)});

/** @param {string} wanted */
const recipeOf = (wanted) => RECIPES.find(({name}) => name === wanted);

/** @param {import('./cache.mjs').Built} built */
const imageLine = ({reference, path, sha256}) => `  ${reference}: ${JSON.stringify({src: path, sha256})}`;
