import {onceForAlike} from '../base/once-for-alike.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {digestIn, digests, SEALS} from '../shell/seals.ts';
import {sh} from '../shell/sh.ts';
import {answers, inLines, inRecords, look} from './look.ts';

const THERE = sh`[ -f "$path" ] && [ -r "$path" ]`;
/**
 * What is no regular file may never end: it is not read. GNU writes each line alone, and records by the block; busybox
 * knows no records.
 */
const QUICK = sh`for path; do { ${THERE}; } || return; done
  if [ "$unbroken" ]; then ${inLines(sh`digests "$@"`)}
  else ${inRecords(sh`sha256sum -z -- "$@" 2>/dev/null`)}; fi`;
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
      : sh`${digests(SEALS)}\n${look(paths, THERE, sh`digests "$@"`, QUICK)}`,
  ),
  parse: (output, paths) => answers(output, paths.length, digestIn),
};

/** SHA-256 of a regular file's content, hex. Symbolic links are followed. */
export const digest = (path: string): FactQuery<string> => ({kind, key: path, subject: `path:${path}`});
