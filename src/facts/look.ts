import type {Script} from '../base/script.ts';
import {sh} from '../shell/sh.ts';
import {ABSENT, known, unknown, type Answer} from '../model/answer.ts';

/**
 * Looks at many paths with one run of a tool: first a word for each path, then a value for each that is
 * `there`, all ended by NUL. `tool` gets the paths as "$@" and prints a line for each, without its name:
 * names hold anything.
 */
export function look(paths: readonly string[], there: Script, tool: Script): Script {
  return sh`hidden() {
  at=$1
  until [ -e "$at" ]; do [ ! -L "$at" ] || return 0; at=\${at%/*}; at=\${at:-/}; done
  [ -d "$at" ] && [ ! -x "$at" ]
}
look() {
  for path; do
    shift
    if ${there}; then printf 'there\\0'; set -- "$@" "$path"
    elif [ -f "$path" ] || hidden "$path"; then printf 'hidden\\0'
    else printf 'absent\\0'
    fi
  done
  [ $# = 0 ] || ${tool} | tr '\\n' '\\0'
}
look ${paths}`;
}

/** Reads what `look` printed, by index. */
export function answers<Value>(
  output: Uint8Array,
  count: number,
  read: (record: string) => Value,
): readonly Answer<Value>[] {
  const records = new TextDecoder().decode(output).split('\0').slice(0, -1);
  const words = records.slice(0, count);
  const values = records.slice(count);
  if (values.length !== words.filter((word) => word === 'there').length) {
    return words.map(() => unknown('the files changed while they were looked at'));
  }
  const next = values.values();
  return words.map((word) => {
    if (word === 'there') return known(read(next.next().value ?? ''));
    return word === 'absent' ? ABSENT : unknown('no permission');
  });
}
