import type {Script} from '../base/script.ts';
import {sh} from './sh.ts';

/** Where a host keeps a seal for each large file that was sent: then it need not be read again to know its digest. */
export const SEALS = '/var/lib/provision/seals';
/** Below that reading the file is as quick as finding its seal. */
const LARGE_BYTES = 1 << 20;

/**
 * `seal PATH SHA256 NAME`: remembers the digest of a file, with what the kernel changes at every change of it: size,
 * inode and time of change. File systems keep these behind the content: where a failing power took the one, it took
 * the other. Who may not write there leaves none, and the file is read each time.
 */
export const sealing = (folder: string): Script => sh`seal() {
  case $1 in *'
'*) return ;; esac
  [ "$(stat -L -c %s -- "$1")" -ge ${LARGE_BYTES} ] || return 0
  {
    (umask 022 && mkdir -p ${folder}) &&
      printf '%s %s\\n' "$2" "$(stat -L -c '%s %i %z=%n' -- "$1")" >${folder}/.new-"$3" &&
      mv -f ${folder}/.new-"$3" ${folder}/"$3"
  } 2>/dev/null || :
}`;

/**
 * `digests PATH…` prints a line for each, in order, as sha256sum does. What has an unbroken seal is not read.
 */
export const digests = (folder: string): Script => sh`unbroken() {
  now=$(for seal in ${folder}/*; do
    read -r line <"$seal" && printf '%s\\0' "\${line#*=}"
  done 2>/dev/null | xargs -0 -r stat -L -c '%s %i %z=%n' -- 2>/dev/null)
  for seal in ${folder}/*; do
    read -r line <"$seal" || continue
    case "
$now
" in *"
\${line#* }
"*) printf '%s\\n%s\\n' "\${line#*=}" "\${line%% *}" ;; esac
  done 2>/dev/null
}
digests() {
  if [ -z "$unbroken" ]; then sha256sum -- "$@"; return; fi
  # A file that vanished has no line, and all behind it would get the line of another.
  read_ones=$(unsealed "$@") || { sha256sum -- "$@"; return; }
  for path; do
    digest_of "$path" && continue
    printf '%s\\n' "\${read_ones%%
*}"
    read_ones=\${read_ones#*
}
  done
}
unsealed() {
  for path; do
    shift
    digest_of "$path" >/dev/null || set -- "$@" "$path"
  done
  [ $# = 0 ] || sha256sum -- "$@"
}
digest_of() {
  case $unbroken in *"
$1
"*) ;; *) return 1 ;; esac
  found=\${unbroken#*"
$1
"}
  printf '%s\\n' "\${found%%
*}"
}
unbroken=
[ ! -d ${folder} ] || unbroken="
$(unbroken)
"
[ "$unbroken" != '

' ] || unbroken=`;

/** The digest in such a line. A backslash before it marks a name that GNU has escaped. */
export const digestIn = (line: string): string => line.replace('\\', '').slice(0, 64);
