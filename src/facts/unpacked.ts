import {basename} from 'node:path';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {recordsOf, untilEmpty} from './records.ts';

/** What was unpacked into a directory, by the stamp that its unpacking left. */
export interface Unpacked {
  /** What identifies archive and options. */
  readonly identity: string;
  /** Whether all members are still as they were unpacked. */
  readonly intact: boolean;
  /** What it brought, below the directory; directories are not among them. */
  readonly members: readonly string[];
}

/**
 * Prints what tells whether the members listed in a file are as before: `quick` by what the kernel keeps of every
 * change, `full` by content. Both are compared with what the same tools printed on the same host.
 */
export const MEASURE = sh`quick() { xargs -0 -r stat -c '%f %u %g %s %z %i %N' -- <"$1" 2>/dev/null; }
full() {
  xargs -0 -r stat -c '%f %u %g %N' -- <"$1" 2>/dev/null
  xargs -0 -r sha256sum -- <"$1" 2>/dev/null
  :
}`;

const kind: FactKind<Unpacked> = {
  name: 'unpacked',
  summary: 'What an `archive` task unpacked into a directory, and whether it is all there as it was.',
  program: (keys) => sh`${MEASURE}
intact() {
  cd -- "$2" 2>/dev/null || return
  quick "$1/members" | cmp -s - "$1/quick" || full "$1/members" | cmp -s - "$1/proof"
}
unpacked() {
  if [ -r "$1/archive" ]; then
    printf '='; cat "$1/archive"
    if (intact "$1" "$2"); then printf ' intact\\0'; else printf ' altered\\0'; fi
    cat "$1/members"; printf '\\0'
  elif [ -e "$1/archive" ] || { [ -d "$1" ] && [ ! -x "$1" ]; }; then printf 'hidden\\0\\0'
  else printf 'absent\\0\\0'
  fi
}
${lines(keys.map((key) => sh`unpacked ${partsOf(key)}`))}`,
  parse(output, keys) {
    const next = recordsOf(output).values();
    return keys.map(() => answerOf(untilEmpty(next)));
  },
};

/** A word or an identity, then the members, each behind `./`. */
function answerOf([first = '', ...members]: readonly string[]): Answer<Unpacked> {
  if (first === 'absent') return ABSENT;
  if (!first.startsWith('=')) return unknown(first === 'hidden' ? 'no permission' : 'no answer');
  const [identity = '', word] = first.slice(1).split(/\s+/);
  return known({identity, intact: word === 'intact', members: members.map((each) => each.slice(2)).sort()});
}

/** `unpacked` made the key. */
function partsOf(key: string): readonly string[] {
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? parts.map(String) : [];
}

/** Where an archive is unpacked before its members are put into place: a name of its own in the directory. */
export const workOf = (stamp: string, dest: string): string => `${dest}/.unpack-${basename(stamp)}`;

/**
 * What was unpacked into `dest`, by the stamp in the directory `stamp`. Absent while nothing was. The subject is not
 * the directory with all in it: what other tasks put beside the members is no matter, that it all goes is.
 */
export const unpacked = (stamp: string, dest: string): FactQuery<Unpacked> => ({
  kind,
  key: JSON.stringify([stamp, dest]),
  subject: `path:${workOf(stamp, dest)}`,
});
