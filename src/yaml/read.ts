import {readFile, stat} from 'node:fs/promises';
import {isAbsolute, relative} from 'node:path';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';

/** Far above any inventory that people write; below what would make the program run out of memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file's text, or a diagnostic that says why there is none. */
export async function readSource(path: string, problems: Problems): Promise<Source | undefined> {
  try {
    const {size} = await stat(path);
    if (size > MAX_BYTES) throw new Error(`It has ${size} bytes; more than ${MAX_BYTES} are refused.`);
    return {file: shownPath(path), text: decode(await readFile(path))};
  } catch (error) {
    problems.report('E101', {detail: `"${shownPath(path)}" cannot be read: ${reasonOf(error)}`});
    return undefined;
  }
}

/** As people name it: relative where it lies below the working directory. */
export function shownPath(path: string): string {
  if (!isAbsolute(path)) return path;
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    throw new Error('It is not text in UTF-8.');
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EACCES: 'Permission is denied.',
  EISDIR: 'It is a directory.',
  ENOTDIR: 'A part of its path is not a directory.',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return REASONS[code] ?? error.message;
}
