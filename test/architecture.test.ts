import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';
import {expect, test} from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SRC = join(ROOT, 'src');

interface FolderRule {
  /** Of our own folders, beside itself. */
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

const NOUNS = ['base', 'diagnostics', 'model', 'yaml', 'expression'];
const ENGINE = ['base', 'diagnostics', 'model', 'graph', 'shell', 'resources', 'facts'];

/** Who may import whom: the table of ARCHITECTURE.md. */
const TABLE: Readonly<Record<string, FolderRule>> = {
  base: {folders: [], packages: []},
  diagnostics: {folders: ['base'], packages: []},
  model: {folders: ['base', 'diagnostics'], packages: []},
  yaml: {folders: ['base', 'diagnostics'], packages: ['yaml', 'ajv', 'ajv-formats']},
  expression: {
    folders: ['base', 'diagnostics', 'model', 'yaml'],
    packages: ['handlebars', '@marcbachmann/cel-js', 'ipaddr.js'],
  },
  graph: {folders: ['base'], packages: []},
  shell: {folders: ['base', 'model'], packages: []},
  facts: {folders: ['base', 'model', 'shell'], packages: []},
  resources: {folders: ['base', 'model', 'shell', 'facts', 'yaml', 'expression'], packages: []},
  brackets: {folders: ['base', 'model', 'shell', 'facts'], packages: []},
  inventory: {folders: NOUNS, packages: []},
  variables: {folders: [...NOUNS, 'inventory'], packages: []},
  catalog: {folders: NOUNS, packages: []},
  compile: {
    folders: [...NOUNS, 'graph', 'facts', 'resources', 'brackets', 'inventory', 'variables', 'catalog'],
    packages: [],
  },
  observe: {folders: ENGINE, packages: ['p-limit']},
  plan: {folders: [...ENGINE, 'observe'], packages: ['p-limit']},
  execute: {folders: [...ENGINE, 'observe', 'plan'], packages: ['p-limit']},
  transport: {folders: ['base', 'model', 'shell'], packages: ['ssh2']},
  artifacts: {folders: ['base', 'diagnostics', 'model'], packages: []},
  report: {folders: ['base', 'diagnostics', 'model'], packages: ['listr2']},
  lab: {folders: ['base', 'diagnostics'], packages: []},
  'role-tests': {
    folders: [
      ...NOUNS,
      'facts',
      'resources',
      'brackets',
      'inventory',
      'variables',
      'catalog',
      'compile',
      'shell',
      'observe',
      'execute',
      'report',
    ],
    packages: [],
  },
};

/** The one place that knows everything. */
const WIRING = 'cli';
const WIRING_PACKAGES = ['commander', 'p-limit'];

/** Importable from one folder only. */
const PRIVATE: Readonly<Record<string, string>> = {lab: WIRING, 'role-tests': WIRING, cli: WIRING};

const files = readdirSync(SRC, {recursive: true, encoding: 'utf8'})
  .filter((file) => file.endsWith('.ts'))
  .toSorted();

interface Import {
  readonly file: string;
  readonly folder: string;
  /** A folder of ours, or the name of a package. */
  readonly target: string;
  readonly isOurs: boolean;
}

const imports = files.flatMap((file) =>
  specifiersOf(file)
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) => importOf(file, specifier)),
);

function specifiersOf(file: string): readonly string[] {
  const info = ts.preProcessFile(readFileSync(join(SRC, file), 'utf8'), true, true);
  return info.importedFiles.map(({fileName}) => fileName);
}

function importOf(file: string, specifier: string): Import {
  const folder = folderOf(file);
  if (specifier.startsWith('.')) {
    return {file, folder, target: folderOf(normalize(join(dirname(file), specifier))), isOurs: true};
  }
  const parts = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return {file, folder, target: parts.join('/'), isOurs: false};
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function isAllowed({folder, target, isOurs}: Import): boolean {
  if (folder === target) return true;
  const only = isOurs ? PRIVATE[target] : undefined;
  if (only !== undefined) return folder === only;
  if (folder === WIRING) return isOurs || WIRING_PACKAGES.includes(target);
  const rule = TABLE[folder];
  return (isOurs ? rule?.folders : rule?.packages)?.includes(target) ?? false;
}

test('every folder is in the import table', () => {
  const folders = new Set(files.map(folderOf));
  expect([...folders].filter((folder) => folder !== WIRING && !(folder in TABLE))).toEqual([]);
});

test('every import is in the table', () => {
  const wrong = imports
    .filter((each) => !isAllowed(each))
    .map(({file, target}) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

test('no import leaves the sources', () => {
  const outside = imports.filter(({target, isOurs}) => isOurs && (target === '..' || target === ''));
  expect(outside).toEqual([]);
});

test('the import table stands in ARCHITECTURE.md', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const missing = Object.keys(TABLE).filter((folder) => !text.includes(`\`src/${folder}\``));
  expect(missing).toEqual([]);
});

/** The engine moves facts and changes; what they are about is none of its business. */
const ENGINE_FOLDERS = ['graph', 'observe', 'plan', 'execute'];
const DOMAIN = /kube|etcd|systemd|systemctl|\bapt\b|\bdnf\b|containerd/i;

test('the engine holds no word of the domain', () => {
  const found = files
    .filter((file) => ENGINE_FOLDERS.includes(folderOf(file)))
    .flatMap((file) => linesOf(file).filter(({text}) => DOMAIN.test(text)));
  expect(found.map(({place, text}) => `${place}: ${text.trim()}`)).toEqual([]);
});

function linesOf(file: string): readonly {readonly place: string; readonly text: string}[] {
  const lines = readFileSync(join(SRC, file), 'utf8').split('\n');
  return lines.map((text, index) => ({place: `${file}:${index + 1}`, text}));
}

test('file names are in kebab-case', () => {
  const odd = files.filter((file) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)+[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(file));
  expect(odd).toEqual([]);
});

const LONGEST = 250;

/** Files that were looked at again and are one thing all the same, with the reason. */
const LONGER_ON_PURPOSE: Readonly<Record<string, string>> = {};

const isLong = (file: string): boolean => linesOf(file).length > LONGEST + 1;

test('no file has grown too long to be read in one go', () => {
  const long = files.filter((file) => isLong(file) && !(file in LONGER_ON_PURPOSE));
  expect(long.map((file) => `${file}: ${linesOf(file).length} lines`)).toEqual([]);
});

test('no file is excused that needs no excuse', () => {
  const excused = Object.keys(LONGER_ON_PURPOSE).filter((file) => !files.includes(file) || !isLong(file));
  expect(excused).toEqual([]);
});

/** Without empty lines and comments. For scale: OpenTofu's graph alone has 2,000. */
const MOST_KERNEL_CODE = 3_000;

test('the kernel stays small', () => {
  const kernel = files.filter((file) => ENGINE_FOLDERS.includes(folderOf(file)));
  const code = kernel.flatMap(linesOf).filter(({text}) => !/^\s*($|\/\/|\/\*|\*)/.test(text));
  expect(code.length).toBeLessThan(MOST_KERNEL_CODE);
});

test('nothing is left for later in the sources', () => {
  const marks = /\b(TODO|FIXME|XXX|HACK)\b/;
  const found = files.flatMap((file) => linesOf(file).filter(({text}) => marks.test(text)));
  expect(found.map(({place}) => place)).toEqual([]);
});

test('tests lie where the sources lie', () => {
  const known = new Set([...files.map(folderOf), 'support', 'fixtures']);
  const folders = readdirSync(join(ROOT, 'test'), {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .map(({name}) => relative(ROOT, join(ROOT, name)));
  expect(folders.filter((folder) => !known.has(folder))).toEqual([]);
});
