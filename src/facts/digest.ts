import type {FactKind, FactQuery} from '../model/fact.ts';
import {digestIn, digests, SEALS} from '../shell/seals.ts';
import {sh} from '../shell/sh.ts';
import {answers, look} from './look.ts';
import {onceForAlike} from './once-for-alike.ts';

const THERE = sh`[ -f "$path" ] && [ -r "$path" ]`;
/** What is no regular file may never end: it is not read. */
const BARE = sh`for path; do { ${THERE}; } || exit; done; digests "$@"`;
/** GNU escapes odd names and marks that with a backslash, busybox prints them raw: neither gets past `grep`. */
const ALONE = sh`sha256sum -- "$@" | grep -oE '^\\\\?[0-9a-f]{64} '`;

/** What busybox would print in more lines than one. */
const isOdd = (path: string): boolean => path.includes('\n');

const kind: FactKind<string> = {
  name: 'digest',
  summary: 'SHA-256 of the regular file at a path.',
  program: onceForAlike((paths) =>
    paths.some(isOdd)
      ? look(paths, THERE, ALONE)
      : sh`${digests(SEALS)}\n${look(paths, THERE, sh`digests "$@"`, BARE)}`,
  ),
  parse: (output, paths) => answers(output, paths.length, digestIn),
};

/** SHA-256 of a regular file's content, hex. Symbolic links are followed. */
export const digest = (path: string): FactQuery<string> => ({kind, key: path, subject: `path:${path}`});
