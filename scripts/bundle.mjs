// The second half of `npm run build`: the program as few files, with what it imports. Each file that need not be
// found, read and linked is time that every start takes; see docs/adr/0009.
import {rmSync} from 'node:fs';
import {build} from 'esbuild';

/** Two folders below the package, as the sources and what the compiler makes: roles are looked up from there. */
const FOLDER = 'dist/bin';
/** What libraries that are no ES modules expect to find. */
const COMMON_JS = `import {createRequire} from 'node:module';
const require = createRequire(import.meta.url), __dirname = import.meta.dirname;`;

rmSync(FOLDER, {recursive: true, force: true});
await build({
  entryPoints: {provision: 'dist/cli/main.js'},
  outdir: FOLDER,
  bundle: true,
  splitting: true, // What is imported late stays so.
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['cpu-features', '*.node'], // ssh2 does without both.
  banner: {js: COMMON_JS},
  logLevel: 'warning',
});
