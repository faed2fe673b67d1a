import {sh} from '../shell/sh.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {answers, look} from './look.ts';

const kind: FactKind<string> = {
  name: 'digest',
  summary: 'SHA-256 of the regular file at a path.',
  // GNU escapes odd names and marks that with a backslash, busybox prints them raw: neither gets past `grep`.
  program: (paths) =>
    look(paths, sh`[ -f "$path" ] && [ -r "$path" ]`, sh`sha256sum -- "$@" | grep -oE '^\\\\?[0-9a-f]{64} '`),
  parse: (output, paths) => answers(output, paths.length, (record) => record.replace('\\', '').trim()),
};

/** SHA-256 of a regular file's content, hex. Symbolic links are followed. */
export const digest = (path: string): FactQuery<string> => ({kind, key: path, subject: `path:${path}`});
