import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {answers, lookWith} from './look.ts';

const kind: FactKind<string> = {
  name: 'readlink',
  summary: 'Where the symbolic link at a path points to, as it was written.',
  // busybox reads one link a run, and cannot end it with NUL.
  program: (paths) =>
    lookWith(
      paths,
      {there: sh`[ -L "$path" ]`, notThere: sh`[ -e "$path" ]`},
      sh`readlink -z -- "$@" 2>/dev/null || for path; do
    target=$(readlink -- "$path"; echo .); printf '%s\\0' "\${target%??}"
  done`,
    ),
  parse: (output, paths) => answers(output, paths.length, (record) => record),
};

/** The text of a symbolic link. Absent where there is no link. */
export const readlink = (path: string): FactQuery<string> => ({kind, key: path, subject: `path:${path}`});
