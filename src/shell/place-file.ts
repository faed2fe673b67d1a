import {basename, extname} from 'node:path';
import type {Script} from '../base/script.ts';
import type {FileAttributes, FileSend, FileWrite} from '../model/step.ts';
import {sh} from './sh.ts';

/**
 * `place TEMP NAME OWNER:GROUP MODE`, both in the current directory, `./` in front: renames the first over the
 * second. Writes through a symbolic link, and in place only where the target is a mount point, as in containers:
 * that cannot be renamed over. `mv` would move a file into a directory of its name.
 */
export const placeFile: Script = sh`place() {
  _temp=$1 _to=$2
  if [ -d "$2" ]; then printf '%s is a directory\\n' "\${2#./}" >&2; return 1; fi
  if [ -L "$2" ]; then
    _to=$(readlink -f -- "$2" && echo .) || return
    _to=\${_to%??} _temp=\${_to%/*}/\${1#./}
    (umask 077; set -C; cat <"$1" >"$_temp") || { rm -f -- "$_temp"; return 1; }
    rm -f -- "$1"
    attributes "$3" "$4" "$_temp" || { rm -f -- "$_temp"; return 1; }
  fi
  if [ -e /sys/fs/selinux/enforce ] && [ -e "$_to" ]; then chcon --reference="$_to" -- "$_temp"; fi
  if ! mv -f -- "$_temp" "$_to" 2>/dev/null; then
    if mounted "$_to"; then cat <"$_temp" >"$_to" && attributes "$3" "$4" "$_to"
    else mv -f -- "$_temp" "$_to"; fi || { rm -f -- "$_temp"; return 1; }
    rm -f -- "$_temp"
  elif [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null; then restorecon -- "$_to"
  fi
}
attributes() {
  _owner=$1 _mode=$2
  shift 2
  chown -- "$_owner" "$@" && chmod -- "$_mode" "$@"
}
mounted() {
  case $1 in /*) _path=$1 ;; *) _path=$(pwd -P)/\${1#./} ;; esac
  grep -qF " $_path " /proc/self/mountinfo
}
backup() {
  [ ! -f "$1" ] || cp -p -- "$1" "$1.$(date -u +%Y%m%dT%H%M%SZ)~"
}
flush() { sync -- "$@" 2>/dev/null || :; }
clear_old() {
  for _old in ./.provision-*; do
    [ ! -f "$_old" ] || { find . -maxdepth 1 -type f -name '.provision-*' -mtime +0 -exec rm -f {} +; break; }
  done
}`;

/** Checkers of units and the like go by the extension. */
export const extensionOf = ({path, validate}: FileWrite | FileSend): string =>
  validate && /^\.\w{1,20}$/.test(extname(path)) ? extname(path) : '';

/** Ends the program where the check of a new file fails, and says which check it was. */
export function checkOf({path, validate}: FileWrite | FileSend, temp: string | Script): readonly Script[] {
  if (!validate) return [];
  const words = `The check of what was to be ${path} failed: ${validate(path).display}`;
  return [
    sh`( ${validate(temp)}
) </dev/null || { _code=$?; printf '%s\\n' ${words} >&2; exit "$_code"; }`,
  ];
}

export const backupOf = ({path, backup}: FileWrite | FileSend): readonly Script[] =>
  backup === true ? [sh`backup ${local(path)} || exit`] : [];

/** Never taken for an option, whatever it begins with. */
export const local = (path: string): string => `./${basename(path)}`;

/** For `chown`. */
export const ownership = ({owner, group}: FileAttributes): string => `${owner}:${group}`;
