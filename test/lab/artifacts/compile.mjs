// Programs from modules. What was compiled from the same inputs is not compiled again.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {sha256} from './archive.mjs';
import {ARCH, CACHE, HERE, digestOf} from './cache.mjs';
import {SOURCES} from './programs.mjs';

/**
 * Changes with everything that decides what the programs of a source are.
 * @param {string} source
 */
export function inputsOfSource(source) {
  const {folder} = SOURCES[source];
  const files = readdirSync(join(HERE, folder)).toSorted();
  const digests = files.map((name) => `${name} ${sha256(readFileSync(join(HERE, folder, name)))}`);
  return digestOf([SOURCES[source], digests, ARCH, usesGo(source) && goVersion()]);
}

/** A C program that lies here needs none.
 * @param {string} source
 */
const usesGo = (source) => SOURCES[source].c === undefined || SOURCES[source].c.module !== undefined;

/** @type {string | undefined} */
let version;
function goVersion() {
  if (version === undefined && spawnSync('go', ['version']).error)
    throw new Error('What lab hosts run cannot be downloaded from here, and to build it Go has to be installed: README.md says which.');
  return (version ??= go(HERE, ['env', 'GOVERSION']));
}

/**
 * The folder that holds the programs of a source.
 * @param {string} source
 * @param {(line: string) => void} report
 */
export function programsOf(source, report) {
  const folder = join(CACHE, 'programs', inputsOfSource(source));
  if (existsSync(folder)) return folder;
  report(`compiling ${source}`);
  mkdirSync(join(CACHE, 'programs'), {recursive: true});
  const part = mkdtempSync(join(CACHE, 'programs', '.part-'));
  try {
    compile(source, part);
    return settled(part, folder);
  } finally {
    rmSync(part, {recursive: true, force: true});
  }
}

/**
 * Complete or not there; another builder may have been quicker.
 * @param {string} part
 * @param {string} folder
 */
function settled(part, folder) {
  try {
    renameSync(part, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/**
 * @param {string} source
 * @param {string} out
 */
function compile(source, out) {
  const {folder, ldflags = '', tags = [], cgo, c} = SOURCES[source];
  if (c) {
    const from = c.module === undefined ? join(HERE, folder) : moduleFolder(folder, c.module);
    return compileC(join(out, source), [...c.flags, join(from, c.file)]);
  }
  const what = existsSync(join(HERE, folder, 'main.go')) ? '.' : 'tool';
  const flags = ['-mod=readonly', '-trimpath', '-tags', tags.join(','), '-ldflags', `-s -w -buildid= ${ldflags}`];
  go(join(HERE, folder), ['build', ...flags, '-o', `${out}/`, what], {CGO_ENABLED: cgo ? '1' : '0', GOOS: 'linux'});
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
const compileC = (program, args) => void polite(HERE, ['cc', '-o', program, ...args]);

/**
 * Where Go keeps a module's published files.
 * @param {string} folder
 * @param {string} module
 */
export function moduleFolder(folder, module) {
  go(join(HERE, folder), ['mod', 'download', module]);
  return go(join(HERE, folder), ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', module]);
}

/**
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 */
const go = (folder, args, env = {}) => polite(folder, ['go', ...args], {GOFLAGS: '-buildvcs=false', ...env});

/**
 * Others may be measuring on this machine.
 * @param {string} cwd
 * @param {readonly string[]} argv
 * @param {Readonly<Record<string, string>>} [env]
 */
export function polite(cwd, argv, env = {}) {
  const options = {cwd, env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'inherit']};
  return execFileSync('nice', ['-n', '19', ...argv], options).toString().trim();
}
