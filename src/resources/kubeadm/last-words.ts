import type {Script} from '../../base/script.ts';
import {sh} from '../../shell/sh.ts';

/**
 * Why static pods do not get ready: `logs_of POD PATTERN FILE [HASH]` lists their logs that are newer than a file, without
 * those of the pod with this hash, and `last_words` of the same prints the end of the last one. A container has a log for
 * each time that it was started, counted from 0.
 */
export const lastWords: Script = sh`logs_of() {
  find /var/log/pods/kube-system_"$1"-*/"$1" -name "$2" -newer "$3" ! -path "*_\${4:-none}/*" 2>/dev/null
}
last_words() {
  last=$(logs_of "$@" | xargs -r ls -t | head -n 1)
  [ -z "$last" ] || { echo "The last words of $1:" && tail -n 5 -- "$last" | sed 's/^[^ ]* std[a-z]* [FP] //'; }
}`;

/** The logs of a container that has ended three times, and will again. */
export const STARTED_OFTEN = '[3-9].log';
