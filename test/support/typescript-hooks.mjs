import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';

/** Lets Node run the sources as they are, in processes of their own that a test can kill. */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  const compilerOptions = {module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true};
  const source = ts.transpileModule(text, {compilerOptions}).outputText;
  return {format: 'module', source, shortCircuit: true};
}
