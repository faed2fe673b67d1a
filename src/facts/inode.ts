import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {answers, lookByStat} from './look.ts';

const kind: FactKind<string> = {
  name: 'inode',
  summary: 'Device and inode of what is at a path: two names with one answer are one file.',
  program: (paths) => lookByStat(paths, sh`[ -e "$path" ] || [ -L "$path" ]`, sh`stat -c '%d:%i'`),
  parse: (output, paths) => answers(output, paths.length, (record) => record),
};

/** What tells whether two paths are names of one file. Symbolic links are not followed. */
export const inode = (path: string): FactQuery<string> => ({kind, key: path, subject: `path:${path}`});
