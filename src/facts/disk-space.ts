import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {oneEach} from './records.ts';

/** The file system that a path is on, or would be on. */
export interface DiskSpace {
  /** What users other than root may still fill, in MiB. */
  readonly free_mb: number;
  readonly total_mb: number;
  /** How many files can still be made; null where the file system does not count them. */
  readonly free_inodes: number | null;
}

const kind: FactKind<DiskSpace> = {
  name: 'disk_space',
  summary:
    'What is free where a path is, or would be: `free_mb`, `total_mb`, and `free_inodes` where they are counted.',
  // Any change may take some.
  derived: true,
  program: (paths) => sh`space() {
  for at; do
    # The nearest that is there.
    until [ -e "$at" ]; do at=\${at%/*}; at=\${at:-/}; done
    if [ -d "$at" ] && [ ! -x "$at" ]; then printf 'hidden\\0'
    else printf '%s\\0' "$(stat -f -c '%S %a %b %d %c' "$at")"
    fi
  done
}
space ${paths}`,
  parse: oneEach(answerOf),
};

const MIB = 1024 * 1024;

function answerOf(record = ''): Answer<DiskSpace> {
  if (record === 'hidden') return unknown('no permission');
  const numbers = record.split(' ').map(Number);
  const [block, free, total, freeFiles, files] = numbers;
  if (block === undefined || free === undefined || total === undefined || numbers.some(Number.isNaN))
    return unknown('the file system told nothing');
  return known({
    free_mb: Math.floor((free * block) / MIB),
    total_mb: Math.floor((total * block) / MIB),
    free_inodes: files ? (freeFiles ?? null) : null,
  });
}

/** What is free on the file system of an absolute path, which need not be there. */
export const diskSpace = (path: string): FactQuery<DiskSpace> => ({
  kind,
  key: path,
  subject: `disk:${path}`,
});
