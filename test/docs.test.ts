import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadProject} from '../src/compile/project.ts';
import {Problems} from '../src/diagnostics/diagnostic.ts';
import {TempProject} from './support/project.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** As forges make them: small letters, no punctuation, hyphens for blanks. */
const anchorsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[(.*?)\]\(.*?\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** `page: target` for each link that leads nowhere. */
function deadLinks(page: string): readonly string[] {
  const targets = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    const [path = '', anchor] = target.split('#');
    const found = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, found))) return true;
    return anchor !== undefined && !anchorsOf(found).includes(anchor);
  });
}

test.each(PAGES)('every link in %s leads somewhere', (page) => {
  expect(deadLinks(page)).toEqual([]);
});

describe('every whole inventory in the documents', () => {
  const inventories = ['README.md', 'docs/getting-started.md', 'docs/inventory.md'].flatMap((page) =>
    [...textOf(page).matchAll(/```yaml\n((?:# .*\n)?all:\n[\s\S]*?)```/g)].map(
      ([, text = ''], index) => [page, index, text] as const,
    ),
  );

  test('is found', () => {
    expect(inventories.length).toBeGreaterThan(3);
  });

  test.each(inventories)('compiles without a word: %s, number %d', async (_, __, text) => {
    await using project = await TempProject.of({'inventory.yaml': text});
    const problems = new Problems();
    const loaded = await loadProject(
      {inventoryPaths: [project.path('inventory.yaml')], extraVars: []},
      problems,
    );
    expect(problems.all.map(({code, detail}) => `${code} ${detail}`)).toEqual([]);
    expect(loaded?.graph).toBeDefined();
  });
});
